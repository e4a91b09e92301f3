"""What transfers between a network and its tree: all where they see the same, else nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks import transfer
from palisade.attacks.battery import Battery
from palisade.attacks.grid import Sequences
from palisade.attacks.names import ITERATED
from palisade.attacks.target import Target
from palisade.backend import tf
from palisade.edge import Edge, unguarded
from palisade.errors import PalisadeError
from palisade.evaluation.headline import transfer_rates
from palisade.guard.engineered import Engineered
from palisade.guard.making import ALL_OFF
from palisade.guard.tables import Guard
from palisade.guard.tree import Tree
from palisade.int8 import Artefact, Outputs
from palisade.splits import Split
from palisade.tables import write_csv
from palisade.tasks.vision.budgets import Budgets
from palisade.tasks.vision.threat import Params, Threat

PX, COUNT, MIDDLE = 8, 30, 128
UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
GRID = Budgets(
    steps=8,
    subset_examples=20,
    restarts=1,
    targets=1,
    queries=10,
    nes_queries=40,
    tree_queries=250,
    sequences=Sequences(events=10, attacked=5, goals=["person"]),
    budgets_linf=[8 / 255, 0.25],
    reference_linf=8 / 255,
)
SUBSET = np.arange(COUNT) % 3 < 2
LEFT, RIGHT = slice(0, PX // 2), slice(PX // 2, PX)


class Pixels:
    """A front end that gives pixels less 128."""

    def int8(self, raw: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
        return (raw.astype(np.int16) - MIDDLE).astype(np.int8)


class Brightness:
    """A network that says 1 where the left half is bright; like a real one, it needs an input."""

    scale, zero_point = 1.0, 0

    def verdict(self, inputs: NDArray[np.int8]) -> Outputs:
        assert len(inputs)
        bright = inputs[:, :, LEFT].astype(int).sum(axis=(1, 2, 3)) > 0
        logits = np.where(np.eye(2, dtype=bool)[bright.astype(int)], 1, 0).astype(np.int8)
        return Outputs(logits, logits)


def device(*, tree_sees: slice, tree: bool = True) -> Edge:
    """The network, and a tree that says 1 where one half is bright."""
    guard = Guard(
        schema_version=1,
        classes=2,
        embedding=2,
        engineered=Engineered(height=PX, width=PX, channels=1, rows=1, columns=2),
        limits=ALL_OFF,
        energy=None,
        autoencoder=None,
        tree=Tree(
            feature=[0 if tree_sees == LEFT else 5],
            threshold=[0],
            left=[-1],
            right=[-2],
            label=[0, 1],
            plausible=[1, 2],
        )
        if tree
        else None,
        texture=None,
        consistency=None,
    )
    return Edge(Pixels(), cast(Artefact, Brightness()), guard)


def pictures(faint: int) -> Split:
    """Bright or dark all over by a few grey levels, so that both models have them right."""
    y = np.arange(COUNT) % 2
    dice = np.random.default_rng(1)
    x = MIDDLE + np.where(y, faint, -faint)[:, None, None, None]
    x = x + dice.integers(-2, 3, (COUNT, PX, PX, 1))
    names = np.array([str(number) for number in range(COUNT)])
    return Split(x.astype(np.uint8), y, names, names, ("nobody", "person"))


def attacked(split: Split, edge: Edge) -> Battery:
    """The battery on the network at all budgets."""

    def logits(x: Any) -> Any:
        bright = tf.reduce_sum(x[:, :, LEFT] - MIDDLE / 255, axis=[1, 2, 3])
        return tf.stack([-bright, bright], axis=1)

    battery = Battery(
        Target("int8", logits, lambda raw: unguarded(edge.run(raw))),
        split,
        threat=Threat(Params.model_validate(UNMOVED)),
        grid=GRID,
        subset=SUBSET,
        seed=1,
    )
    battery.run(GRID.budgets)
    return battery


def rows(edge: Edge, split: Split) -> dict[str, dict[str, Any]]:
    battery = attacked(split, edge)
    reference = GRID.name(GRID.reference)
    found = transfer.both_ways(
        edge,
        transfer.Attacked(
            split.take(SUBSET),
            np.flatnonzero(SUBSET),
            battery.crafted,
            {attack: battery.judged[attack, reference] for attack in ITERATED},
        ),
        threat=battery.threat,
        grid=GRID,
        seed=1,
    )
    return {row["direction"]: row for row in found}


def test_everything_transfers_between_models_that_see_the_same() -> None:
    found = rows(device(tree_sees=LEFT), pictures(faint=4))
    for row in found.values():
        assert (row["attacked"], row["fooled"], row["transferred"]) == (20, 20, 20)
        assert row["rate"] == row["high"] == 1.0
        assert 0.8 < row["low"] < 0.9
        assert row["control"] == 0.0  # noise leaves the mean where it is


def test_nothing_of_the_network_s_transfers_to_a_tree_that_looks_elsewhere() -> None:
    """The gradient leaves alone what the network does not see; a search may move both halves."""
    found = rows(device(tree_sees=RIGHT), pictures(faint=4))
    one_way, back = found["network_to_tree"], found["tree_to_network"]
    assert (one_way["fooled"], one_way["transferred"], one_way["rate"]) == (20, 0, 0.0)
    assert back["fooled"] == 20
    assert back["transferred"] < 20


def test_what_is_wrong_when_clean_or_beyond_the_budget_counts_for_nothing() -> None:
    split = pictures(faint=12)
    split.y[:6] = 1 - split.y[:6]  # four of them are in the subset
    found = rows(device(tree_sees=LEFT), split)
    for row in found.values():
        assert (row["attacked"], row["fooled"], row["transferred"]) == (16, 0, 0)
        assert (row["rate"], row["low"], row["high"], row["control"]) == (0.0, 0.0, 1.0, 0.0)


def test_only_what_both_models_have_right_is_attacked() -> None:
    """In the subset the network alone has two wrong, and the tree alone other two."""
    split = pictures(faint=12)
    split.x[:3, :, LEFT] = 255 - split.x[:3, :, LEFT]
    split.x[3:6, :, RIGHT] = 255 - split.x[3:6, :, RIGHT]
    for row in rows(device(tree_sees=RIGHT), split).values():
        assert (row["attacked"], row["fooled"]) == (16, 0)


@pytest.mark.parametrize("half", [LEFT, RIGHT])
def test_where_no_example_is_right_there_is_nothing_to_attack(half: slice) -> None:
    split = pictures(faint=4)
    split.y[:] = 1 - split.y
    for row in rows(device(tree_sees=half), split).values():
        assert (row["attacked"], row["fooled"], row["high"]) == (0, 0, 1.0)


def test_the_control_is_noise_on_the_examples_that_were_fooled() -> None:
    """So near to the boundary that noise crosses it too, in about half of the cases."""
    found = rows(device(tree_sees=LEFT), pictures(faint=0))
    for row in found.values():
        assert row["fooled"] > 0
        assert 0.1 < row["control"] < 0.9


def test_a_guard_without_a_tree_is_refused() -> None:
    edge = device(tree_sees=LEFT, tree=False)
    with pytest.raises(PalisadeError, match="the guard has no companion tree"):
        rows(edge, pictures(faint=4))


def test_evaluate_reads_the_rates(tmp_path: Path) -> None:
    found = rows(device(tree_sees=RIGHT), pictures(faint=4))
    write_csv(tmp_path / "transfer.csv", list(found.values()))
    assert transfer_rates(tmp_path / "transfer.csv") == pytest.approx(
        {"network_to_tree": 0.0, "tree_to_network": found["tree_to_network"]["rate"]}, abs=1e-6
    )
