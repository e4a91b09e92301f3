"""The tables of README.md and docs/figures.md say what metrics/ says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workspace import ROOT
from scripts import figures

COMMAND = [sys.executable, "-m", "scripts.figures"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("metrics", "scripts", "palisade", "benchmarks/results"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in figures.PAGES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *options], cwd=folder, capture_output=True, text=True)


def test_the_committed_pages_hold_the_figures_of_the_committed_metrics() -> None:
    done = run(ROOT, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_table_has_a_place() -> None:
    text = "".join((ROOT / name).read_text() for name in figures.PAGES)
    assert set(re.findall(r"<!-- figures: (\w+) -->", text)) == set(figures.TABLES)


def test_another_figure_is_noticed_and_filled_in(copy: Path) -> None:
    file = copy / "metrics/voice/evaluate.json"
    text = file.read_text()
    changed = re.sub(r'"clean_accuracy": [\d.]+', '"clean_accuracy": 0.123456', text)
    assert changed != text
    file.write_text(changed)
    stale = run(copy, "--check")
    assert stale.returncode == 1
    assert stale.stdout == "error: stale tables in README.md: run python -m scripts.figures\n"
    assert run(copy).returncode == 0
    assert "| clean accuracy | 0.123 |" in (copy / "README.md").read_text()
    assert run(copy, "--check").returncode == 0


class Made(figures.Metrics):
    """Tables of a test's own, the same for every task."""

    def __init__(self, rows: dict[str, figures.Rows]) -> None:
        self._rows = rows

    def rows(self, name: str) -> figures.Rows:
        return self._rows[name.rpartition("/")[2]]


def test_what_only_attacks_of_the_subset_break_is_counted() -> None:
    signs = {"pgd": "0111", "square": "001-", "feature_matching": "110-"}
    rows = [{"model": "", "attack": "subset", "budget": "", "right": "1110"}]
    for budget in (names[1] for names in figures.BUDGETS.values()):
        rows += [
            {"model": "int8", "attack": attack, "budget": budget, "right": right}
            for attack, right in signs.items()
        ]
    told = figures.sampled(Made({"verdicts": rows}))
    assert "| examples of the subset | 3 | 3 | 3 |" in told
    assert "| broken by those attacks alone | 2 | 2 | 2 |" in told
    assert "| the same, past the guard | 0 | 0 | 0 |" in told


def test_a_share_of_no_events_is_no_figure() -> None:
    rows = [
        {"figure": figure, "rate": "0", "low": "0", "high": str(int(not n)), "n": str(n)}
        for figure, n in [
            ("action.false_reject_rate", 1360),
            ("action.false_accept_rate", 10),
            *((f"controlled.{task}.false_accept_rate", 10) for task in figures.TASKS),
            *((f"controlled.{task}.bystander_false_accept_rate", 0) for task in figures.TASKS),
        ]
    ]
    counted = {"goal": "forced", "among": "all", "rate": "0.25", "low": "0", "high": "1", "n": "4"}
    crafted = [{**counted, "reached": one} for one in ("any_1", "any_2", "motion_vision_voice")]
    told = figures.door(Made({"fusion": rows, "fusion_attack": crafted}))
    assert "| the door stays shut where it should open | 1,360 | 0.000 (0.000 to 0.000) |" in told
    assert told.count("| 0 | not measured |") == len(figures.TASKS)
    assert told.count("| 4 | 0.250 (0.000 to 1.000) |") == len(crafted)


def test_the_committed_figures_were_held_against_an_audit() -> None:
    """Of this model, guard and test set, at full strength beside the battery of now."""
    for task in figures.TASKS:
        checks = figures.Metrics(ROOT).rows(f"{task}/detail/checks")
        (held,) = (row for row in checks if row["check"] == "an_audit_finds_little_more")
        assert held["passed"] == "True", task


def test_queries_are_told_at_the_start_soon_and_at_the_end() -> None:
    rows = [
        {"model": model, "attack": "nes", "queries": str(number), "robust_accuracy": right,
         "harmless": "0.75"}
        for model in ("int8", "undefended")
        for number, right in ((0, "0.9"), (50, "0.8"), (200, "0.5"))
    ]  # fmt: skip
    told = figures.queried(Made({"queries": rows}))
    assert "| `voice`, defended | `nes` | 0.900 | 0.800 | 0.500 | 200 | 0.750 |" in told
    assert "| `motion`, undefended | `nes` | 0.900 | 0.800 | 0.500 | 200 |  |" in told
