"""The battery at full strength, beside the pipeline: whether the default one is strong enough.

An audit begins where the default battery left off: it attacks the test examples that still stand
under it at the reference budget, with more steps, restarts, goals and queries. What both leave
standing is the audit's worst case; the drop from the default one's is what the default one missed.
Each attack's verdicts are kept as soon as they are there, under a name that holds the digests of
model, guard, examples and strength, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import splits, whitebox
from palisade.attacks import shares
from palisade.attacks.battery import Battery
from palisade.attacks.grid import Grid
from palisade.attacks.losses import TARGETED_CLASSES
from palisade.attacks.names import APGD_TARGETED, ATTACKS, GUARDED
from palisade.errors import PalisadeError
from palisade.evaluation import full_strength, verdicts
from palisade.evaluation.audited import LARGEST_DROP, sha256
from palisade.evaluation.full_strength import LEAST
from palisade.evaluation.rates import rate
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, WRONG, Table, Verdict
from palisade.files import write_json
from palisade.parallel import each
from palisade.progress import say
from palisade.seeds import derive
from palisade.splits import Split
from palisade.stage import Stage

TEST = "data/prepared/{key}/test.npz"
MODEL, GUARD = "models/{key}/model.tflite", "models/{key}/guard.json"
VERDICTS = "metrics/{key}/detail/verdicts.csv"
KEPT = ".palisade/audit"  # at the project's root: what a run that was killed had found


@dataclass(frozen=True)
class Strength:
    """How hard the audit tries.

    Attributes:
        steps: gradients of an iterated attack.
        restarts: random starts of an example.
        targets: wrong classes that the targeted attack goes for.
        queries: that Square asks of an example.
    """

    steps: int = LEAST["steps"]
    restarts: int = LEAST["restarts"]
    targets: int = LEAST["targets"]
    queries: int = LEAST["queries"]

    @classmethod
    def full(cls, grid: Grid) -> Strength:
        """That of an audit which counts, of the battery that a grid describes."""
        return cls(**full_strength.of(_strength(grid)))

    def of(self, grid: Grid) -> Grid:
        """A grid at this strength."""
        return grid.model_copy(update=vars(self))


@dataclass(frozen=True)
class Before:
    """What the default battery left standing, at the reference budget.

    Attributes:
        right: ``[n]`` that no attack makes the network err on.
        harmless: ``[n]`` that no attack makes a wrong answer to accepted.
    """

    right: NDArray[np.bool_]
    harmless: NDArray[np.bool_]


@dataclass(frozen=True)
class _Share:
    """One attack on every so-manieth example, in a process of its own."""

    this: Stage
    strength: Strength
    attack: str
    chosen: NDArray[np.bool_]
    number: int

    def run(self) -> list[Verdict]:
        test, box = splits.load(self.this.dep(TEST)), whitebox.of(self.this)
        mine, classes = np.arange(self.number, len(test), shares.SHARES), len(test.labels)
        target = shares.target(self.this, box, shares.DEFENDED, classes)
        battery = Battery(
            shares.armed(target, self.this, box, classes),
            test.take(mine),
            threat=box.threat,
            grid=self.strength.of(shares.budgets(self.this)),
            subset=np.zeros(len(mine), np.bool_),
            seed=derive(self.this.seed, "audit", self.number),
        )
        battery.attack(self.attack, battery.grid.reference, self.chosen[mine])
        return battery.verdicts


def run(this: Stage, **asked: int | None) -> dict[str, Any]:
    """Audit a task's default model, and write ``metrics/<task>/audit.json``.

    Args:
        this: the stage ``attack`` of the task, whose outputs stand.
        asked: how hard to try, by ``Strength``'s names; else at full strength.

    Raises:
        PalisadeError: The default battery's verdicts are not there, or are of other examples.
    """
    test, grid = splits.load(this.dep(TEST)), shares.budgets(this)
    given = {name: value for name, value in asked.items() if value is not None}
    strength = replace(Strength.full(grid), **given)
    before = _before(this, test)
    digests = _digests(this, test, strength)
    folder = this.root / KEPT / this.key / digests["run"]
    right, harmless = before.right.copy(), before.harmless.copy()
    rows = []
    for attack in attacks(len(test.labels)):
        found = _kept(folder, this, strength, attack, harmless, digests["examples"])
        name = shares.DEFENDED
        right &= found[name] != WRONG
        harmless &= found[f"{name}_{GUARDED}"] != WRONG
        say(f"{this.key} {attack}: {right.mean():.4f} right, {harmless.mean():.4f} harmless")
        rows.append(_row(attack, found, right, harmless))
    content = _content(this, strength, before, right, harmless, rows, digests)
    write_json(this.root / f"metrics/{this.key}/audit.json", content)
    return content


def attacks(classes: int) -> list[str]:
    """The attacks of an audit of a network with so many classes, in their order."""
    return [one for one in ATTACKS if one != APGD_TARGETED or classes >= TARGETED_CLASSES]


def _kept(
    folder: Path,
    this: Stage,
    strength: Strength,
    attack: str,
    chosen: NDArray[np.bool_],
    examples: str,
) -> dict[str, NDArray[np.int8]]:
    """An attack's verdicts by model: those of an earlier run, or new ones."""
    path = folder / f"{attack}.csv"
    if not path.exists():
        parts = [
            _Share(this, strength, attack, chosen, number).run for number in range(shares.SHARES)
        ]
        found = each(_called, parts, f"{this.key} {attack}")
        verdicts.write(path, [_woven(rows) for rows in zip(*found, strict=True)], examples=examples)
    return {row.model: row.values for row in verdicts.read(path)}


def _called(job: Any) -> Any:
    return job()


def _woven(parts: Sequence[Verdict]) -> Verdict:
    values = np.full(sum(len(part.values) for part in parts), NOT_RUN, np.int8)
    for number, part in enumerate(parts):
        values[number :: len(parts)] = part.values
    return Verdict(parts[0].model, parts[0].attack, parts[0].budget, values)


def _before(this: Stage, test: Split) -> Before:
    path = this.out(VERDICTS)
    advice = "run `dvc repro`, which attacks this model"
    if not path.exists():
        raise PalisadeError(f"{path} is not there", advice)
    if verdicts.examples_of(path) != verdicts.digest(test):
        raise PalisadeError(f"{path} is of other examples than the test set", advice)
    grid = shares.budgets(this)
    table, budget = Table(verdicts.read(path)), grid.name(grid.reference)
    return Before(
        table.worst_case(shares.DEFENDED, budget),
        table.worst_case(f"{shares.DEFENDED}_{GUARDED}", budget),
    )


def _row(
    attack: str,
    found: dict[str, NDArray[np.int8]],
    right: NDArray[np.bool_],
    harmless: NDArray[np.bool_],
) -> dict[str, Any]:
    values, guarded = found[shares.DEFENDED], found[f"{shares.DEFENDED}_{GUARDED}"]
    return {
        "attack": attack,
        "attacked": int(np.count_nonzero(values != NOT_RUN)),
        "right": int(np.count_nonzero(values == RIGHT)),
        "harmless": int(np.count_nonzero(guarded == RIGHT)),
        "worst_case_accuracy_then": rate(right).value,
        "harmless_then": rate(harmless).value,
    }


def _content(
    this: Stage,
    strength: Strength,
    before: Before,
    right: NDArray[np.bool_],
    harmless: NDArray[np.bool_],
    rows: list[dict[str, Any]],
    digests: dict[str, str],
) -> dict[str, Any]:
    grid = shares.budgets(this)
    drop, joint = (
        rate(was & ~now).value for was, now in ((before.right, right), (before.harmless, harmless))
    )
    return {
        "budget": grid.name(grid.reference),
        "default": {**_figures(before.right, before.harmless), **_strength(grid)},
        "audit": {**_figures(right, harmless), **vars(strength)},
        "drop": drop,
        "accepted_and_wrong_rise": joint,
        "drop_limit": LARGEST_DROP,
        "default_battery_is_strong_enough": max(drop, joint) <= LARGEST_DROP,
        "attacks": rows,
        "examples": {"digest": digests["examples"], "n": len(right)},
        "model_sha256": digests["model"],
        "guard_sha256": digests["guard"],
    }


def _figures(right: NDArray[np.bool_], harmless: NDArray[np.bool_]) -> dict[str, float]:
    return {
        "worst_case_accuracy": rate(right).value,
        "accepted_and_wrong": rate(~harmless).value,
    }


def _strength(grid: Grid) -> dict[str, int]:
    return {name: getattr(grid, name) for name in vars(Strength())}


def _digests(this: Stage, test: Split, strength: Strength) -> dict[str, str]:
    """SHA-256 of what the result is about; ``run`` is of all that it depends on."""
    asked = {"strength": vars(strength), "params": dict(this.declared)}
    content = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    paths = [this.root / dep for dep in this.entry.deps] + [this.out(VERDICTS)]
    for path in sorted(chain.from_iterable(map(_files, paths))):
        content.update(f"{path.relative_to(this.root)} {sha256(path)}\n".encode())
    return {
        "model": sha256(this.dep(MODEL)),
        "guard": sha256(this.dep(GUARD)),
        "examples": verdicts.digest(test),
        "run": content.hexdigest()[:16],
    }


def _files(path: Path) -> Iterator[Path]:
    """A file, or those in a folder but for what Python compiled."""
    return (
        iter([path])
        if path.is_file()
        else (one for one in path.rglob("*") if one.is_file() and one.suffix != ".pyc")
    )
