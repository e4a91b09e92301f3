"""What the code cites for a section of params.yaml, in the code's own words.

sources.yaml lists the files, each with words of it or, empty, for the ``References:`` of its
docstrings. Words must stand in their file, so no source is named that the code does not name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.stage import read_yaml

LIST = Path(__file__).with_suffix(".yaml")


def of(root: Path, section: str) -> list[tuple[str, str]]:
    """Each file that cites something for a section, and what.

    Raises:
        PalisadeError: A file does not say what is named here of it.
    """
    found = []
    for path, words in read_yaml(LIST).get(section, {}).items():
        text = (root / path).read_text()
        cited = list(words) or list(references(text))
        if not cited or not all(_bare(one) in _bare(text) for one in cited):
            raise PalisadeError(
                f"{path} does not say what the sources of {section} name",
                "mend scripts/params/sources.yaml",
            )
        found.append((path, "; ".join(one.rstrip(".") for one in cited)))
    return found


def references(source: str) -> Iterator[str]:
    """What stands below ``References:`` in the docstrings of a module, each once."""
    seen = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            _, head, below = (ast.get_docstring(node) or "").partition("References:\n")
            text = " ".join(below.split("\n\n")[0].split())
            if head and text not in seen:
                seen.add(text)
                yield text


def _bare(text: str) -> str:
    """Without line breaks and the signs of comments."""
    return " ".join(re.sub(r"^\s*#", "", text, flags=re.MULTILINE).split())
