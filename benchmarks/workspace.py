"""A copy of this project in a folder of its own, with a git history, to run the pipeline in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Workspace:
    """A project to run commands in.

    Attributes:
        root: its folder.
        environment: what its commands run with.
    """

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *command: str, echo: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its status; ``echo`` shows what it says at once."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=dict(self.environment),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=None if echo else subprocess.PIPE,
            stderr=None if echo else subprocess.PIPE,
        )

    def must(self, *command: str, echo: bool = False) -> str:
        """Run a command that has to succeed; returns what it printed."""
        done = self.run(*command, echo=echo)
        if done.returncode:
            said = "" if echo else f"\n{done.stdout}{done.stderr}"
            raise RuntimeError(f"{' '.join(command)} exited {done.returncode}{said}")
        return done.stdout or ""

    def repro(self, *options: str) -> list[str]:
        """Run ``dvc repro`` and return the stages that ran, in order."""
        return ran(self.must("dvc", "repro", *options))

    def set(self, changes: Mapping[str, Any]) -> None:
        """Change params.yaml by dotted names; comments stay."""
        yaml, path = YAML(), self.root / "params.yaml"
        yaml.width = 10000
        tree = yaml.load(path)
        for name, value in changes.items():
            *sections, last = name.split(".")
            place = tree
            for section in sections:
                place = place[section]
            if last not in place:
                raise KeyError(f"params.yaml has no {name}")
            # A copy, as a list that stands in two places would be written as an alias; and in
            # one line, as the block form loses its place beside the comments of the old one.
            place[last] = CommentedSeq(deepcopy(value)) if isinstance(value, list) else value
            if isinstance(value, list):
                place[last].fa.set_flow_style()
        yaml.dump(tree, path)


def ran(said: str) -> list[str]:
    """The stages that DVC says it ran, in order."""
    return re.findall(r"Running stage '([\w@]+)'", said)


def copy(root: Path, key: Path, params: Path | None = None) -> Workspace:
    """Copy what git would track, without results, commit it in ``root``, and make a key.

    Links stay links. An audit is no result of the pipeline, which reads it.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, root / name
        made = name.startswith(("metrics/", "models/", "dvc.lock")) and "/audit." not in name
        if source.is_file() and not made:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    if params is not None:
        shutil.copy(params, root / "params.yaml")
    workspace = Workspace(root, environment(key))
    workspace.must("git", "init", "--quiet", "--initial-branch=main")
    workspace.must("git", "add", "--all")
    workspace.must("git", "commit", "--quiet", "--message=A copy to run in")
    workspace.must(sys.executable, "-m", "palisade", "keys", "new", "--if-none")
    return workspace


def environment(key: Path) -> dict[str, str]:
    """This Python first on the path, a key, and a git identity."""
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in {"NAME": "Palisade", "EMAIL": "palisade@example.org"}.items()
    }
    return {
        **os.environ,
        **identity,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PALISADE_KEY": str(key),
    }
