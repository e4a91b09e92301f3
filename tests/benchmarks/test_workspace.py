"""A copy of the project is what a clone of it would be."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks import workspace
from benchmarks.workspace import ROOT

LINK = "120000"  # git's mode of a symbolic link


def links(root: Path) -> dict[str, Path]:
    """The links that git tracks, with where they lead."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=root, check=True, capture_output=True, text=True
    )
    rows = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
    return {name: (root / name).readlink() for mode, _, _, name in rows if mode == LINK}


def test_links_stay_links(tmp_path: Path) -> None:
    copy = workspace.copy(tmp_path / "project", tmp_path / "key.pem")
    assert links(ROOT) == links(copy.root)
    assert links(copy.root)["reports/pipeline.yaml"] == Path("../dvc.yaml")
