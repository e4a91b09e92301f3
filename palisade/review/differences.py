"""What ``dvc metrics diff`` and ``dvc params diff`` say, as rows of a Markdown table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from palisade.errors import PalisadeError
from palisade.report.source import written
from palisade.review import markdown

COLUMNS = ("file", "name", "before", "now", "change")
LONGEST = 80  # characters of a value


def rows(root: Path, kind: str, base: str) -> list[str]:
    """A row a value that differs between a revision and this checkout.

    Args:
        kind: ``metrics`` or ``params``.
        base: the revision, as git knows it.

    Raises:
        PalisadeError: DVC cannot compare them.
    """
    done = subprocess.run(
        [sys.executable, "-m", "dvc", kind, "diff", base, "--json"],
        cwd=root,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it says nothing"]
        raise PalisadeError(f"`dvc {kind} diff {base}` failed ({said[0]})", "mend it")
    tree: dict[str, dict[str, Any]] = json.loads(done.stdout or "{}")
    return [
        markdown.line(_cells(path, name, one))
        for path, names in sorted(tree.items())
        for name, one in sorted(names.items())
    ]


def _cells(path: str, name: str, one: dict[str, Any]) -> list[str]:
    change = one.get("diff")
    return [
        markdown.code(path),
        markdown.code(name),
        markdown.code(_short(one.get("old"))),
        markdown.code(_short(one.get("new"))),
        f"{change:+.6g}" if isinstance(change, int | float) else "",
    ]


def _short(value: Any) -> str:
    text = written(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
