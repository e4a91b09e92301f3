"""Whether a change makes a figure worse than gate.yaml allows.

Where both sides were measured on the same examples, a figure fails only if it lost more than is
allowed and McNemar's test does not put that down to chance; where they were not, it is called not
comparable, as no test can tell a worse model from harder examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from palisade.report.comparison import Base
from palisade.review import sides
from palisade.review.failures import MissingFigure, NothingToCompare, ReviewError, Worse
from palisade.review.limits import Gate, Limit
from palisade.review.pairs import Pairs
from palisade.review.verdicts import pairs_of

WORSE, MISSING = "worse than allowed", "missing"
UNSURE, WITHIN = "worse, but not surely", "worse, within what is allowed"
BETTER, SAME, NEW = "better", "the same", "new"
REMOVED, APART = "its task was removed", "not comparable"
FAILING = (WORSE, MISSING)
ORDER = (WORSE, MISSING, UNSURE, WITHIN, APART, REMOVED, NEW, BETTER, SAME)
NOISE = 1e-9  # of the last digits of a float; no figure means as little


@dataclass(frozen=True)
class Outcome:
    """What became of one figure.

    Attributes:
        figure: its name.
        limit: the name of its limit.
        state: one of ``ORDER``.
        before, now: its values; None where there is none.
        tolerance: by how much it may get worse.
        pairs: its examples in pairs, where they are the same.
        why: why it cannot be compared, if so.
    """

    figure: str
    limit: str
    state: str
    before: float | None = None
    now: float | None = None
    tolerance: float | None = None
    pairs: Pairs | None = None
    why: str = ""

    @property
    def failing(self) -> bool:
        """Whether the gate fails by it."""
        return self.state in FAILING


def judge(gate: Gate, before: Base, now: Base) -> list[Outcome]:
    """Every figure that a limit covers, the worst outcomes first.

    Raises:
        NothingToCompare: Neither side has such a figure.
    """
    values = [sides.figures(side, gate) for side in (before, now)]
    names = sorted(values[0].keys() | values[1].keys())
    if not names:
        raise NothingToCompare(
            f"neither {before.name} nor this checkout has a figure that gate.yaml covers",
            "run `dvc repro` and commit metrics/",
        )
    found = [
        _outcome(name, gate, before, now, values[0].get(name), values[1].get(name))
        for name in names
    ]
    return sorted(found, key=lambda one: ORDER.index(one.state))


def refusal(outcomes: Sequence[Outcome], gate: Gate, base: str) -> ReviewError | None:
    """The error that the gate fails with; None if it passes."""
    worse = [one.figure for one in outcomes if one.state == WORSE]
    missing = [one.figure for one in outcomes if one.state == MISSING]
    if worse:
        return Worse(
            f"{_some(worse)} got worse than gate.yaml allows against {base}",
            "mend it, or allow it in gate.yaml and say why",
        )
    if missing:
        return MissingFigure(
            f"{_some(missing)} of {base} can no longer be found",
            "run `dvc repro` and commit metrics/, or take it out of gate.yaml and say why",
        )
    apart = sorted(_incomparable(outcomes))
    if apart and gate.when_not_comparable == "fail":
        return NothingToCompare(
            f"no figure of {_some(apart)} can be compared with {base}",
            "compare in two steps, or set when_not_comparable in gate.yaml to pass",
        )
    return None


def _incomparable(outcomes: Sequence[Outcome]) -> set[str]:
    """Limits of which something is not comparable and nothing was compared."""
    apart = {one.limit for one in outcomes if one.state == APART}
    return apart - {one.limit for one in outcomes if one.tolerance is not None}


def _outcome(
    figure: str, gate: Gate, before: Base, now: Base, old: float | None, new: float | None
) -> Outcome:
    found = gate.limit_of(figure)
    assert found is not None  # ``sides.figures`` gives no other
    name, limit = found
    task = sides.task_of(figure)
    if old is None:
        return Outcome(figure, name, NEW, now=new)
    if new is None:
        return _gone(figure, name, limit, before, now, old)
    if lost := _lost(limit, task, before, now):
        return Outcome(figure, name, MISSING, old, new, why=lost)
    if why := _apart(limit, task, before, now):
        return Outcome(figure, name, APART, old, new, why=why)
    pairs = pairs_of(figure, before, now) if limit.measured_on != "nothing" else None
    tolerance = limit.tolerance(old, gate.level)
    loss = (old - new) * (1 if limit.better == "higher" else -1)
    state = _state(loss, tolerance, pairs, gate.level)
    return Outcome(figure, name, state, old, new, tolerance, pairs)


def _gone(figure: str, name: str, limit: Limit, before: Base, now: Base, old: float) -> Outcome:
    task = sides.task_of(figure)
    if task and task not in sides.tasks_of(now):
        return Outcome(figure, name, REMOVED, before=old)
    if renamed := sides.changed_params(limit.named_by, task, before, now):
        return Outcome(figure, name, APART, before=old, why=f"{', '.join(renamed)} changed")
    return Outcome(figure, name, MISSING, before=old)


def _lost(limit: Limit, task: str, before: Base, now: Base) -> str:
    """What the base says it was measured on and this side does not; empty if it does."""
    told = [sides.measured_on(side, limit.measured_on, task) for side in (before, now)]
    return f"no test {limit.measured_on}" if told[0] is not None and told[1] is None else ""


def _apart(limit: Limit, task: str, before: Base, now: Base) -> str:
    """Why a figure of the two sides is not comparable; empty if it is."""
    if limit.measured_on != "nothing":
        told = [sides.measured_on(side, limit.measured_on, task) for side in (before, now)]
        if told[0] != told[1] or told[0] is None:
            return f"other test {limit.measured_on}"
    changed = sides.changed_params(limit.settings, task, before, now)
    return f"{', '.join(changed)} changed" if changed else ""


def _state(loss: float, tolerance: float, pairs: Pairs | None, level: float) -> str:
    if loss > tolerance + NOISE:
        return WORSE if pairs is None or pairs.sure(level) else UNSURE
    if loss > NOISE:
        return WITHIN
    return BETTER if loss < -NOISE else SAME


def _some(names: Sequence[str], shown: int = 3) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
