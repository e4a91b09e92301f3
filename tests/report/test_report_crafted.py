"""Crafted inputs at the door, beside clean ones and full control."""

from __future__ import annotations

import pytest

from palisade.report import crafted
from palisade.report.figure import Table
from tests.report.made import metrics

ROWS = """\
goal,reached,among,clean,noise,rate,low,high,bound,n
forced,motion,all,0.015,0.02,0.035,0.0170555,0.0704706,0.095,200
forced,motion,near_miss,0.0202703,0.02,0.0472973,0.023097,0.0944036,0.128378,148
forced,motion,bystander,0,0,0.2,0.0806577,0.416017,0.8,20
forced,vision,all,0.015,0.015,0.015,0.00511424,0.0431657,0.015,200
forced,vision,bystander,0,0,0,0,1,0,0
forced,motion_vision,all,0.015,0.015,0.06,0.0346522,0.101932,1,1200
forced,any_1,all,0.015,,0.05,0.0273826,0.0895781,0.405,200
denied,motion,all,0.05,0.06,0.24,0.166913,0.332323,1,100
denied,vision,all,0.05,0.05,0.11,0.062542,0.186313,1,100
denied,motion_vision,all,0.05,0.06,0.3,0.218949,0.395849,1,100
"""
FILES = {crafted.RATES: ROWS}


@pytest.fixture
def tables() -> list[Table]:
    return [one for block in crafted.blocks(metrics(FILES)) for one in block.tables]


def test_rates_stand_beside_clean_ones_noise_and_full_control(tables: list[Table]) -> None:
    forced, denied = ({(row[0], row[1]): list(row[2:]) for row in one.rows} for one in tables)
    assert forced["motion", "all"] == ["0.035", "0.017 to 0.070", "0.015", "0.020", "0.095", "200"]
    assert forced["motion and vision", "all"][-1] == "1,200"
    assert forced["best 1 of 2", "all"][3] == ""  # of which noise was not measured
    assert denied["vision", "all"][:2] == ["0.110", "0.063 to 0.186"]
    assert tables[0].columns[2] == "opens" and tables[1].columns[2] == "stays shut"


def test_of_bystanders_that_there_were_none_of_no_rate_is_shown(tables: list[Table]) -> None:
    rows = {(row[0], row[1]): list(row[2:]) for row in tables[0].rows}
    assert rows["vision", "of bystanders"] == ["no events", "", "", "", "", "0"]
    assert rows["motion", "of bystanders"][0] == "0.200"


def test_charts_show_each_goal_by_the_sensors_that_are_reached() -> None:
    forced, denied = (one for block in crafted.blocks(metrics(FILES)) for one in block.figures)
    assert [name for _, name in forced.legend] == ["clean", "crafted", "full control"]
    assert "motion and vision: clean 0.015, crafted 0.06, full control 1" in forced.drawing
    assert "best 1 of 2: clean 0.015, crafted 0.05, full control 0.405" in forced.drawing
    assert "vision: clean 0.05, crafted 0.11, full control 1" in denied.drawing
    assert len(forced.table.rows) == 7 and len(denied.table.rows) == 3


def test_the_card_has_the_rate_with_all_sensors_crafted() -> None:
    assert crafted.all_forced(metrics(FILES)) == "0.060"
