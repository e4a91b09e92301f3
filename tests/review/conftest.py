"""A project with a git history, whose only stage makes up the figures that a pull request shows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from benchmarks.workspace import ROOT, Workspace, environment
from tests.review.measured import PARAMS, measure


@dataclass(frozen=True)
class Figures:
    """A project of figures alone: no DVC, and only the base is in git."""

    root: Path

    def measure(self, **changes: Any) -> None:
        """Write params.yaml and the figures that go with it; a name may be dotted."""
        params = changed(changes)
        YAML().dump(params, self.root / "params.yaml")
        measure(self.root, params)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace some text of a file, which must hold it."""
        text = (self.root / name).read_text()
        assert old in text
        (self.root / name).write_text(text.replace(old, new))


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Params with some of them changed, by dotted names."""
    params = deepcopy(PARAMS)
    for name, value in changes.items():
        *sections, last = name.split(".")
        place = params
        for section in sections:
            place = place[section]
        place[last] = value
    return params


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Figures:
    """One whose base is committed, as the folder that commands run in."""
    root = tmp_path / "project"
    (root / "data/raw/motion").mkdir(parents=True)
    (root / "data/raw/motion/traces.csv").write_text("home,label\n")
    shutil.copy(ROOT / "gate.yaml", root)
    made = Figures(root)
    made.measure()
    work = Workspace(root, environment(tmp_path / "key.pem"))
    work.must("git", "init", "--quiet", "--initial-branch=main")
    work.must("git", "add", "--all")
    work.must("git", "commit", "--quiet", "--message=Base")
    monkeypatch.chdir(root)
    return made
