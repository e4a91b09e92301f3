"""A battery over processes: the test examples in fixed shares, which do not see each other.

How many shares there are never depends on the machine, so no verdict does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from palisade import edge, splits, tasks, whitebox
from palisade.attacks import exact, queries, seeing
from palisade.attacks.battery import Battery, Judged
from palisade.attacks.folding import folded
from palisade.attacks.grid import Grid
from palisade.attacks.names import ALONE, NES, NES_BLIND, TRANSFER_FLOAT, TRANSFER_UNDEFENDED
from palisade.attacks.square import Asked
from palisade.attacks.target import Arms, Target
from palisade.evaluation.verdicts import NOT_RUN, Verdict
from palisade.guard.judgement import Judgement
from palisade.parallel import each
from palisade.seeds import derive, generator
from palisade.stage import Stage
from palisade.whitebox import WhiteBox

T = TypeVar("T")

SHARES = 2
DEFENDED = "int8"
# Folder of each model, and its guard.
MODELS = {DEFENDED: ("", "models/{key}/guard.json"), "undefended": ("baseline/", None)}


@dataclass(frozen=True)
class Result:
    """What a battery found.

    Attributes:
        verdicts: of each attack at each budget.
        judged: what the device made of the crafted examples, by attack and budget.
        crafted: what each attack made of the subset at the reference budget, raw.
        flat: of each example of the subset, whether the loss has no gradient at all there.
        subset: mask of it among all examples.
        asked: what attacks by queries found on the subset, in its order.
    """

    verdicts: list[Verdict]
    judged: dict[tuple[str, str], Judged]
    crafted: dict[str, NDArray[Any]]
    flat: NDArray[np.bool_]
    subset: NDArray[np.bool_]
    asked: dict[str, Asked]


@dataclass(frozen=True)
class _Share:
    """Every so-manieth example, attacked in a process of its own."""

    this: Stage
    model: str
    number: int

    def run(self) -> Result:
        test = splits.load(self.this.dep("data/prepared/{key}/test.npz"))
        grid, box = budgets(self.this), whitebox.of(self.this)
        mine = np.arange(self.number, len(test), SHARES)
        attacked = target(self.this, box, self.model, len(test.labels))
        if self.model == DEFENDED:
            attacked = armed(attacked, self.this, box, len(test.labels))
        battery = Battery(
            attacked,
            test.take(mine),
            threat=box.threat,
            grid=grid,
            subset=subset(self.this, grid, len(test))[mine],
            seed=derive(self.this.seed, "share", self.number),
        )
        battery.run(grid.budgets)
        battery.run_alone(ALONE if self.model == DEFENDED else [NES, NES_BLIND])
        return Result(
            battery.verdicts,
            battery.judged,
            battery.crafted,
            battery.flat(),
            battery.subset,
            battery.asked,
        )


def run(this: Stage, beside: Callable[[Stage], T]) -> tuple[dict[str, Result], T]:
    """Each model's battery over the whole test set, by the model's name.

    Args:
        this: the stage ``attack``.
        beside: what else is to be run, in a process like the shares'.
    """
    shares = [_Share(this, model, number) for model in MODELS for number in range(SHARES)]
    jobs: list[Callable[[], Any]] = [share.run for share in shares]
    jobs.insert(SHARES, partial(beside, this))  # after the longest
    found = each(_called, jobs, "parts of the battery")
    other = found.pop(SHARES)
    return {
        model: joined(found[SHARES * place : SHARES * (place + 1)])
        for place, model in enumerate(MODELS)
    }, other


def _called(job: Callable[[], Any]) -> Any:
    return job()


def budgets(this: Stage) -> Grid:
    """How strong the battery is, and its budgets."""
    grid: Grid = this.params("attack", tasks.load(this.key, "budgets").Budgets)
    return grid


def subset(this: Stage, grid: Grid, count: int) -> NDArray[np.bool_]:
    """``[count]`` mask of the examples that every attack runs on."""
    order = generator(this.seed, this.entry.title, "subset").permutation(count)
    return np.isin(np.arange(count), order[: grid.subset_examples])


def target(this: Stage, box: WhiteBox, name: str, classes: int) -> Target:
    """A model to attack: its fake-quantised weights, and the artefact made from them."""
    folder, guard = MODELS[name]
    device = edge.of(this, f"models/{{key}}/{folder}model.tflite", guard)
    return Target(
        name=name,
        logits=box.logits(seeing.fake_quantised(this, box, folder, classes)),
        judge=device.judge,
        guarded=guard is not None,
        ask=queries.ask(device),
        briefly=queries.ask_briefly(device),
    )


def armed(attacked: Target, this: Stage, box: WhiteBox, classes: int) -> Target:
    """The defended model for an attacker who has everything: device, guard, other models."""
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    if device.guard is None:
        raise ValueError("the defended model has a guard")
    model = seeing.fake_quantised(this, box, "", classes)
    plain = box.network(classes)
    plain.load_weights(this.dep("models/{key}/float.weights.h5"))
    said = device.artefact.scales()["outputs"]["logits"]
    if attacked.briefly is None:
        raise ValueError("the defended model has a device that answers queries")
    return replace(
        attacked,
        arms=Arms(
            exact=exact.twin(attacked.logits, attacked.briefly, box.threat, **said),
            seen=seeing.seen(box, model, device),
            guard=device.guard,
            others={
                TRANSFER_FLOAT: box.logits(folded(plain)),
                TRANSFER_UNDEFENDED: box.logits(
                    seeing.fake_quantised(this, box, "baseline/", classes)
                ),
            },
        ),
    )


def joined(results: Sequence[Result]) -> Result:
    """The shares' results in the order of the whole test set."""
    counts = [len(result.subset) for result in results]
    places = [number + len(results) * np.arange(n) for number, n in enumerate(counts)]
    subset = np.zeros(sum(counts), np.bool_)
    for result, mine in zip(results, places, strict=True):
        subset[mine] = result.subset
    order = np.argsort(
        np.concatenate([mine[one.subset] for one, mine in zip(results, places, strict=True)])
    )
    return Result(
        verdicts=[
            _woven(rows, places) for rows in zip(*(one.verdicts for one in results), strict=True)
        ],
        judged={
            name: _gathered(
                [
                    (one.judged[name], where)
                    for one, where in zip(results, places, strict=True)
                    if name in one.judged
                ]
            )
            for name in dict.fromkeys(name for one in results for name in one.judged)
        },
        crafted={
            attack: np.concatenate(
                [one.crafted[attack] for one in results if attack in one.crafted]
            )[order]
            for attack in dict.fromkeys(attack for one in results for attack in one.crafted)
        },
        flat=np.concatenate([one.flat for one in results])[order],
        subset=subset,
        asked={
            attack: queries.joined(
                [one.asked[attack] for one in results if attack in one.asked], order
            )
            for attack in dict.fromkeys(attack for one in results for attack in one.asked)
        },
    )


def _woven(rows: Sequence[Verdict], places: Sequence[NDArray[np.intp]]) -> Verdict:
    """One attack's verdicts of all shares."""
    values = np.full(sum(map(len, places)), NOT_RUN, np.int8)
    for row, mine in zip(rows, places, strict=True):
        values[mine] = row.values
    return replace(rows[0], values=values)


def _gathered(shares: Sequence[tuple[Judged, NDArray[np.intp]]]) -> Judged:
    """What the device made of one attack's examples, from the shares that have any."""
    places = np.concatenate([mine[judged.places] for judged, mine in shares])
    order = np.argsort(places)
    whole = {
        field.name: np.concatenate([getattr(one.judgement, field.name) for one, _ in shares])[order]
        for field in fields(Judgement)
    }
    return Judged(places[order], Judgement(**whole))
