"""A copy of what the smoke run gave the report, to change at will."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.workspace import Workspace
from palisade import stage
from palisade.report import building

STAGE = "report"


@dataclass(frozen=True)
class Results:
    """A project's root, of which only what ``report`` declares is there."""

    root: Path

    def page(self) -> str:
        """The report of what is there now."""
        return building.build(stage.enter(STAGE, None, self.root))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace some text of a file, which must hold it."""
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def copied(source: Path, target: Path) -> Results:
    """A copy of what a stage declares, with dvc.yaml and params.yaml."""
    for name in ("dvc.yaml", "params.yaml", *stage.entries(source)[STAGE].deps):
        if (source / name).is_file() and not name.endswith(".py"):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name, follow_symlinks=False)
    return Results(target)


READ = stage.read_yaml
PARSED: dict[bytes, dict[str, Any]] = {}


def remembered(path: Path) -> dict[str, Any]:
    """What ``read_yaml`` reads; the same content is parsed once, which is most of a page's time."""
    content = path.read_bytes()
    if content not in PARSED:
        PARSED[content] = READ(path)
    return PARSED[content]


@pytest.fixture(autouse=True, scope="session")
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "read_yaml", remembered)
        patch.setattr(building, "read_yaml", remembered)
        yield


@pytest.fixture
def results(smoke: Workspace, tmp_path: Path) -> Results:
    """One for a test of its own."""
    return copied(smoke.root, tmp_path / "results")


@pytest.fixture(scope="session")
def kept(smoke: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """One that nobody changes."""
    return copied(smoke.root, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def html(kept: Results) -> str:
    """Its page."""
    return kept.page()
