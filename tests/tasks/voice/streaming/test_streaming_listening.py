"""Frames computed once give the windows that the front end gives for each clip by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.workspace import ROOT
from palisade.device.frontend import Voice
from palisade.device.plans import SoundParams
from palisade.stage import read_yaml
from palisade.tasks.voice import features
from palisade.tasks.voice.streaming.drawing import Sound
from palisade.tasks.voice.streaming.listening import Ear

SCALE, ZERO_POINT = 0.125, 5


@pytest.fixture(scope="module")
def geometry() -> features.Params:
    """The default front end."""
    return features.Params.model_validate(read_yaml(ROOT / "params.yaml")["features"]["voice"])


def ear(geometry: features.Params, hop_ms: int, **changes: Any) -> Ear:
    plan = SoundParams(**changes).plan(geometry.samples, geometry.sample_rate_hz)
    hop = geometry.sample_rate_hz * hop_ms // 1000
    return Ear(Voice(geometry, plan), SCALE, ZERO_POINT, geometry.hop, hop)


def sound(samples: int) -> NDArray[np.int16]:
    dice = np.random.default_rng(samples)
    loudness = np.interp(np.arange(samples), [0, samples / 3, samples], [10.0, 9000.0, 300.0])
    return (dice.standard_normal(samples) * loudness).clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    ("hop_ms", "changes"),
    [
        (20, {}),
        (100, {}),
        (100, {"mu_law_bits": 8, "squeeze_bits": 9}),
        (100, {"low_pass_hz": 200.0, "low_pass_taps": 255}),  # which reaches across frames
        (50, {}),  # between frames
    ],
    ids=["every frame", "every fifth", "sample by sample", "low-pass", "between frames"],
)
@pytest.mark.parametrize("samples", [16000, 16001, 47999, 50000])
def test_windows_of_a_stream_are_those_of_whole_clips(
    geometry: features.Params, hop_ms: int, changes: dict[str, Any], samples: int
) -> None:
    mine, heard = ear(geometry, hop_ms, **changes), sound(samples)
    recording = mine(Sound(heard, ()), "speech")
    hop = mine.window_hop
    clips = np.stack([heard[at : at + 16000] for at in range(0, samples - 16000 + 1, hop)])
    expected = mine.front_end.int8(clips, SCALE, ZERO_POINT)
    assert len(recording) == len(clips)
    np.testing.assert_array_equal(recording.windows, expected)


def test_frames_are_shared_where_they_can_be(geometry: features.Params) -> None:
    heard = Sound(sound(160000), ())
    assert len(ear(geometry, 100)(heard, "speech").rows) == 90 * 5 + 49
    assert len(ear(geometry, 50)(heard, "speech").rows) == 181 * 49


def test_sound_shorter_than_a_clip_has_no_windows(geometry: features.Params) -> None:
    for hop_ms in (100, 50):
        assert len(ear(geometry, hop_ms)(Sound(sound(15999), ()), "speech")) == 0
