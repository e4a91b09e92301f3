"""What homes and microphones do to the test clips, by kind and severity.

Natural corruption rather than an attack, after Hendrycks and Dietterich (arXiv:1903.12261).
Nothing is drawn by a name that the training set's augmentation draws by, and the voices of
the babble are of the test split.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from palisade import parallel, seeds, stage
from palisade.splits import Split
from palisade.stratified import stratified
from palisade.tasks.voice.distortion import signals
from palisade.tasks.voice.distortion.signals import Scene, Waveform
from palisade.tasks.voice.samples import pcm, rooms
from palisade.tasks.voice.samples.labels import UNKNOWN

# The physical value of each kind at severity 1, 2 and 3.
SEVERITIES: dict[str, tuple[float, float, float]] = {
    "noise": (20.0, 10.0, 5.0),  # pink noise: signal-to-noise ratio, dB
    "babble": (20.0, 10.0, 5.0),  # other voices: signal-to-noise ratio, dB
    "reverberation": (200.0, 400.0, 800.0),  # decay by 60 dB, ms
    "low_pass": (4000.0, 2000.0, 1000.0),  # a covered microphone: cutoff, Hz
    "clipping": (0.02, 0.1, 0.3),  # share of the samples
    "quiet": (-6.0, -12.0, -18.0),  # a distant speaker: gain above the microphone's noise, dB
    "codec": (10.0, 8.0, 7.0),  # a telephone's band: bits a sample
    "time_shift": (50.0, 100.0, 200.0),  # late, so that a word's end may be missed, ms
}
BABBLE_VOICES = 4
# At a fixed distance the ratio of direct to reverberant energy falls as RT60 rises (Kuttruff,
# Room Acoustics, section 5.5: critical distance). Here they are equal at this RT60.
CRITICAL_RT60_MS = 400.0
# A MEMS microphone of 65 dB(A) signal-to-noise ratio and -26 dBFS at 94 dB SPL, the figures of
# many data sheets, has a noise of -91 dBFS; 20 dB of preamplification raise it to this.
MICROPHONE_NOISE_DBFS = -71.0
BATCH = 32  # clips a worker takes at a time


class Params(stage.Params):
    """How much of the test split is corrupted."""

    sample_rate_hz: int = Field(ge=8000, le=48000, description="of the clips, as in prepare")
    clips: int = Field(ge=1, description="test clips, each in every kind and severity")


def corrupt(test: Split, params: Params, *, seed: int) -> Split:
    """The same test clips under every kind and severity, ids ``<kind>/<severity>/<id>``.

    Severities are 1, 2 and 3. A clip's noise, voices and room are drawn once a kind, so
    nothing but the severity changes with it.
    """
    chosen = test.take(stratified(test, params.clips, seed=seed))
    voices = np.asarray(test.x[test.y == test.labels.index(UNKNOWN)], dtype=np.int16)
    scene = Scene(params.sample_rate_hz, voices)
    batches = [chosen.take(slice(at, at + BATCH)) for at in range(0, len(chosen), BATCH)]
    work = partial(_corrupted, scene=scene, seed=seed)
    x = np.concatenate(parallel.each(work, batches, "corrupt"), axis=1)
    ids = [f"{kind}/{severity}/{name}" for kind, severity in _cells() for name in chosen.ids]
    return Split(
        x=x.reshape(-1, x.shape[-1]),
        y=np.tile(chosen.y, len(x)),
        ids=np.array(ids, dtype=np.str_),
        groups=np.tile(chosen.groups, len(x)),
        labels=test.labels,
    )


def distort(
    x: Waveform, kind: str, value: float, scene: Scene, *, seed: int, name: str
) -> Waveform:
    """One clip under one kind of corruption at a physical value, unit as in ``SEVERITIES``."""
    return KINDS[kind](x, value, scene, seeds.generator(seed, "field", kind, name))


def _cells() -> list[tuple[str, int]]:
    return [(kind, severity) for kind in SEVERITIES for severity in (1, 2, 3)]


def _corrupted(batch: Split, scene: Scene, seed: int) -> NDArray[np.int16]:
    """``[kinds * severities, clips, samples]``."""
    clips = pcm.to_float(np.asarray(batch.x, dtype=np.int16))
    named = list(zip(clips, batch.ids, strict=True))
    cells = [
        [
            pcm.to_int16(distort(x, kind, value, scene, seed=seed, name=str(name)))
            for x, name in named
        ]
        for kind, values in SEVERITIES.items()
        for value in values
    ]
    return np.array(cells)


def _noise(x: Waveform, snr_db: float, scene: Scene, draw: Generator) -> Waveform:
    return signals.add_noise(x, signals.coloured_noise(len(x), 1.0, draw), snr_db)


def _babble(x: Waveform, snr_db: float, scene: Scene, draw: Generator) -> Waveform:
    voices = pcm.to_float(scene.sounds[draw.integers(len(scene.sounds), size=BABBLE_VOICES)])
    turned = [np.roll(voice, draw.integers(len(voice))) for voice in voices]
    return signals.add_noise(x, signals.babble(turned), snr_db)


def _reverberation(x: Waveform, rt60_ms: float, scene: Scene, draw: Generator) -> Waveform:
    response = rooms.impulse_response(
        rt60_ms=rt60_ms,
        direct_to_reverberant_db=10 * float(np.log10(CRITICAL_RT60_MS / rt60_ms)),
        sample_rate_hz=scene.sample_rate_hz,
        draw=draw,
    )
    return signals.in_room(x, response)


def _low_pass(x: Waveform, cutoff_hz: float, scene: Scene, draw: Generator) -> Waveform:
    return signals.low_pass(x, cutoff_hz, scene.sample_rate_hz)


def _clipping(x: Waveform, share: float, scene: Scene, draw: Generator) -> Waveform:
    return signals.clip_peaks(x, share)


def _quiet(x: Waveform, gain_db: float, scene: Scene, draw: Generator) -> Waveform:
    hiss = signals.gain(signals.coloured_noise(len(x), 0.0, draw), MICROPHONE_NOISE_DBFS)
    return np.asarray(signals.gain(x, gain_db) + hiss, dtype=np.float32)


def _codec(x: Waveform, bits: float, scene: Scene, draw: Generator) -> Waveform:
    return signals.requantize(signals.telephone_band(x, scene.sample_rate_hz), round(bits))


def _time_shift(x: Waveform, late_ms: float, scene: Scene, draw: Generator) -> Waveform:
    return signals.shift(x, round(late_ms * scene.sample_rate_hz / 1000))


KINDS: dict[str, Callable[[Waveform, float, Scene, Generator], Waveform]] = {
    "noise": _noise,
    "babble": _babble,
    "reverberation": _reverberation,
    "low_pass": _low_pass,
    "clipping": _clipping,
    "quiet": _quiet,
    "codec": _codec,
    "time_shift": _time_shift,
}
