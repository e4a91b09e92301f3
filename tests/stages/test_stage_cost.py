"""The cost stage on guards that are drawn, without a compiler for microcontrollers."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from benchmarks.workspace import ROOT
from palisade import balance, stage
from palisade.errors import PalisadeError
from palisade.guard import tables
from palisade.stage import read_yaml
from stages import cost
from tests.conftest import SMOKE
from tests.guard import drawn

TASKS = ("voice", "vision", "motion")
CONVERTED = {
    "arena_bytes": 11520,
    "flash_bytes": 54544,
    "macs": 2_660_224,
    "input": {"scale": 0.02, "zero_point": 0},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What the stage reads: params at smoke size, and guards of random tables."""
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    shutil.copy(SMOKE, tmp_path / "params.yaml")
    shutil.copytree(ROOT / "device", tmp_path / "device")
    for seed, task in enumerate(TASKS):
        tables.write(
            tmp_path / f"models/{task}/guard.json", drawn.guard(np.random.default_rng(seed))
        )
        path = tmp_path / f"metrics/{task}/convert.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(CONVERTED))
    return tmp_path


def run(root: Path, task: str = "voice") -> dict[str, Any]:
    cost.main(stage.enter("cost", task, root))
    found: dict[str, Any] = json.loads((root / f"metrics/{task}/cost.json").read_text())
    return found


def rows(root: Path, task: str = "voice") -> list[dict[str, str]]:
    with (root / f"metrics/{task}/detail/cost.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def change(root: Path, **changes: float) -> None:
    params = read_yaml(root / "params.yaml")
    params["cost"]["voice"].update(changes)
    with (root / "params.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(params, file)


@pytest.mark.parametrize("task", TASKS)
def test_figures_have_the_names_that_every_tool_reads(root: Path, task: str) -> None:
    found = run(root, task)
    assert found["arena_bytes"] == CONVERTED["arena_bytes"] and found["macs"] == CONVERTED["macs"]
    assert found["flash_bytes"] > 54544 + 13000
    assert found["peak_ram_bytes"] > found["arena_bytes"]
    for name in ("latency_ms_m4", "energy_uj_m4"):
        assert 0 < found[name]["low"] < found[name]["high"]
    assert all(count > 0 for count in found["instructions"].values())
    assert 0 < found["share_of_model_cycles"] < 0.4
    assert found["checks"]["total"] == 3


def test_parts_in_the_table_make_up_the_figures(root: Path) -> None:
    found, table = run(root), rows(root)
    for figure, total in (("flash_bytes", "flash_bytes"), ("ram_bytes", "peak_ram_bytes")):
        parts = [int(row["low"]) for row in table if row["figure"] == figure]
        assert len(parts) > 3 and sum(parts) == found[total]
    counted = {row["of"]: int(row["low"]) for row in table if row["figure"] == "instructions"}
    assert counted == found["instructions"]


def test_every_board_has_a_range_that_is_called_estimated(root: Path) -> None:
    run(root)
    estimated = [row for row in rows(root) if row["basis"] == "estimated"]
    assert {row["figure"] for row in estimated} == {"latency_ms", "energy_uj"}
    for board in ("STM32L4R5", "STM32U575", "STM32H7A3"):
        assert sum(row["of"].startswith(board) for row in estimated) == 4
    assert all(float(row["low"]) < float(row["high"]) for row in estimated)


@pytest.mark.parametrize(
    ("limit", "figure"),
    [
        ("share_limit", "share_of_model_cycles"),
        ("guard_flash_limit_bytes", "guard_flash_bytes"),
        ("guard_state_limit_bytes", "guard_state_bytes"),
    ],
)
def test_each_limit_fails_just_below_the_figure(root: Path, limit: str, figure: str) -> None:
    change(root, share_limit=10.0, guard_flash_limit_bytes=10**6, guard_state_limit_bytes=10**6)
    assert run(root)["within_limits"] is True
    (value,) = (float(row["low"]) for row in rows(root) if row["figure"] == figure)
    change(root, **{limit: value * 0.99 if limit == "share_limit" else int(value) - 1})
    found = run(root)
    assert found["within_limits"] is False
    assert found["checks"] == {"passed": 2, "total": 3}
    assert [row["figure"] for row in rows(root) if row["passed"] == "False"] == [figure]


def test_other_sources_than_were_measured_end_the_stage(root: Path) -> None:
    with (root / "device/src/mfcc.c").open("a") as file:
        file.write("/* faster now */\n")
    with pytest.raises(PalisadeError, match="measured.json is of other sources.*measure again"):
        run(root)
    assert not (root / "metrics/voice/cost.json").exists()


def test_the_same_inputs_give_the_same_bytes(root: Path) -> None:
    paths = [root / "metrics/voice/cost.json", root / "metrics/voice/detail/cost.csv"]
    run(root)
    first = [path.read_bytes() for path in paths]
    run(root)
    assert first == [path.read_bytes() for path in paths]


def test_the_stage_needs_no_emulator() -> None:
    used = balance.code(ROOT, stage.entries(ROOT)["cost@voice"])
    assert "palisade/device/measured.py" in used
    assert not used & {"palisade/device/emulation.py", "palisade/device/measure.py"}


@pytest.mark.parametrize("path", [ROOT / "params.yaml", SMOKE])
def test_what_is_new_at_each_inference_is_the_streams_hop(path: Path) -> None:
    params = read_yaml(path)
    hop_ms = params["stream"]["voice"]["decision"]["hop_ms"]
    assert params["cost"]["voice"]["new_share"] == hop_ms / params["features"]["voice"]["clip_ms"]
