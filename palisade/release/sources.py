"""What a release is made from: labels and metrics that the pipeline's stages wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from palisade.errors import PalisadeError

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
    """A stage's metrics: a JSON object without NaN or infinity.

    Raises:
        PalisadeError: It is not.
    """

    def refuse(constant: str) -> NoReturn:
        raise PalisadeError(f"{path} holds {constant}", _AGAIN)

    try:
        content = json.loads(path.read_bytes(), parse_constant=refuse)
    except ValueError as error:
        raise PalisadeError(f"{path} is not JSON", _AGAIN) from error
    if not isinstance(content, dict):
        raise PalisadeError(f"{path} is not a JSON object", _AGAIN)
    return content


def reliable(evaluation: dict[str, Any], path: Path) -> bool:
    """Whether ``evaluate`` found its own measurement reliable.

    Raises:
        PalisadeError: It does not say; a release never guesses.
    """
    verdict = evaluation.get("reliable")
    if not isinstance(verdict, bool):
        raise PalisadeError(f"{path}: reliable is {verdict!r}, not true or false", _AGAIN)
    return verdict
