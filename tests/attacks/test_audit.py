"""An audit: what it attacks, what it says of the default battery, and that a kill costs little."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade.attacks import audit, shares
from palisade.attacks.names import APGD_TARGETED, ATTACKS, SQUARE
from palisade.errors import PalisadeError
from palisade.evaluation import full_strength, verdicts
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, WRONG, Verdict
from palisade.splits import Split
from palisade.stage import Entry, Stage

COUNT, BUDGET = 100, "linf_4_255"
TEST, MODEL, GUARD = (
    "data/prepared/vision/test.npz",
    "models/vision/model.tflite",
    "models/vision/guard.json",
)
VERDICTS = "metrics/vision/detail/verdicts.csv"
GRID = {
    "budgets_linf": [0.0156863, 0.25],
    "reference_linf": 0.0156863,
    "steps": 30,
    "restarts": 1,
    "targets": 2,
    "queries": 300,
    "subset_examples": 10,
    "nes_queries": 40,
    "tree_queries": 10,
    "sequences": {"events": 1, "attacked": 0, "goals": []},
}
NAMES = [name for name in ATTACKS if name != APGD_TARGETED]  # of two classes
QUICK = {"steps": 2, "restarts": 1, "targets": 1, "queries": 3}


@pytest.fixture
def this(tmp_path: Path) -> Stage:
    """A task of which the default battery broke the first 20 examples of 100."""
    entry = Entry(
        name="attack",
        key="vision",
        item={},
        cmd="",
        deps=(TEST, MODEL, GUARD),
        params=("seed", "attack.vision"),
        outs=(VERDICTS,),
    )
    names = np.array([str(n) for n in range(COUNT)])
    x = np.arange(COUNT, dtype=np.uint8)[:, None]
    test = Split(x, np.zeros(COUNT, np.int64), names, names, ("nobody", "person"))
    test.save(tmp_path / TEST)
    for path in (MODEL, GUARD):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(path.encode())
    values = np.where(np.arange(COUNT) < 20, WRONG, RIGHT).astype(np.int8)
    rows = [Verdict(model, "pgd_margin", BUDGET, values) for model in ("int8", "int8_guarded")]
    subset = verdicts.subset_row(np.zeros(COUNT, np.bool_))
    verdicts.write(tmp_path / VERDICTS, [subset, *rows], examples=verdicts.digest(test))
    return Stage(entry, tmp_path, {"seed": 1, "attack.vision": GRID})


class Found:
    """Attacks that break, or not, in place of the battery in its processes.

    Args:
        broken: by attack, how many more of the first examples it breaks.
        dies_at: the attack during which the process is killed.
    """

    def __init__(self, broken: dict[str, int], dies_at: str = "") -> None:
        self.broken, self.dies_at = broken, dies_at
        self.ran: dict[str, int] = {}

    def __call__(
        self, _: Callable[[Any], Any], jobs: Sequence[Any], what: str
    ) -> list[list[Verdict]]:
        attack = what.split()[-1]
        if attack == self.dies_at:
            raise KeyboardInterrupt
        chosen = jobs[0].__self__.chosen
        self.ran[attack] = int(chosen.sum())
        fallen = np.arange(COUNT) < 20 + self.broken.get(attack, 0)
        values = np.where(chosen, np.where(fallen, WRONG, RIGHT), NOT_RUN).astype(np.int8)
        return [
            [
                Verdict(model, attack, BUDGET, values[number :: shares.SHARES])
                for model in ("int8", "int8_guarded")
            ]
            for number in range(shares.SHARES)
        ]


def run(this: Stage, found: Found, monkeypatch: Any, **asked: int) -> Any:
    monkeypatch.setattr(audit, "each", found)
    return audit.run(this, **(asked or QUICK))


def written(this: Stage) -> Path:
    return this.root / "metrics/vision/audit.json"


def test_it_attacks_what_still_stands_and_says_what_the_default_missed(
    this: Stage, monkeypatch: Any
) -> None:
    found = Found({"apgd_dlr": 1, SQUARE: 3})
    content = run(this, found, monkeypatch)
    assert content == json.loads(written(this).read_text())
    assert list(found.ran) == NAMES
    assert found.ran["noise"] == 80 and found.ran[SQUARE] == 79
    assert content["default"]["worst_case_accuracy"] == 0.8
    assert content["audit"]["worst_case_accuracy"] == 0.77
    assert content["drop"] == pytest.approx(0.03)
    assert not content["default_battery_is_strong_enough"]
    assert content["model_sha256"] == hashlib.sha256(MODEL.encode()).hexdigest()
    assert content["guard_sha256"] == hashlib.sha256(GUARD.encode()).hexdigest()


def test_it_tries_at_least_twice_as_hard_as_the_battery(this: Stage, monkeypatch: Any) -> None:
    """The battery has 30 steps, 1 start and 300 queries, and then more than full strength."""
    monkeypatch.setattr(audit, "each", Found({}))
    tried = audit.run(this)["audit"]
    assert {name: tried[name] for name in QUICK} == full_strength.LEAST
    stronger = {"steps": 150, "restarts": 6, "targets": 12, "queries": 4000}
    declared = {**this.declared, "attack.vision": {**GRID, **stronger}}
    tried = audit.run(replace(this, declared=declared), targets=3)["audit"]
    assert {name: tried[name] for name in QUICK} == {
        "steps": 150,
        "restarts": 12,
        "targets": 3,
        "queries": 8000,
    }


def test_a_drop_of_a_point_is_not_too_much(this: Stage, monkeypatch: Any) -> None:
    assert run(this, Found({SQUARE: 1}), monkeypatch)["default_battery_is_strong_enough"]


def test_a_run_that_was_killed_goes_on_where_it_was(this: Stage, monkeypatch: Any) -> None:
    broken = {"fgsm": 2, SQUARE: 3}
    first = Found(broken, dies_at="apgd_cross_entropy")
    with pytest.raises(KeyboardInterrupt):
        run(this, first, monkeypatch)
    assert not written(this).exists()
    then = Found(broken)
    resumed = run(this, then, monkeypatch)
    assert [*first.ran, *then.ran] == NAMES
    content = written(this).read_bytes()
    (this.root / "params.yaml").touch()
    for path in (this.root / audit.KEPT).rglob("*.csv"):
        path.unlink()
    assert run(this, Found(broken), monkeypatch) == resumed
    assert written(this).read_bytes() == content


@pytest.mark.parametrize("changed", [MODEL, GUARD, "strength"])
def test_what_was_found_of_another_model_or_strength_is_not_used(
    changed: str, this: Stage, monkeypatch: Any
) -> None:
    run(this, Found({}), monkeypatch)
    if changed != "strength":
        (this.root / changed).write_bytes(b"another")
    again = Found({})
    run(this, again, monkeypatch, **({"steps": 3} if changed == "strength" else {}))
    assert list(again.ran) == NAMES


def test_verdicts_that_are_not_there_or_of_other_examples_are_refused(
    this: Stage, monkeypatch: Any
) -> None:
    path = this.root / VERDICTS
    path.write_text(path.read_text().replace(verdicts.examples_of(path), "0123456789abcdef"))
    with pytest.raises(PalisadeError, match="of other examples"):
        run(this, Found({}), monkeypatch)
    path.unlink()
    with pytest.raises(PalisadeError, match="is not there"):
        run(this, Found({}), monkeypatch)
