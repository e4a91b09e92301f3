"""What a release is made from: labels and metrics that the pipeline's stages wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from palisade.errors import PalisadeError
from palisade.release.manifest import Check
from palisade.release.reading import strict_json
from palisade.stage import checked
from palisade.tables import read_csv

_AGAIN = "run `dvc repro` again"


def labels(path: Path) -> list[str]:
    """Class names, one a line, in the order of the model's logits.

    Raises:
        PalisadeError: A line is empty, a name comes twice, or there are fewer than two.
    """
    try:
        names = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise PalisadeError(f"{path} is not UTF-8 text", _AGAIN) from error
    if len(names) < 2 or len(set(names)) != len(names) or not all(map(str.strip, names)):
        raise PalisadeError(f"{path} holds {names!r}", "two or more different names, one a line")
    return names


def metrics(path: Path) -> dict[str, Any]:
    """A stage's metrics: a JSON object that can be read in one way, without NaN or infinity.

    Raises:
        PalisadeError: It is not.
    """
    try:
        content = strict_json(path.read_bytes())
    except ValueError as error:
        raise PalisadeError(f"{path} is not plain JSON ({error})", _AGAIN) from error
    if not isinstance(content, dict):
        raise PalisadeError(f"{path} is not a JSON object", _AGAIN)
    return content


def reliable(evaluation: dict[str, Any], path: Path, found: dict[str, Check]) -> bool:
    """Whether ``evaluate`` found its own measurement reliable.

    Args:
        evaluation: what it wrote.
        path: its file.
        found: its checks, by name.

    Raises:
        PalisadeError: It does not say, or its checks say otherwise; a release never guesses.
    """
    verdict = evaluation.get("reliable")
    if not isinstance(verdict, bool):
        raise PalisadeError(f"{path}: reliable is {verdict!r}, not true or false", _AGAIN)
    if verdict != all(check.passed for check in found.values()):
        raise PalisadeError(f"{path}: reliable is {verdict}, but its checks say otherwise", _AGAIN)
    return verdict


def checks(path: Path) -> dict[str, Check]:
    """Checks on a measurement, by name.

    Raises:
        PalisadeError: The table is none of checks, or has none.
    """
    found = {
        row["check"]: checked(
            Check,
            {
                "figure": None if row["figure"] == "nan" else float(row["figure"]),
                "relation": row["relation"],
                "limit": float(row["limit"]),
                "passed": _truth(row["passed"], path),
            },
            f"{path}: {row['check']}",
        )
        for row in _rows(path, "check", "figure", "relation", "limit", "passed")
    }
    if not found:
        raise PalisadeError(f"{path} has no check", _AGAIN)
    return found


def intervals(path: Path, *names: str, value: str) -> dict[str, Any]:
    """Figures with their intervals, nested by the columns ``names``.

    Args:
        path: a table with the columns ``low``, ``high`` and ``n``.
        names: columns whose values lead to a row.
        value: the column of the figure itself.
    """
    tree: dict[str, Any] = {}
    for row in _rows(path, *names, value, "low", "high", "n"):
        branch = tree
        for name in names[:-1]:
            branch = branch.setdefault(row[name], {})
        branch[row[names[-1]]] = {
            "value": float(row[value]),
            "low": float(row["low"]),
            "high": float(row["high"]),
            "n": int(row["n"]),
        }
    return tree


def attacks(path: Path, model: str) -> dict[str, list[str]]:
    """By budget, the attacks that a model's verdicts are of, of at least one example."""
    found: dict[str, set[str]] = {}
    for row in _rows(path, "model", "attack", "budget", "right"):
        if row["model"] == model and row["right"].strip("-"):
            found.setdefault(row["budget"], set()).add(row["attack"])
    return {budget: sorted(names) for budget, names in sorted(found.items())}


def table(path: Path, name: str, value: str) -> dict[str, float]:
    """A table's column ``value`` by its column ``name``."""
    return {row[name]: float(row[value]) for row in _rows(path, name, value)}


def _rows(path: Path, *columns: str) -> list[dict[str, str]]:
    rows = read_csv(path)
    if missing := sorted(set(columns) - set(rows[0])) if rows else []:
        raise PalisadeError(f"{path} has no column {', '.join(missing)}", _AGAIN)
    return rows


def _truth(text: str, path: Path) -> bool:
    if text not in ("True", "False"):
        raise PalisadeError(f"{path} holds passed: {text!r}", _AGAIN)
    return text == "True"
