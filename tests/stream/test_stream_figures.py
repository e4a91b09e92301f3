"""What thresholds accept and miss, on scores written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.stream import figures
from palisade.stream.decision import Params
from palisade.stream.figures import Material
from palisade.stream.hearing import Heard
from palisade.stream.recording import Recording, Said

CLIP_MS = 1000
LABELS = ("go", "halt")
PARAMS = Params(hop_ms=100, smoothed_windows=1, refractory_ms=500, false_reject_target=0.1)


def heard(
    margin: list[list[int]], *said: Said, kind: str = "speech", rejected: tuple[int, ...] = ()
) -> Heard:
    """A recording with these margins; decision i is made at 1000 + 100 i ms."""
    accepted = np.ones(len(margin), np.bool_)
    accepted[list(rejected)] = False
    rows = np.zeros((len(margin), 1), np.int8)
    return Heard(Recording(kind, rows, 1, 1, said), rows, np.array(margin, np.int16), accepted)


def material(*recordings: Heard, guarded: bool = True) -> Material:
    return figures.material(recordings, LABELS, PARAMS, clip_ms=CLIP_MS, guarded=guarded)


def quiet(count: int, **at: list[int]) -> list[list[int]]:
    """Margins of -50, but for those given: ``a3=[9, -50]`` at decision 3."""
    return [at.get(f"a{place}", [-50, -50]) for place in range(count)]


SAID = Said("go", 1000.0, 1400.0)  # half of it is heard by decision 2, and the last one is 14


def test_limits_are_those_of_the_textbooks() -> None:
    # No event in 6 hours: the rule of three, -ln 0.05 / 6.
    assert figures.highest_rate(0, 6.0) == pytest.approx(-np.log(0.05) / 6)
    assert figures.highest_rate(1, 1.0) == pytest.approx(4.743865, abs=1e-5)  # Garwood's table
    assert figures.highest_share(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert figures.highest_share(7, 7) == 1.0
    assert figures.highest_share(3, 10) > 0.3


def test_false_accepts_are_counted_an_hour_of_decisions_without_a_command() -> None:
    stream = material(
        heard(quiet(360, a3=[9, -50], a4=[9, -50], a100=[-50, 9])),
        heard(quiet(360, a5=[9, -50]), kind="background"),
        heard(quiet(30, a5=[9, -50]), SAID),
    )
    found = figures.outcome(stream, (5, 5)).figures()
    assert found["hours"] == pytest.approx(0.02)
    assert found["false_accepts_per_hour"] == pytest.approx(3 / 0.02)  # two in a row are one
    assert found["false_accepts_per_hour_high"] == pytest.approx(figures.highest_rate(3, 0.02))
    kinds = figures.by_kind(stream, (5, 5))
    assert kinds["speech"]["false_accepts_per_hour"] == pytest.approx(2 / 0.01)
    assert kinds["background"]["false_accepts_per_hour"] == pytest.approx(1 / 0.01)
    assert kinds["background"]["hours"] == pytest.approx(0.01)
    assert set(kinds) == {"speech", "background"}


@pytest.mark.parametrize(
    ("at", "missed"), [(1, True), (2, False), (14, False), (15, True)], ids=str
)
def test_a_command_is_heard_from_its_middle_until_it_has_left_the_input(
    at: int, missed: bool
) -> None:
    stream = material(heard(quiet(30, **{f"a{at}": [9, -50]}), SAID), heard(quiet(10)))
    assert figures.trial(stream, (5, 5))[0].tolist() == [missed]


def test_another_command_in_its_place_is_a_miss_and_a_mistake() -> None:
    stream = material(heard(quiet(30, a5=[-50, 9]), SAID), heard(quiet(10)))
    found = figures.outcome(stream, (5, 5))
    assert (found.missed, found.mistaken, found.said) == (1, 1, 1)


def test_an_accept_just_before_a_command_hides_it() -> None:
    both = quiet(30, a1=[-50, 9], a5=[9, -50])
    stream = material(heard(both, SAID), heard(quiet(10)))
    found = figures.outcome(stream, (5, 5))
    assert (found.missed, found.mistaken) == (1, 0)


def test_each_command_of_a_recording_is_looked_for_in_its_own_time() -> None:
    later = Said("halt", 4000.0, 4500.0)
    stream = material(heard(quiet(60, a5=[9, -50], a33=[-50, 9]), SAID, later), heard(quiet(10)))
    assert figures.trial(stream, (5, 5))[0].tolist() == [False, False]
    stream = material(heard(quiet(60, a5=[-50, 9], a33=[9, -50]), SAID, later), heard(quiet(10)))
    assert figures.trial(stream, (5, 5))[0].tolist() == [True, True]


def test_the_guard_counts_unless_it_is_left_out() -> None:
    recordings = (
        heard(quiet(360, a3=[9, -50]), rejected=(3,)),
        heard(quiet(30, a5=[9, -50]), SAID, rejected=(5,)),
    )
    guarded = figures.outcome(material(*recordings), (5, 5))
    bare = figures.outcome(material(*recordings, guarded=False), (5, 5))
    assert (guarded.false_accepts, guarded.missed) == (0, 1)
    assert (bare.false_accepts, bare.missed) == (1, 0)


def test_the_curve_raises_all_thresholds_together() -> None:
    stream = material(
        heard(quiet(360, a3=[9, -50], a50=[-50, 3])),
        heard(quiet(30, a5=[6, -50]), SAID),
    )
    rows = figures.curve(stream, (5, 1), [-1, 0, 2, 5])
    assert [row["shift_lsb"] for row in rows] == [-1, 0, 2, 5]
    assert [round(row["false_accepts_per_hour"] * 0.01) for row in rows] == [2, 2, 2, 0]
    assert [row["false_reject_rate"] for row in rows] == [0.0, 0.0, 1.0, 1.0]
