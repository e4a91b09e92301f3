"""Charts put values where they belong, and tell series apart without colour."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palisade.report import charts, scales, svg
from palisade.report.charts import Heat, Point, Ranges, Series
from palisade.report.page import STYLE
from palisade.report.scales import Scale

FINITE = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    "scale",
    [
        scales.shares(),
        scales.ordinal(["clean", "36 dB", "30 dB"]),
        scales.steps(1, 15),
        scales.linear(-3.0, 17.0),
        scales.logarithmic(0.02, 800.0),
        scales.deviates(),
    ],
)
def test_ticks_stand_on_the_axis_in_order(scale: Scale) -> None:
    places = [scale.place(value) for value, _ in scale.ticks]
    assert places == sorted(places) and len(set(places)) == len(places) >= 2
    assert places[0] >= 0 and places[-1] <= 1
    assert scale.place(scale.low) == 0 and scale.place(scale.high) == 1
    assert scale.place(scale.low - 1) == 0 and scale.place(scale.high + 1) == 1


@given(low=FINITE, reach=st.floats(1e-3, 1e6))
def test_a_linear_axis_holds_its_values_with_few_round_ticks(low: float, reach: float) -> None:
    scale = scales.linear(low, low + reach)
    slack = 1e-6 * max(abs(low), reach)
    assert scale.low <= low + slack and scale.high >= low + reach - slack
    assert 2 <= len(scale.ticks) <= 8


def test_a_linear_axis_of_one_value_has_a_length() -> None:
    assert scales.linear(0.0, 0.0).place(0.5) == 0.5


def test_normal_deviates_are_symmetric_about_a_half() -> None:
    scale = Scale(0.1, 0.9, (), scales.deviates().bend)
    assert scale.place(0.5) == pytest.approx(0.5)
    assert scale.place(0.2) == pytest.approx(1 - scale.place(0.8))


def test_a_line_goes_through_its_points_and_whiskers_span_their_intervals() -> None:
    place = charts.Frame(scales.shares(), scales.shares(), 0, 0, 100, 100)
    series = Series("a", 1, [Point(0, 1, 0.9, 1.0), Point(1, 0.25)])
    (drawn,) = charts.lines(place, [series])
    tree = ElementTree.fromstring(str(drawn))
    assert tree.find("polyline").attrib["points"] == "0,0 100,75"  # type: ignore[union-attr]
    (whisker,) = tree.findall("line")
    assert (whisker.attrib["y1"], whisker.attrib["y2"]) == ("10", "0")
    assert [one.attrib["cx"] for one in tree.findall("circle")] == ["0", "100"]


def test_rows_of_ranges_keep_series_apart() -> None:
    series = [Series(str(n), n, [Point(0.5, 0), Point(0.5, 1)]) for n in (1, 2, 3)]
    ranges = Ranges(["a", "b"], series, scales.shares(), "rate")
    drawn = svg.drawing("x", "t", "d", ranges.height, ranges.draw())
    heights = [float(one) for one in re.findall(r'cy="([\d.]+)"', str(drawn))]
    assert len(heights) == 2 and heights[1] - heights[0] >= 3 * charts.MARK_ROW_PX


def test_a_heat_map_shades_by_share_and_writes_each_cell() -> None:
    heat = Heat(["a"], ["x", "y", "z"], [[(0.0, "none"), (0.52, "half"), (1.0, "all")]], "r", "c")
    drawn = "".join(heat.draw())
    assert re.findall(r"cell (h\d+)", drawn) == ["h0", "h5", "h10"]
    assert all(f">{word}</text>" in drawn for word in ("none", "half", "all"))


def test_every_shade_and_style_has_its_rule() -> None:
    style = STYLE.read_text()
    assert all(f".h{n} {{" in style for n in range(charts.SHADES + 1))
    assert all(f".s{n} {{" in style for n in range(1, 6))


def test_series_differ_in_mark_and_in_dash_and_not_in_colour_alone() -> None:
    shapes = {re.sub(r'class="[^"]*"', "", svg.mark((0, 0), style)) for style in range(1, 5)}
    assert len(shapes) == 4
    dashes = re.findall(r"\.s\d \.line, .*stroke-dasharray: ([\d ]+);", STYLE.read_text())
    assert len(set(dashes)) == len(dashes) == 3


def test_words_are_escaped() -> None:
    drawn = svg.drawing("x", "a < b", 'c "&" d', 10, [svg.text((0, 0), "<script>", "label")])
    assert "<script>" not in drawn
    tree = ElementTree.fromstring(str(drawn))
    assert [one.text for one in tree][:2] == ["a < b", 'c "&" d']


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1"), (100.0, "100"), (-0.001, "0"), (2.345, "2.35"), (10.5, "10.5")],
)
def test_coordinates_are_short(value: float, written: str) -> None:
    assert svg.number(value) == written
