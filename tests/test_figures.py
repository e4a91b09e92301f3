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
    for name in ("metrics", "scripts", "palisade"):
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
    assert sorted(re.findall(r"<!-- figures: (\w+) -->", text)) == sorted(figures.TABLES)


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
