"""Verdicts over short sequences, as text that git can hold, and what they come to.

A sequence is an event's windows in order of time. Each verdict is a sign: the accepted label in
base 32, or ``R`` reject, ``V`` verify again, ``F`` fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device.replay import Verdicts
from palisade.evaluation.rates import Rate, rate
from palisade.guard.judgement import Decision
from palisade.tables import read_csv, write_csv

CLEAN, FLICKER, SUSTAINED = "clean", "flicker", "sustained"
JUDGES = ("guard", "guard_and_consistency")
LABELS = "0123456789abcdefghijklmnopqrstuv"
REJECTED, VERIFY, FAULT = "R", "V", "F"
_SIGNS = {Decision.REJECT: REJECTED, Decision.VERIFY: VERIFY, Decision.FAULT: FAULT}


@dataclass(frozen=True)
class Played:
    """One sequence and what the device said of it.

    Attributes:
        scene: the event.
        y: what the sensor witnesses of the whole event.
        input: ``clean``; ``flicker``, one window crafted; ``sustained``, all of them crafted.
        place: the crafted window of a flicker, else -1.
        goal: the label that the attacker wants accepted; of a clean one, what he would; -1: none.
        guard: a sign a window, by the guard alone.
        guard_and_consistency: likewise, where answers also have to agree over time.
    """

    scene: str
    y: int
    input: str
    place: int
    goal: int
    guard: str
    guard_and_consistency: str

    def by(self, judge: str) -> str:
        """The signs of one of ``JUDGES``."""
        return self.guard if judge == JUDGES[0] else self.guard_and_consistency


def signs(verdicts: Verdicts) -> str:
    """A sign a window."""
    said = zip(verdicts.label.tolist(), verdicts.decision.tolist(), strict=True)
    return "".join(
        LABELS[label] if decision == Decision.ACCEPT else _SIGNS[Decision(decision)]
        for label, decision in said
    )


_NONE = Played("", -1, "", -1, -1, "", "")


def write(path: Path, played: Iterable[Played]) -> None:
    """A row a sequence; one without a scene where there are none."""
    write_csv(path, [asdict(one) for one in played] or [asdict(_NONE)])


def read(path: Path) -> list[Played]:
    """What ``write`` wrote."""
    return [
        Played(
            row["scene"],
            int(row["y"]),
            row["input"],
            int(row["place"]),
            int(row["goal"]),
            row["guard"],
            row["guard_and_consistency"],
        )
        for row in read_csv(path)
        if row["scene"]
    ]


class Table:
    """Sequences, and what became of them.

    Args:
        played: the sequences.
        acts: ``[classes]`` which labels ask for an action.
    """

    def __init__(self, played: Sequence[Played], acts: NDArray[np.bool_]) -> None:
        self._played = played
        self._actions = frozenset(LABELS[label] for label in np.flatnonzero(acts))
        self.clean = [one for one in played if one.input == CLEAN]

    def last(self, judge: str) -> dict[str, NDArray[np.bool_]]:
        """``[clean]`` by the last verdict of a clean sequence: every one is one of these."""
        ends = [(one.by(judge)[-1], LABELS[one.y]) for one in self.clean]
        return {
            "accepted_and_right": _bools(end == right for end, right in ends),
            "accepted_and_wrong": _bools(end in LABELS and end != right for end, right in ends),
            "rejected": _bools(end == REJECTED for end, _ in ends),
            "verify_again": _bools(end == VERIFY for end, _ in ends),
            "fault": _bools(end == FAULT for end, _ in ends),
        }

    def right_action(self, judge: str) -> NDArray[np.bool_]:
        """Clean events that ask for an action: whether that very one is accepted at any time."""
        asking = [one for one in self.clean if LABELS[one.y] in self._actions]
        return _bools(LABELS[one.y] in one.by(judge) for one in asking)

    def wrong_action(self, judge: str, kind: str, *, at_end: bool) -> NDArray[np.bool_]:
        """Events under attack: whether an action that they do not ask for is accepted.

        Args:
            judge: one of ``JUDGES``.
            kind: one of ``clean``, the same events; ``flicker``, at whose worst moment; or
                ``sustained``.
            at_end: by the last verdict, or at any time.
        """
        hit: dict[str, bool] = {}
        for one in self._played:
            if one.input == kind and one.goal >= 0:
                said = one.by(judge)
                wrong = self._actions - {LABELS[one.y]}
                found = not wrong.isdisjoint(said[-1:] if at_end else said)
                hit[one.scene] = hit.get(one.scene, False) or found
        return _bools(hit.values())

    def rows(self) -> list[dict[str, Any]]:
        """Every rate with its interval."""
        rows = []
        for judge in JUDGES:
            for name, hits in self.last(judge).items():
                rows.append(_row(CLEAN, judge, "last", name, rate(hits)))
            rows.append(_row(CLEAN, judge, "any", "right_action", rate(self.right_action(judge))))
            for kind in (CLEAN, FLICKER, SUSTAINED):
                for when, at_end in {"last": True, "any": False}.items():
                    hits = self.wrong_action(judge, kind, at_end=at_end)
                    rows.append(_row(kind, judge, when, "wrong_action", rate(hits)))
        return rows

    def summary(self) -> dict[str, Any]:
        """The headline: all at any time in a sequence."""
        attacks = {
            f"{kind}_wrong_action": {
                judge: rate(self.wrong_action(judge, kind, at_end=False)).value for judge in JUDGES
            }
            for kind in (FLICKER, SUSTAINED)
        }
        missed = {judge: rate(~self.right_action(judge)).value for judge in JUDGES}
        return {"n": len(self.clean), "clean_right_action_missed": missed, **attacks}


def _row(kind: str, judge: str, when: str, name: str, found: Rate) -> dict[str, Any]:
    return {"input": kind, "judge": judge, "when": when, "verdict": name, "rate": found.value,
            "low": found.low, "high": found.high, "n": found.n}  # fmt: skip


def _bools(values: Iterable[bool]) -> NDArray[np.bool_]:
    return np.array(list(values), np.bool_)
