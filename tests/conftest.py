"""What several tests stand on: the project's root, and one smoke-sized run of the pipeline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks import workspace
from benchmarks.workspace import Workspace

ROOT = Path(__file__).parent.parent
SMOKE = ROOT / "tests/smoke/params.yaml"


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project of which the whole pipeline was run once at smoke size. Leave it as it is.

    Test processes share it: the first to ask makes it, and the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "smoke"
    key, done = folder / "key.pem", folder / "done"
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            project = workspace.copy(folder / "project", key, SMOKE)
            project.repro()
            project.must("git", "add", "--all")
            project.must("git", "commit", "--quiet", "--message=The smoke run's results")
            done.touch()
    return Workspace(folder / "project", workspace.environment(key))
