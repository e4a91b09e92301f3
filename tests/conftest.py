"""What several tests stand on: the project's root, and one smoke-sized run of the pipeline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks import workspace
from benchmarks.workspace import Workspace
from palisade.parallel import WORKERS

ROOT = Path(__file__).parent.parent
SMOKE = ROOT / "tests/smoke/params.yaml"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In which order two processes take the files, the longest first.

    One makes the smoke run with the first file, and what else waits for that run comes last.
    """
    asked = {item.path for item in items if "smoke" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (_turn(item.path, waits=item.path in asked), str(item.path)))


def _turn(path: Path, *, waits: bool) -> int:
    if path.name == "test_repro.py":
        return 0
    return 3 if waits else 2 - (path.parent.name == "benchmarks")


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project of which the whole pipeline was run once at smoke size. Leave it as it is.

    Test processes share it: the first to ask makes it, and the others wait. Each stage works in
    one process, as another test process has the other core.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "smoke"
    key, done = folder / "key.pem", folder / "done"
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            project = alone(workspace.copy(folder / "project", key, SMOKE))
            project.repro()
            project.must("git", "add", "--all")
            project.must("git", "commit", "--quiet", "--message=The smoke run's results")
            done.touch()
    return alone(Workspace(folder / "project", workspace.environment(key)))


def alone(project: Workspace) -> Workspace:
    """The same project, whose stages start no processes."""
    return Workspace(project.root, {**project.environment, WORKERS: "1"})
