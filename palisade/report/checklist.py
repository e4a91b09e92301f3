"""The release's checklist, a table for each of its sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from palisade.release import lines
from palisade.release.lines import FAIL, PASS, VERIFY, Checklist, Line
from palisade.report.figure import Block, Table
from palisade.stage import checked

PATH = "models/release/checklist.json"
COLUMNS = ("claim", "of", "figure", "asked for", "outcome")
STATES = {PASS: "good", FAIL: "bad", VERIFY: ""}


def blocks(content: Any) -> list[Block]:
    """Every line, in the checklist's order.

    Raises:
        PalisadeError: It is no checklist.
    """
    found = checked(Checklist, content, PATH)
    count = found.summary
    about = (
        f"Of release {found.version}. {count[PASS]} lines pass, {count[FAIL]} fail, and "
        f"{count[VERIFY]} are decided by those who verify the release. The release gate refuses a "
        "release that fails a required line; the others are choices and targets of a team."
    )
    sections = dict.fromkeys(line.section for line in found.lines)
    tables = [
        _table(section, [line for line in found.lines if line.section == section])
        for section in sections
    ]
    # A block each, as tables of one block stand side by side, and claims are long.
    return [Block("Release checklist", about), *(Block(tables=[one]) for one in tables)]


def _table(section: str, found: Sequence[Line]) -> Table:
    return Table(
        COLUMNS,
        [
            [
                line.claim,
                line.task or "all",
                *lines.told(line.model_dump()),
                f"{line.status}, required" if line.required else line.status,
            ]
            for line in found
        ],
        section,
        [STATES[line.status] for line in found],
    )
