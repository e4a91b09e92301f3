"""Physical attacks as people read them."""

from __future__ import annotations

from palisade.report import delivery
from tests.report.made import subject

HEAD = (
    "attack,severity,n,accuracy,low,high,accepted_and_wrong,oblivious_accepted_and_wrong,"
    "guard_aware_accepted_and_wrong,undefended_accuracy,reference\n"
)
VOICE = (
    "none,-,1200,0.916667,0.853378,0.954106,0.0666667,0.0666667,,0.925,1\n"
    "over_the_air,20 dB,120,0.816667,0.737991,0.875697,0.158333,0.125,0.141667,0.5,0\n"
    "over_the_air,15 dB,120,0.575,0.485578,0.65977,0.408333,0.391667,0.366667,0.25,1\n"
)
PATH = "detail/physical.csv"


def test_the_table_has_names_for_people_and_rows_of_reference() -> None:
    section = delivery.physical([subject("voice", {PATH: HEAD + VOICE})])
    (table,) = (one for block in section.blocks for one in block.tables)
    assert list(table.columns) == [
        "task", "attack", "severity", "accuracy", "95 % interval", "accepted and wrong",
        "oblivious", "guard-aware", "undefended accuracy", "examples",
    ]  # fmt: skip
    assert [list(row) for row in table.rows] == [
        ["voice", "none", "-", "0.917", "0.853 to 0.954", "0.067", "0.067", "", "0.925", "1,200"],
        ["voice", "over the air", "15 dB", "0.575", "0.486 to 0.660", "0.408", "0.392", "0.367",
         "0.250", "120"],
    ]  # fmt: skip


def test_charts_of_all_tasks_stand_beside_each_other_and_keep_every_row() -> None:
    both = [subject(key, {PATH: HEAD + VOICE}) for key in ("voice", "vision")]
    (block,) = (one for one in delivery.physical(both).blocks if one.figures)
    assert [one.name for one in block.figures] == [
        "figure-physical-voice",
        "figure-physical-vision",
    ]
    assert len(block.figures[0].table.rows) == 3
    assert "over the air · 20 dB</text>" in block.figures[0].drawing
    assert ">none</text>" in block.figures[0].drawing  # without a severity or a count


def test_a_table_without_a_severity_of_reference_is_shown_whole() -> None:
    text = "kind,rate,low,high,n\ntwo_patches,0.4375,0.3,0.6,32\nwind,0.5,0.3,0.7,32\n"
    section = delivery.physical([subject("vision", {PATH: text})])
    (table,) = (one for block in section.blocks for one in block.tables)
    assert table.rows[0] == ["vision", "two patches", "0.438", "0.300 to 0.600", "32"]
    assert len(table.rows) == 2
    bare = delivery.physical([subject("vision", {PATH: "attack,share\npatch,0.43751\n"})])
    assert [one.rows for block in bare.blocks for one in block.tables] == [
        [["vision", "patch", "0.438"]]
    ]
