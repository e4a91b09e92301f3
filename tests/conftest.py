"""What several tests stand on: the project's root, and one smoke-sized run of the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import workspace
from benchmarks.workspace import Workspace

ROOT = Path(__file__).parent.parent
SMOKE = ROOT / "tests/smoke/params.yaml"


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project of which the whole pipeline was run once at smoke size. Leave it as it is."""
    folder = tmp_path_factory.mktemp("smoke")
    project = workspace.copy(folder / "project", folder / "key.pem", SMOKE)
    project.repro()
    project.must("git", "add", "--all")
    project.must("git", "commit", "--quiet", "--message=The smoke run's results")
    return project
