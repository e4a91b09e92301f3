"""What the record of a clip says is what is heard in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.tasks.voice.synthesis import noise, scene
from palisade.tasks.voice.synthesis.scene import Scene, Track

RATE_HZ = 16000
DRY = Scene(
    split="test", label="stop", index=3, text="stop", voice="f2", accent="en-us", rate_wpm=170,
    pitch=50, pitch_range=50, tract_scale=1.0, onset_share=0.5, rt60_ms=300.0,
    direct_to_reverberant_db=6.0, high_pass_hz=80.0, low_pass_hz=7000.0, tilt_db=0.0,
    peak_hz=2000.0, peak_db=0.0, noise="pink", babble=(), snr_db=10.0, gain_db=0.0,
    clipping_knee=0.0,
)  # fmt: skip


def word(samples: int = 6000) -> NDArray[np.float32]:
    """A hum like a voiced sound."""
    time = np.arange(samples) / RATE_HZ
    return sum(np.sin(2 * np.pi * hz * time) for hz in (150, 300, 900, 2400)).astype(np.float32)


def tracks() -> list[Track]:
    draw = np.random.default_rng(0)
    return [Track(v, draw.standard_normal(40000).astype(np.float32)) for v in ("m1", "m2", "m3")]


def rms(x: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


@pytest.mark.parametrize("kind", [*noise.STATIONARY, noise.BABBLE])
def test_snr_and_level_are_those_of_the_record(kind: str) -> None:
    drawn = replace(DRY, noise=kind, babble=(0, 2) if kind == noise.BABBLE else (), gain_db=-4.0)
    speech, background = scene.parts(drawn, word(), tracks(), speech_rms=0.05, seed=1)
    assert 20 * np.log10(rms(speech) / rms(background)) == pytest.approx(10.0, abs=0.01)
    assert 20 * np.log10(rms(speech) / 0.05) == pytest.approx(-4.0, abs=0.01)
    clip = scene.render(drawn, word(), tracks(), speech_rms=0.05, seed=1)
    np.testing.assert_array_equal(clip, speech + background)


@pytest.mark.parametrize("onset_share", [0.0, 0.3, 1.0])
def test_word_begins_at_its_onset(onset_share: float) -> None:
    drawn = replace(DRY, onset_share=onset_share, rt60_ms=100.0)
    speech, _ = scene.parts(drawn, word(), tracks(), speech_rms=0.05, seed=1)
    begin = round(onset_share * (RATE_HZ - 6000))
    assert scene.onset(drawn, word()) == pytest.approx(begin, abs=1)
    assert np.abs(speech[: max(begin - 1, 0)]).max(initial=0) < 1e-6
    assert rms(speech[begin : begin + 200]) > 0.01


def test_silence_holds_background_alone_at_its_level() -> None:
    quiet = replace(DRY, label="_silence_", text="", noise=noise.QUIET, snr_db=40.0)
    clip = scene.render(quiet, None, tracks(), speech_rms=0.05, seed=1)
    assert rms(clip) == pytest.approx(0.05 / 100, rel=0.01)


def test_overdrive_saturates_at_its_share_of_the_peak() -> None:
    clean = scene.render(DRY, word(), tracks(), speech_rms=0.05, seed=1)
    driven = scene.render(
        replace(DRY, clipping_knee=0.5), word(), tracks(), speech_rms=0.05, seed=1
    )
    assert np.abs(driven).max() == pytest.approx(0.5 * np.tanh(2) * np.abs(clean).max(), rel=1e-3)


def test_another_clip_has_another_room_and_noise() -> None:
    clip = scene.render(DRY, word(), tracks(), speech_rms=0.05, seed=1)
    for other in (replace(DRY, index=4), replace(DRY, split="train")):
        assert not np.allclose(clip, scene.render(other, word(), tracks(), speech_rms=0.05, seed=1))
    assert not np.allclose(clip, scene.render(DRY, word(), tracks(), speech_rms=0.05, seed=2))
