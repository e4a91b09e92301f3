"""``gate``: whether a change makes a figure worse than gate.yaml allows."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from palisade.files import write_text
from palisade.report import revision
from palisade.review import gate, limits, saying, sides


def run(arguments: Namespace) -> None:
    """Print the table, and fail if the gate does."""
    root = Path()
    rules = limits.read(root / limits.FILE)
    base = revision.base(root, arguments.base)
    outcomes = gate.judge(rules, base, sides.here(root))
    error = gate.refusal(outcomes, rules, base.name)
    text = "\n".join(saying.lines(outcomes, error, base.name))
    print(text)
    if arguments.output is not None:
        write_text(arguments.output, text + "\n")
    if error:
        raise error
