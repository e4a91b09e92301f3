"""What several tests stand on: the project's root, and one smoke-sized run of the pipeline."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Project:
    """A copy of this project in a folder of its own, with a git history and a key."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; on failure show all that it said."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(command)} exited {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def repro(self, *options: str) -> list[str]:
        """Run ``dvc repro`` and return the stages that ran, in order."""
        done = self.run("dvc", "repro", *options)
        return re.findall(r"Running stage '([\w@]+)'", done.stdout)

    def edit(self, old: str, new: str, file: str = "params.yaml") -> None:
        """Replace one occurrence of a text in a file."""
        path = self.root / file
        content = path.read_text()
        assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {file}"
        path.write_text(content.replace(old, new))


def copy_project(root: Path, key: Path, params: Path | None = None) -> Project:
    """Copy what git would track into ``root``, commit it there, and make a key outside."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, root / name
        if source.exists() and not name.startswith(("metrics/", "models/")) and name != "dvc.lock":
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    if params is not None:
        shutil.copy(params, root / "params.yaml")
    project = Project(root, environment(key))
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message=A copy to test on")
    project.run(sys.executable, "-m", "palisade", "keys", "new")
    return project


def environment(key: Path) -> dict[str, str]:
    """The environment of a project's commands: this Python first, a key, a git identity."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PALISADE_KEY": str(key),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.org",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.org",
    }


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of which the whole pipeline was run once at smoke size. Leave it as it is."""
    folder = tmp_path_factory.mktemp("smoke")
    project = copy_project(folder / "project", folder / "key.pem", ROOT / "tests/smoke/params.yaml")
    project.repro()
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message=The smoke run's results")
    return project
