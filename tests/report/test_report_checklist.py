"""The release's checklist as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from palisade.errors import PalisadeError
from palisade.release import lines
from palisade.report import checklist
from palisade.report.figure import Table
from tests.report.made import line


def shown(*found: lines.Line) -> tuple[str, list[Table]]:
    blocks = checklist.blocks(lines.made("1.2.3", list(found)))
    return blocks[0].about, [table for block in blocks for table in block.tables]


def test_each_section_is_a_table_with_what_was_found_and_asked_for() -> None:
    digest = "ab" * 32
    about, tables = shown(
        line(),
        line(status="fail", required=True, task=None, relation=">=", claim="All is well."),
        line(section="Delivery", status="verify", relation="is there", limit=None),
        line(section="Delivery", relation="is", limit="x", evidence=[{"value": digest}]),
        line(section="Delivery", relation="is not", limit="not stated", evidence=[], reason="gone"),
    )
    assert [(table.caption, list(table.states)) for table in tables] == [
        ("Training", ["good", "bad"]),
        ("Delivery", ["", "good", "good"]),
    ]
    training, delivery = (table.rows for table in tables)
    assert training[0] == ["X is small.", "voice", "0.123", "<= 0.5", "pass"]
    assert training[1] == ["All is well.", "all", "0.123", ">= 0.5", "fail, required"]
    assert [row[2:] for row in delivery] == [
        ["", "a figure", "verify"],
        ["abababababab...", "x", "pass"],
        ["gone", "anything but not stated", "pass"],
    ]
    assert "Of release 1.2.3. 3 lines pass, 1 fail, and 1 are decided" in about


@pytest.mark.parametrize("content", [{}, [], {"lines": []}, {"items": [{"item": "x"}]}])
def test_what_is_no_checklist_is_refused(content: Any) -> None:
    with pytest.raises(PalisadeError, match=r"models/release/checklist\.json"):
        checklist.blocks(content)
