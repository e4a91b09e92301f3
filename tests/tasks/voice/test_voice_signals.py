"""Each operation does what its name says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.tasks.voice.distortion import signals
from palisade.tasks.voice.distortion.signals import Waveform, rms
from palisade.tasks.voice.samples import rooms

RATE_HZ = 16000


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def room() -> Waveform:
    return rooms.impulse_response(
        rt60_ms=300.0,
        direct_to_reverberant_db=0.0,
        sample_rate_hz=RATE_HZ,
        draw=np.random.default_rng(0),
    )


def tone(hz: float, samples: int = RATE_HZ, level: float = 0.3) -> Waveform:
    return (level * np.sin(2 * np.pi * hz * np.arange(samples) / RATE_HZ)).astype(np.float32)


def word() -> Waveform:
    """A voiced sound in the middle third of a clip."""
    voiced = sum(tone(hz, level=0.1) for hz in (180, 360, 720, 1440, 2900, 5800))
    return np.asarray(voiced * np.exp(-(((np.arange(RATE_HZ) - 8000) / 2500) ** 2)), np.float32)


def power_at(x: Waveform, hz: float) -> float:
    """Mean power within 2 % of a frequency."""
    spectrum = np.abs(np.fft.rfft(x.astype(np.float64))) ** 2
    near = np.abs(np.fft.rfftfreq(len(x), 1 / RATE_HZ) - hz) <= 0.02 * hz
    return float(spectrum[near].sum() / len(x) ** 2)


def decibels(ratio: float) -> float:
    return 10 * float(np.log10(ratio))


def snr_db(x: Waveform, changed: Waveform) -> float:
    change: NDArray[np.float64] = changed.astype(np.float64) - x
    return decibels(float(np.sum(x.astype(np.float64) ** 2) / np.sum(change**2)))


OPERATIONS: dict[str, Callable[[Waveform], Waveform]] = {
    "gain": lambda x: signals.gain(x, -7.0),
    "shift": lambda x: signals.shift(x, 321),
    "jitter": lambda x: signals.jitter(x, 4.0, 20, draw()),
    "faster": lambda x: signals.stretch(x, 1.2),
    "slower": lambda x: signals.stretch(x, 0.8),
    "pitch": lambda x: signals.pitch(x, 3.0, RATE_HZ),
    "low_pass": lambda x: signals.low_pass(x, 1000.0, RATE_HZ),
    "telephone_band": lambda x: signals.telephone_band(x, RATE_HZ),
    "in_room": lambda x: signals.in_room(x, room()),
    "add_noise": lambda x: signals.add_noise(x, signals.coloured_noise(len(x), 1, draw()), 10),
    "clip_peaks": lambda x: signals.clip_peaks(x, 0.05),
    "mu_law": signals.mu_law,
    "requantize": lambda x: signals.requantize(x, 8),
    "perturb_spectrum": lambda x: signals.perturb_spectrum(x, 20.0, draw()),
    "notch": lambda x: signals.notch(x, 720.0, 200.0, RATE_HZ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_gives_another_clip_of_the_same_length(name: str) -> None:
    x = word()
    before = x.copy()
    changed = OPERATIONS[name](x)
    assert changed.dtype == np.float32
    assert changed.shape == x.shape
    assert not np.array_equal(changed, x)
    assert np.array_equal(x, before), "its argument is left as it was"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_stands_digital_silence(name: str) -> None:
    assert not OPERATIONS[name](np.zeros(RATE_HZ, np.float32)).any()


def test_gain_changes_the_level_by_its_decibels() -> None:
    assert decibels((rms(signals.gain(word(), -7.0)) / rms(word())) ** 2) == pytest.approx(-7.0)


@pytest.mark.parametrize("samples", [-500, -1, 0, 1, 500])
def test_shift_moves_and_fills_with_zeros(samples: int) -> None:
    x = np.arange(1, 1001, dtype=np.float32)
    moved = signals.shift(x, samples)
    for at in (0, 1, 499, 500, 998, 999):
        source = at - samples
        assert moved[at] == (x[source] if 0 <= source < 1000 else 0)


def test_jitter_stays_within_its_bound() -> None:
    ramp = np.arange(RATE_HZ, dtype=np.float32)
    offset = (signals.jitter(ramp, 4.0, 20, draw()) - ramp)[10:-10]
    assert 2.0 < np.abs(offset).max() <= 4.001
    assert np.abs(np.diff(offset)).max() < 0.02, "it wanders; it does not jump"


@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_stretch_changes_the_pace_and_not_the_pitch(rate: float) -> None:
    def duration(x: Waveform) -> float:
        envelope = x.astype(np.float64) ** 2
        at = np.arange(len(x)) / RATE_HZ
        centre = np.sum(at * envelope) / envelope.sum()
        return float(np.sqrt(np.sum((at - centre) ** 2 * envelope) / envelope.sum()))

    x = np.asarray(tone(720) * np.exp(-(((np.arange(RATE_HZ) - 8000) / 1500) ** 2)), np.float32)
    changed = signals.stretch(x, rate)
    assert duration(changed) == pytest.approx(duration(x) / rate, rel=0.1)
    assert np.argmax(np.abs(np.fft.rfft(changed))) == pytest.approx(720, abs=8)


@pytest.mark.parametrize("semitones", [-3.0, 4.0])
def test_pitch_changes_the_frequency_by_semitones(semitones: float) -> None:
    changed = signals.pitch(tone(500), semitones, RATE_HZ)
    assert np.argmax(np.abs(np.fft.rfft(changed))) == pytest.approx(
        500 * 2 ** (semitones / 12), rel=0.02
    )


def test_low_pass_spares_what_is_below_its_cutoff_and_cuts_what_is_above() -> None:
    x = tone(300) + tone(1000) + tone(4000)
    changed = signals.low_pass(x, 1000.0, RATE_HZ)
    assert decibels(power_at(changed, 300) / power_at(x, 300)) == pytest.approx(0, abs=0.3)
    assert decibels(power_at(changed, 1000) / power_at(x, 1000)) == pytest.approx(-6, abs=0.5)
    assert decibels(power_at(changed, 4000) / power_at(x, 4000)) < -45


def test_telephone_band_cuts_both_ends() -> None:
    x = tone(60) + tone(1000) + tone(7000)
    changed = signals.telephone_band(x, RATE_HZ)
    assert decibels(power_at(changed, 1000) / power_at(x, 1000)) == pytest.approx(0, abs=0.5)
    assert decibels(power_at(changed, 60) / power_at(x, 60)) < -30
    assert decibels(power_at(changed, 7000) / power_at(x, 7000)) < -30


def test_telephone_band_of_a_slow_rate_is_cut_at_what_the_rate_can_carry() -> None:
    assert np.isfinite(signals.low_pass(word(), 7000.0, 8000)).all()


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_coloured_noise_falls_by_its_exponent(exponent: float) -> None:
    powers = np.mean(
        [
            np.abs(np.fft.rfft(signals.coloured_noise(RATE_HZ, exponent, draw(n)))) ** 2
            for n in range(20)
        ],
        axis=0,
    )
    octaves = [decibels(powers[low : 2 * low].mean()) for low in (250, 500, 1000, 2000)]
    assert np.diff(octaves) == pytest.approx(-10 * np.log10(2) * exponent, abs=0.5)
    assert rms(signals.coloured_noise(RATE_HZ, exponent, draw())) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("ratio_db", [0.0, 13.0, 40.0])
def test_noise_is_added_at_its_ratio(ratio_db: float) -> None:
    noise = signals.coloured_noise(RATE_HZ, 1.0, draw())
    assert snr_db(word(), signals.add_noise(word(), noise, ratio_db)) == pytest.approx(
        ratio_db, abs=0.01
    )


def test_babble_holds_every_voice_at_the_same_level() -> None:
    mixed = signals.babble([tone(500, level=0.01), tone(1500, level=0.9), np.zeros_like(tone(1))])
    assert power_at(mixed, 500) == pytest.approx(power_at(mixed, 1500), rel=0.01)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.4])
def test_clipping_flattens_its_share_of_the_samples(share: float) -> None:
    x = np.asarray(draw().normal(0, 0.2, RATE_HZ), np.float32)
    changed = signals.clip_peaks(x, share)
    assert np.mean(changed != x) == pytest.approx(share, abs=0.001)
    assert len(np.unique(np.abs(changed[changed != x]))) == 1


def test_mu_law_is_eight_bits_whose_error_follows_the_level() -> None:
    ramp = np.linspace(-0.99, 0.99, RATE_HZ, dtype=np.float32)
    assert len(np.unique(signals.mu_law(ramp))) <= 256
    assert snr_db(ramp, signals.mu_law(ramp)) > 35
    quiet = tone(440, level=0.01)
    assert snr_db(quiet, signals.mu_law(quiet)) > 20
    assert snr_db(quiet, signals.requantize(quiet, 8)) < 15


@pytest.mark.parametrize("bits", [6, 8, 12])
def test_requantizing_leaves_so_many_levels(bits: int) -> None:
    ramp = np.linspace(-1, 1, 100_000, dtype=np.float32)
    assert len(np.unique(signals.requantize(ramp, bits))) == 2**bits


@pytest.mark.parametrize("ratio_db", [6.0, 20.0, 35.0])
def test_spectral_perturbation_has_its_size_and_is_drawn(ratio_db: float) -> None:
    x = word()
    changed = signals.perturb_spectrum(x, ratio_db, draw())
    assert snr_db(x, changed) == pytest.approx(ratio_db, abs=0.05)
    assert not np.array_equal(changed, signals.perturb_spectrum(x, ratio_db, draw(2)))


@pytest.mark.parametrize(
    ("g", "h", "correlation"),
    [
        (0.5, 0.0, 1.0),  # louder everywhere: the change is the clip itself
        (-0.5, 0.0, -1.0),  # quieter
        (0.0, np.pi, -1.0),  # turned over
        (0.0, np.pi / 2, -np.sqrt(0.5)),  # turned by a quarter: less the clip, plus its transform
    ],
)
def test_spectral_perturbation_scales_magnitudes_and_turns_phases(
    g: float, h: float, correlation: float
) -> None:
    class Same:
        """Draws the same for every cell of the spectrogram."""

        def standard_normal(self, shape: tuple[int, ...], dtype: type) -> NDArray[np.float32]:
            return np.stack([np.full(shape[1:], g, dtype), np.full(shape[1:], h, dtype)])

    x = word()
    change = signals.perturb_spectrum(x, 20.0, Same()) - x  # type: ignore[arg-type]
    assert np.mean(change * x) / (rms(change) * rms(x)) == pytest.approx(correlation, abs=0.01)


def test_notch_takes_its_band_and_no_other() -> None:
    x = tone(800) + tone(1000) + tone(1200)
    changed = signals.notch(x, 1000.0, 300.0, RATE_HZ)
    assert power_at(changed, 1000) < 1e-9
    assert power_at(changed, 800) == pytest.approx(power_at(x, 800), rel=1e-3)
    assert power_at(changed, 1200) == pytest.approx(power_at(x, 1200), rel=1e-3)


def test_a_bounded_change_is_at_most_its_bound_and_a_small_one_is_kept() -> None:
    x = word()
    deep = signals.notch(x, 720.0, 1000.0, RATE_HZ)
    assert snr_db(x, deep) < 12
    assert snr_db(x, signals.within(x, deep, 12.0)) == pytest.approx(12.0, abs=0.01)
    slight = signals.notch(x, 7500.0, 100.0, RATE_HZ)
    assert np.array_equal(signals.within(x, slight, 12.0), slight)


def test_reverberation_keeps_the_level_and_lengthens_the_sound() -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[1000:1100] = 0.5
    wet = signals.in_room(click, room())
    assert signals.rms(wet) == pytest.approx(signals.rms(click), rel=1e-4)
    assert signals.rms(wet[2000:4000]) > 0.005
    assert np.abs(wet[:1000]).max() < 1e-6, "nothing is heard before it sounds"
