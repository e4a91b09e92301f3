"""Whether what is simulated obeys what it is said to be simulated from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade import stage
from palisade.tasks.motion.samples.labels import KNOCK, NOTHING, PERSON
from palisade.tasks.motion.synthesis import detector, forces, home, lens, panel, rendering, trace
from palisade.tasks.motion.synthesis.detector import FULL_SCALE_COUNTS, REST_COUNTS, Detector
from palisade.tasks.motion.synthesis.filters import resonance
from palisade.tasks.motion.synthesis.forces import Knocks, Wind, Work
from palisade.tasks.motion.synthesis.lens import Body, Lens
from palisade.tasks.motion.synthesis.params import Params, Wake
from palisade.tasks.motion.synthesis.trace import Moment
from palisade.tasks.motion.synthesis.walkers import Clock, Person, steps

ROOT = Path(stage.__file__).parents[1]
SMOKE = stage.read_yaml(ROOT / "tests/smoke/params.yaml")["synthesize"]["motion"]
PARAMS = stage.checked(Params, SMOKE, "params.yaml: synthesize.motion")
RATE_HZ = 100.0
HEIGHT_M = 1.2
SPECIMEN = Detector(0.15, 0.2, 9.0, gain=300.0, noise_counts=0.0)


@pytest.fixture(scope="module")
def glass() -> Lens:
    dice = np.random.default_rng(3)
    return lens.draw(dice, far_facets=9, field_deg=90.0, element_deg=2.5, tilt_deg=0.0)


def walk(speed_m_s: float, away_m: float = 4.0, **changes: Any) -> Body:
    along = (np.arange(600) / RATE_HZ - 3) * speed_m_s
    body = Body(np.full_like(along, away_m), along, 0.0, 1.75, 0.45, 6.0)
    return replace(body, **changes)


def seen(glass: Lens, *bodies: Body) -> np.ndarray:
    flux = lens.flux(glass, bodies, sensor_height_m=HEIGHT_M)
    return detector.voltage(SPECIMEN, flux, RATE_HZ)


def dominant_hz(signal: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(signal - signal.mean())) ** 2
    return float((power * np.fft.rfftfreq(len(signal), 1 / RATE_HZ)).sum() / power.sum())


def test_a_body_that_stands_still_is_not_seen(glass: Lens) -> None:
    still = Body(np.full(600, 2.0), np.full(600, 0.3), 0.0, 1.75, 0.45, 6.0)
    assert np.abs(seen(glass, still)).max() < 1e-9
    assert np.abs(seen(glass, walk(1.0))).max() > 100


def test_a_body_colder_than_what_is_behind_it_gives_the_opposite_swing(glass: Lens) -> None:
    assert lens.contrast_k(5.0, 20.0) < 0 < lens.contrast_k(30.0, 20.0)
    assert np.allclose(seen(glass, walk(1.0, contrast_k=-6.0)), -seen(glass, walk(1.0)))


def test_contrast_is_the_difference_of_temperatures_near_20_c() -> None:
    assert lens.contrast_k(21.0, 20.0) == pytest.approx(1.0, rel=0.01)
    assert lens.contrast_k(-9.0, -10.0) == pytest.approx((263.65 / 293.15) ** 3, rel=0.01)


def test_a_faster_or_a_nearer_body_gives_faster_swings(glass: Lens) -> None:
    assert dominant_hz(seen(glass, walk(2.0))) > 1.4 * dominant_hz(seen(glass, walk(1.0)))
    # Narrower than a zone, and while it is in front of the door.
    near, far = (seen(glass, walk(1.0, away_m, width_m=0.1))[200:400] for away_m in (2.0, 5.0))
    assert dominant_hz(near) > 1.2 * dominant_hz(far)


def test_a_body_as_wide_as_many_zones_cancels(glass: Lens) -> None:
    narrow, wide = seen(glass, walk(0.5)), seen(glass, walk(0.5, width_m=40.0))
    assert np.abs(wide).max() < 0.15 * np.abs(narrow).max()


def test_a_body_below_all_zones_is_not_seen_and_a_tall_one_by_more_rows(glass: Lens) -> None:
    low = lens.flux(glass, [walk(1.0, 8.0, high_m=0.1)], sensor_height_m=HEIGHT_M)
    tall = lens.flux(glass, [walk(1.0, 8.0)], sensor_height_m=HEIGHT_M)
    assert np.abs(low).max() < 0.1 * np.abs(tall).max()


def test_bodies_add_up(glass: Lens) -> None:
    first, second = walk(1.0), walk(-1.5, 3.0)
    assert np.allclose(seen(glass, first, second), seen(glass, first) + seen(glass, second))


def test_the_reference_walk_trips_the_comparator_at_the_gain_set_for_it(glass: Lens) -> None:
    gain = detector.gain_for(SPECIMEN, glass, rated_m=10.0, sensor_height_m=HEIGHT_M)
    along = np.arange(-4, 4, 1 / RATE_HZ)
    body = Body(np.full_like(along, 10.0), along, 0.0, 1.75, 0.45, 4.0)
    flux = lens.flux(glass, [body], sensor_height_m=HEIGHT_M)
    counts = detector.voltage(replace(SPECIMEN, gain=gain), flux, RATE_HZ)
    assert np.abs(counts[100:]).max() == pytest.approx(0.2 * FULL_SCALE_COUNTS, rel=1e-6)


def test_the_detector_passes_its_band_and_little_else() -> None:
    times = np.arange(6000) / RATE_HZ

    def swing(hz: float, specimen: Detector = SPECIMEN) -> float:
        counts = detector.voltage(specimen, np.sin(2 * np.pi * hz * times), RATE_HZ)
        return float(np.abs(counts[3000:]).max())

    assert swing(0.6) > 3 * swing(0.03)
    assert swing(0.6) > 5 * swing(20.0)
    assert swing(0.03, replace(SPECIMEN, low_cut_hz=0.4)) < 0.5 * swing(0.03)
    assert swing(15.0, replace(SPECIMEN, high_cut_hz=4.0)) < 0.7 * swing(15.0)


def test_the_converter_stops_at_its_rails_and_rests_in_the_middle() -> None:
    counts = detector.converted(np.array([-1e6, 0.0, 1e6]))
    assert 0 < counts[0] < 100
    assert counts[1] == REST_COUNTS
    assert FULL_SCALE_COUNTS - 100 < counts[2] < FULL_SCALE_COUNTS


def test_the_detectors_noise_has_about_its_root_mean_square() -> None:
    specimen = replace(SPECIMEN, noise_counts=8.0)
    noise = detector.noise(specimen, 20000, RATE_HZ, np.random.default_rng(0))
    assert np.std(noise) == pytest.approx(8.0, rel=0.1)


@pytest.mark.parametrize("contact_ms", [3.0, 9.0, 25.0])
def test_a_blow_has_its_impulse(contact_ms: float) -> None:
    force = forces.knocks(Knocks((0.5, 1.0), (0.4, 0.6), contact_ms), 2.0)
    assert force.sum() / panel.RATE_HZ == pytest.approx(1.0)
    assert force[:490].sum() == 0
    cut = forces.knocks(Knocks((-0.001, 2.5), (1.0, 1.0), contact_ms), 2.0)
    assert 0 < cut.sum() / panel.RATE_HZ < 1


def test_a_struck_mode_rings_at_its_frequency_and_dies_away_by_its_damping() -> None:
    force = np.zeros(4000)
    force[0] = 1.0
    rung = resonance(force, hz=20.0, damping=0.05, rate_hz=panel.RATE_HZ)[10:]
    power = np.abs(np.fft.rfft(rung)) ** 2
    assert np.fft.rfftfreq(len(rung), 1e-3)[power.argmax()] == pytest.approx(20.0, abs=0.5)
    early, late = np.abs(rung[:50]).max(), np.abs(rung[500:550]).max()
    assert late / early == pytest.approx(np.exp(-0.05 * 2 * np.pi * 20 * 0.5), rel=0.15)


def test_the_accelerometer_filters_at_half_of_its_rate() -> None:
    times = np.arange(3000) / panel.RATE_HZ

    def amplitude(hz: float) -> float:
        tone = np.repeat(np.sin(2 * np.pi * hz * times)[:, np.newaxis], 3, axis=1)
        return float(np.abs(panel.sampled(tone, 50)[75:]).max())

    assert amplitude(3.0) == pytest.approx(1.0, abs=0.02)
    assert amplitude(105.0) < 0.1


def heavy(door_kg: float) -> tuple[panel.Mode, ...]:
    return panel.draw(
        np.random.default_rng(1),
        door_kg=door_kg,
        rocking_hz=18.0,
        bending_hz=40.0,
        rocking_damping=[0.1, 0.1],
        bending_damping=[0.05, 0.05],
    )


def test_a_heavier_door_is_shaken_less_by_the_same_blow() -> None:
    out = forces.knocks(Knocks((0.1,), (0.5,), 6.0), 1.0)
    still = np.zeros_like(out)
    peaks = [np.abs(panel.answer(heavy(kg), [still, still, out])).max() for kg in (25.0, 50.0)]
    assert peaks[0] == pytest.approx(2 * peaks[1])


def test_modes_above_the_band_are_left_out() -> None:
    assert max(mode.hz for mode in heavy(40.0)) < 200
    assert {mode.axis for mode in heavy(40.0)} == {0, 1, 2}


@pytest.mark.parametrize("manner", ["scrape", "lever", "rattle"])
def test_tampering_acts_while_it_lasts_and_not_before(manner: str) -> None:
    job = Work(manner, 1.0, 1.0, 20.0, 3.0, 200.0 if manner == "lever" else 0.5, 3.0, (0.0, 0.0))
    for force in forces.work(job, 3.0, np.random.default_rng(0)):
        assert not force[:950].any()
        assert np.abs(force[1000:2000]).max() > 1
        assert np.abs(force[2200:]).max() < 1


def test_a_stronger_wind_pushes_harder_and_mostly_slowly() -> None:
    def push(mean: float, gust: float) -> np.ndarray:
        gusts = Wind(mean, gust, Knocks((), (), 5.0))
        return forces.wind(gusts, 10.0, np.random.default_rng(0))

    assert push(12.0, 3.0).std() == pytest.approx(4 * push(6.0, 1.5).std(), rel=0.25)
    power = np.abs(np.fft.rfft(push(10.0, 2.0))) ** 2
    hz = np.fft.rfftfreq(10000, 1e-3)
    assert power[(hz > 0) & (hz < 3)].sum() > 20 * power[hz > 10].sum()


VISITOR = Person(
    manner="up",
    arrival_s=0.5,
    bearing_deg=5.0,
    distance_m=1.2,
    end_deg=0.0,
    speed_m_s=1.2,
    walk_s=1.5,
    oblique_deg=0.0,
    step_hz=2.0,
    height_m=1.75,
    width_m=0.45,
    insulation=0.4,
    sway_m=0.01,
    waving_hz=0.0,
    busy_s=(0.0, 0.0),
    footstep_n_s=0.02,
)


def test_a_visitor_walks_to_where_they_stop_and_takes_steps_no_further() -> None:
    clock = Clock(np.arange(400) / RATE_HZ, RATE_HZ)
    falls = steps(VISITOR, clock)
    assert 2 <= len(falls) <= 4
    assert all(VISITOR.arrival_s < at_s < VISITOR.arrival_s + VISITOR.walk_s for at_s, _ in falls)
    away = [away_m for _, away_m in falls]
    assert away == sorted(away, reverse=True)
    assert VISITOR.distance_m - 0.05 < away[-1] < VISITOR.distance_m + 1.0


def draw_many(label: str, count: int = 12, **changes: Any) -> list[tuple[trace.Trace, np.ndarray]]:
    drawn = []
    for n in range(count):
        where = home.draw(home.name("train", n, seed=1), PARAMS.homes, seed=1)
        moment = Moment("train", label, f"{label}{n}", 3.0, **changes)
        one = trace.draw(moment, where, PARAMS, tries=1, seed=1)
        drawn.append((one, rendering.render(one, where, rate_hz=50, seed=1)))
    return drawn


def test_nothing_is_seen_of_a_visitor_before_they_arrive() -> None:
    """Their arrival is the event's, so that the camera's picture and the trace agree."""
    late = draw_many(PERSON, arrival_s=2.0, wind=False)
    before = np.array([np.ptp(x[:100, 3]) for _, x in late])
    after = np.array([np.ptp(x[100:, 3]) for _, x in late])
    assert np.median(before) < 150
    assert np.median(after) > 4 * np.median(before)


def test_knocks_shake_the_door_when_they_fall_and_no_sooner() -> None:
    for one, x in draw_many(KNOCK, arrival_s=1.5, wind=False):
        assert one.knocks is not None
        moved = np.abs(x[:, :3] - np.median(x[:, :3], axis=0)).max(axis=1)
        if one.thumps is None:
            assert moved[:70].max() < 25
        assert moved[75:110].max() > 40


def test_gravity_is_one_g_whichever_way_the_board_sits() -> None:
    drawn = draw_many(NOTHING)
    ways = {int(np.abs(x[:, :3].mean(axis=0)).argmax()) for _, x in drawn}
    assert ways == {0, 1}
    for _, x in drawn:
        assert np.linalg.norm(x[:, :3].mean(axis=0)) == pytest.approx(1000, abs=130)


def test_the_accelerometers_noise_is_its_density_over_its_band() -> None:
    quiet = replace(home.draw("0123abcd", PARAMS.homes, seed=1), acc_noise_ug=2000.0)
    one = replace(draw_many(NOTHING, 1)[0][0], thumps=None, wind=None, seconds=20.0)
    x = rendering.render(one, quiet, rate_hz=50, seed=1)
    assert x[:, :3].std(axis=0) == pytest.approx(2.0 * np.sqrt(25), rel=0.1)


def test_a_trace_stays_within_what_the_sensors_deliver() -> None:
    for label in (KNOCK, "tampering", "traffic"):
        for _, x in draw_many(label, 6):
            assert x.shape == (150, 4)
            assert np.abs(x[:, :3]).max() <= 2000
            assert x[:, 3].min() >= 0
            assert x[:, 3].max() <= FULL_SCALE_COUNTS


@pytest.mark.parametrize(
    ("channel", "change", "woke"),
    [(3, 800, False), (3, -830, True), (0, 120, False), (2, 130, True)],
)
def test_either_sensor_wakes_the_device(channel: int, change: int, woke: bool) -> None:
    x = np.tile(np.array([0, 1000, 0, int(REST_COUNTS)], np.int32), (150, 1))
    x[70, channel] += change
    thresholds = Wake(pir_share=0.2, acc_mg=125.0, tries=1)
    assert rendering.wakes(x, thresholds) == woke
