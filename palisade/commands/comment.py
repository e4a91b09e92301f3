"""``comment``: what a pull request's comment says, and its pictures, as files."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.files import write_text
from palisade.report import revision
from palisade.report.comparison import Base
from palisade.review import comment, curve, differences, gate, limits, markdown, sides
from palisade.review.comment import Block

FOLDER = Path("reports/comment")


def run(arguments: Namespace) -> None:
    """Write ``comment.md`` and a picture a task; a gate that fails is no failure of this."""
    root, name = Path(), arguments.base
    base, now = revision.base(root, name), sides.here(root)
    found = [curve.curve(task, base, now) for task in sides.tasks_of(now)]
    curves = [one for one in found if one is not None]
    changes = {kind: differences.rows(root, kind, name) for kind in ("metrics", "params")}
    folder = arguments.output or FOLDER
    for one in curves:
        write_text(folder / f"robustness-{one.task}.svg", one.drawing())
    text = comment.write(_verdict(root, base, now, name), curves, changes, name)
    write_text(folder / "comment.md", text)
    print(f"{folder}/comment.md: {len(text)} characters, {len(curves)} pictures beside it")


def _verdict(root: Path, base: Base, now: Base, name: str) -> list[Block]:
    """What the gate says, or why it says nothing."""
    try:
        rules = limits.read(root / limits.FILE)
        outcomes = gate.judge(rules, base, now)
    except PalisadeError as error:
        return [Block([f"**Gate failed**: {markdown.code(str(error))}"])]
    refusal = gate.refusal(outcomes, rules, base.name)
    return comment.of_gate(outcomes, refusal, base.name, name)
