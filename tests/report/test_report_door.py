"""The door's rates, of which some are of no event."""

from __future__ import annotations

from palisade.report import comparison, door, verdict
from palisade.report.comparison import Base
from tests.report.made import metrics

HEAD = "figure,rate,low,high,n\n"
RATES = HEAD + (
    "action.false_accept_rate,0.007,0.00339487,0.0143783,1000\n"
    "action.false_reject_rate,0.0361111,0.0212229,0.0607948,360\n"
    "controlled.motion.false_accept_rate,0.00978261,0.00515508,0.0184869,920\n"
    "controlled.motion.bystander_false_accept_rate,0.55,0.441195,0.654223,80\n"
    "controlled.vision.false_accept_rate,0,0,1,0\n"
    "controlled.vision.bystander_false_accept_rate,0,0,1,0\n"
)
FILES = {
    door.RATES: RATES,
    door.EVIDENCE: "motion,vision,figure,rate,low,high,n\n"
    "all,all,action.false_accept_rate,0.007,0.003,0.014,1000\n"
    "all,all,action.false_reject_rate,0.036,0.021,0.061,360\n",
    door.FUSED: '{"action": {"false_accept_rate": 0.007, "false_reject_rate": 0.0361}, "n": 1360,'
    ' "controlled": {"motion": {"false_accept_rate": 0.0098}, "vision": {"false_accept_rate": 0}}}',
}


def test_a_controlled_sensor_of_which_there_was_no_event_has_no_rate() -> None:
    (table,) = (one for block in door.door(metrics(FILES)).blocks for one in block.tables)
    found = {(row[0], row[1]): list(row[2:]) for row in table.rows}
    assert found["vision", "of bystanders"] == ["no events", "", "0"]
    assert found["motion", "of bystanders"] == ["0.550", "0.441 to 0.654", "80"]
    assert dict(verdict.door_facts(metrics(FILES)))["opens with vision controlled"] == "no events"


def test_a_rate_is_not_compared_with_one_of_no_event() -> None:
    before = {**FILES, door.RATES: RATES.replace("1000\n", "0\n", 1)}
    section = comparison.section([], metrics(FILES), {}, Base("old", metrics(before), {}))
    (block,) = (one for one in section.blocks if one.title == "The door")
    shown = [row[0] for row in block.tables[0].rows]
    assert "action.false_reject_rate" in shown
    assert "action.false_accept_rate" not in shown
    assert "controlled.vision.false_accept_rate" not in shown
