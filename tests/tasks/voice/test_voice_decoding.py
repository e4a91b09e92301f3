"""One sound file to one clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from palisade.corpus import Recording, Unusable
from palisade.tasks.voice.recordings import reader as recordings
from palisade.tasks.voice.samples import pcm

PARAMS = recordings.Params(
    commands=["bed"],
    sample_rate_hz=16000,
    clip_ms=1000,
    shortest_ms=400,
    silence_clips=10,
    silence_guard_ms=0,
    validation_percent=10,
    test_percent=10,
    calibration_percent=10,
    least_per_class=1,
    simple_accuracy_limit=0.6,
)


def decode(path: Path, *, start_ms: int | None = None) -> NDArray[np.int16]:
    return recordings.decode(Recording(path, path.name, "bed", "ann", "train", start_ms), PARAMS)


def tones(rate_hz: int, seconds: float = 1.0) -> NDArray[np.float64]:
    """Three tones below 3 kHz, fading in and out: the same sound at any rate."""
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    tone = sum(np.sin(2 * np.pi * hz * t + hz) for hz in (200, 950, 2700))
    return np.asarray(0.2 * tone * np.sin(np.pi * t / seconds) ** 2)


FORMATS = {
    "8 kHz": ("wav", 8000, 1, "PCM_16"),
    "44.1 kHz stereo": ("wav", 44100, 2, "PCM_16"),
    "24 bits": ("wav", 16000, 1, "PCM_24"),
    "32-bit floats": ("wav", 16000, 1, "FLOAT"),
    "8 bits": ("wav", 16000, 1, "PCM_U8"),
    "48 kHz FLAC, six channels": ("flac", 48000, 6, "PCM_24"),
    "Ogg Vorbis": ("ogg", 16000, 1, "VORBIS"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_any_format_gives_the_same_clip(tmp_path: Path, name: str) -> None:
    ending, rate_hz, channels, subtype = FORMATS[name]
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, np.tile(tones(rate_hz)[:, None], channels), rate_hz, subtype=subtype)
    clip = decode(path)
    assert clip.dtype == np.int16
    assert clip.shape == (16000,)
    expected = tones(16000)
    error = clip / 32768 - expected
    limit = 0.05 if name in ("8 bits", "Ogg Vorbis") else 0.002
    assert np.sqrt(np.mean(error**2)) < limit * np.sqrt(np.mean(expected**2))


def test_16_bit_clips_keep_their_very_samples(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32768, 16000).astype(np.int16)
    soundfile.write(tmp_path / "a.flac", samples, 16000)
    assert np.array_equal(decode(tmp_path / "a.flac"), samples)


def test_channels_are_averaged(tmp_path: Path) -> None:
    both = np.stack([np.full(16000, 0.5), np.full(16000, -0.25)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, 16000)
    assert set(decode(tmp_path / "a.wav")) == {4096}


def test_short_clip_is_followed_by_zeros(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(8000, 0.5), 16000)
    clip = decode(tmp_path / "a.wav")
    assert set(clip[:8000]) == {16384}
    assert not clip[8000:].any()


def test_of_a_long_recording_the_loudest_second_is_kept(tmp_path: Path) -> None:
    sound = np.full(80000, 0.01)
    sound[40000:56000] = 0.5
    soundfile.write(tmp_path / "a.wav", sound, 16000)
    assert set(decode(tmp_path / "a.wav")) == {16384}


def test_loudness_beyond_full_scale_saturates(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.tile([2.0, -2.0], 8000), 16000, subtype="FLOAT")
    assert set(decode(tmp_path / "a.wav")) == {32767, -32768}


def test_window_of_a_long_noise_begins_where_it_says(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.repeat([0.1, 0.2, 0.3], 44100), 44100)
    middle = decode(tmp_path / "a.wav", start_ms=1000)[1000:-1000] / 32768
    assert np.allclose(middle, 0.2, atol=1e-3)


def _floats(bad: float) -> NDArray[np.float32]:
    sound = np.full(16000, 0.1, np.float32)
    sound[7] = bad
    return sound


def _spoil(path: Path, how: str) -> None:
    """Write a file that is unusable in a given way."""
    if how == "no bytes":
        path.touch()
    elif how == "text":
        path.write_text("this is no sound at all\n" * 100)
    elif how == "no samples":
        soundfile.write(path, np.zeros(0), 16000, format="WAV")
    elif how == "0.3 s":
        soundfile.write(path, np.full(4800, 0.1), 16000, format="WAV")
    elif how in ("nan", "inf"):
        soundfile.write(path, _floats(float(how)), 16000, subtype="FLOAT", format="WAV")
    elif how == "broken FLAC":
        soundfile.write(path, tones(16000), 16000, format="FLAC")
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("no bytes", "empty"),
        ("no samples", "empty"),
        ("text", "wrong_type"),
        ("0.3 s", "too_short"),
        ("nan", "not_finite"),
        ("inf", "not_finite"),
        ("broken FLAC", "corrupt"),
    ],
)
def test_unusable_files_are_refused_with_their_reason(
    tmp_path: Path, how: str, reason: str
) -> None:
    _spoil(tmp_path / "a.wav", how)
    with pytest.raises(Unusable) as refusal:
        decode(tmp_path / "a.wav")
    assert refusal.value.reason == reason
    assert reason in recordings.REASONS


def test_integers_and_floats_of_samples_agree() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    assert np.array_equal(pcm.to_int16(pcm.to_float(every)), every)
