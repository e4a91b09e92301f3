"""Files as they are in a revision of the project, by git."""

from __future__ import annotations

import io
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from palisade.errors import PalisadeError
from palisade.report.comparison import Base
from palisade.report.source import Metrics


def base(root: Path, name: str) -> Base:
    """A revision to compare with.

    Raises:
        PalisadeError: git does not know it, or it has no readable params.yaml.
    """
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if commit is None:
        raise PalisadeError(
            f"git knows no revision {name} here", "name a branch, a tag or a commit of this project"
        )
    commit = commit.strip()

    @cache
    def content(path: str) -> str | None:
        return _git(root, "show", f"{commit}:./{path}")

    def text(path: str) -> str:
        found = content(path)
        if found is None:
            raise PalisadeError(f"{name} has no {path}", "compare with a later revision")
        return found

    short = commit[:10]
    called = f"{name} ({short})" if not commit.startswith(name) else short
    return Base(called, Metrics(text, lambda path: content(path) is not None), _params(text, name))


def _params(text: Any, name: str) -> dict[str, Any]:
    try:
        tree = YAML(typ="safe", pure=True).load(io.StringIO(text("params.yaml")))
    except YAMLError as error:
        line = " ".join(str(error).split())
        raise PalisadeError(f"params.yaml of {name} is not valid YAML", line) from error
    return tree if isinstance(tree, dict) else {}


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None where it fails.

    Raises:
        PalisadeError: There is no git.
    """
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise PalisadeError("git is not installed", "install it to compare revisions") from error
    return done.stdout if done.returncode == 0 else None
