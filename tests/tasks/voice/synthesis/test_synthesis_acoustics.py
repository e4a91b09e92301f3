"""Rooms, noises and microphones have the physics that they claim."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.tasks.voice.samples import rooms
from palisade.tasks.voice.synthesis import microphone, noise

RATE_HZ = 16000
SECONDS = 20


def draw() -> np.random.Generator:
    return np.random.default_rng(3)


def band_db(x: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    """Mean power density in a band."""
    power = np.abs(np.fft.rfft(x)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / RATE_HZ)
    return 10 * float(np.log10(power[(low_hz <= hz) & (hz < high_hz)].mean()))


@pytest.mark.parametrize("rt60_ms", [100.0, 300.0, 600.0])
@pytest.mark.parametrize("ratio_db", [0.0, 10.0])
def test_room_has_its_direct_to_reverberant_ratio(rt60_ms: float, ratio_db: float) -> None:
    response = rooms.impulse_response(
        rt60_ms=rt60_ms, direct_to_reverberant_db=ratio_db, sample_rate_hz=RATE_HZ, draw=draw()
    )
    assert response[0] == 1.0
    later = float(np.sum(response[1:].astype(np.float64) ** 2))
    assert -10 * np.log10(later) == pytest.approx(ratio_db, abs=0.01)


@pytest.mark.parametrize("rt60_ms", [200.0, 600.0])
def test_room_decays_by_60_db_in_its_rt60(rt60_ms: float) -> None:
    """Schroeder's backward integration, fitted from -5 to -25 dB (T20 of ISO 3382-2)."""
    responses = [
        rooms.impulse_response(
            rt60_ms=rt60_ms,
            direct_to_reverberant_db=0.0,
            sample_rate_hz=RATE_HZ,
            draw=np.random.default_rng(seed),
        )
        for seed in range(40)
    ]
    after = np.mean(np.square(responses, dtype=np.float64), axis=0)[480:]  # past the early part
    decay_db = 10 * np.log10(np.cumsum(after[::-1])[::-1] / after.sum())
    fit = (decay_db < -5) & (decay_db > -25)
    slope, _ = np.polyfit(np.flatnonzero(fit) / RATE_HZ, decay_db[fit], 1)
    assert -60 / slope * 1000 == pytest.approx(rt60_ms, rel=0.15)


def test_reverberation_keeps_length_and_onset() -> None:
    x = np.zeros(16000, np.float32)
    x[5000] = 1.0
    response = np.array([1.0, 0.5, 0.25], np.float32)
    wet = rooms.reverberate(x, response)
    assert len(wet) == len(x)
    np.testing.assert_allclose(wet[4999:5004], [0, 1, 0.5, 0.25, 0], atol=1e-6)


@pytest.mark.parametrize(("kind", "octave_db"), [("white", 0.0), ("pink", -3.01), ("brown", -6.02)])
def test_coloured_noise_falls_by_its_slope(kind: str, octave_db: float) -> None:
    x = noise.make(kind, SECONDS * RATE_HZ, RATE_HZ, draw())
    fall_db = band_db(x, 2000, 3000) - band_db(x, 250, 375)  # three octaves
    assert fall_db == pytest.approx(3 * octave_db, abs=1.0)


def test_hum_stands_at_harmonics_of_the_mains() -> None:
    x = noise.make("hum", SECONDS * RATE_HZ, RATE_HZ, draw())
    power = np.abs(np.fft.rfft(x)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / RATE_HZ)
    strongest = hz[np.argmax(power)]
    assert min(abs(strongest / mains - round(strongest / mains)) for mains in (50, 60)) < 0.01
    assert power.max() > 1000 * np.median(power)


def test_rain_is_more_impulsive_than_a_fan() -> None:
    def kurtosis(x: NDArray[np.float32]) -> float:
        return float(np.mean(x**4) / np.mean(x**2) ** 2)

    rain, fan = (
        np.median([
            kurtosis(noise.make(kind, RATE_HZ, RATE_HZ, np.random.default_rng(seed)))
            for seed in range(20)
        ])
        for kind in ("rain", "fan")
    )  # fmt: skip
    assert rain > 1.5 * fan


def test_babble_levels_its_voices() -> None:
    one, other = draw().standard_normal((2, 16000)).astype(np.float32)
    np.testing.assert_allclose(
        noise.babble([one, other]), noise.babble([0.01 * one, 5 * other]), atol=1e-4
    )


def _response_db(hz: float, **changes: float) -> float:
    flat = {"high_pass_hz": 20.0, "low_pass_hz": 7900.0, "tilt_db": 0.0, "peak_hz": 2000.0}
    tone = np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    heard = microphone.respond(tone, **{**flat, "peak_db": 0.0, **changes}, sample_rate_hz=RATE_HZ)
    return 20 * float(np.log10(np.std(heard[8000:]) / np.std(tone[8000:])))


@pytest.mark.parametrize(
    ("hz", "changes", "expected_db"),
    [
        (1000, {}, 0.0),
        (200, {"high_pass_hz": 200.0}, -3.01),
        (4000, {"low_pass_hz": 4000.0}, -3.01),
        (7000, {"low_pass_hz": 4000.0}, -28.06),
        (2000, {"peak_db": 6.0}, 6.0),
        (100, {"peak_db": 6.0}, 0.0),
        (7000, {"tilt_db": -6.0}, -6.0),
        (100, {"tilt_db": -6.0}, 0.0),
    ],
)
def test_microphone_responds_as_named(
    hz: float, changes: dict[str, float], expected_db: float
) -> None:
    assert _response_db(hz, **changes) == pytest.approx(expected_db, abs=0.5)


def test_overdrive_never_exceeds_its_knee_and_leaves_quiet_sound_alone() -> None:
    x = np.linspace(-3, 3, 1001, dtype=np.float32)
    driven = microphone.overdrive(x, 0.5)
    assert np.abs(driven).max() <= 0.5
    quiet = np.abs(x) < 0.05
    np.testing.assert_allclose(driven[quiet], x[quiet], rtol=0.01)
