"""Waveforms that are added to a sensor's: a heat source before the PIR, an exciter on the door.

Both are limited to a band and a swing, and neither knows when the trace begins nor exactly how
strong it arrives.

References:
    Trippel et al., WALNUT, IEEE EuroS&P 2017, spqr.eecs.umich.edu/walnut (waveforms put into
    accelerometers, by sound); Athalye et al., arXiv:1707.07397 (expectation over transformation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ball import Linf
from palisade.backend import tf
from palisade.physical import draws
from palisade.physical.aims import Aim
from palisade.physical.contest import Contest, batches, joined
from palisade.physical.expectation import Climb, best_start, climb
from palisade.splits import Split
from palisade.tasks.motion.geometry import Sensors
from palisade.tasks.motion.physical.params import Params

_STEP = 0.3  # of a swing: the first steps' length
_DRAWS = 8  # that tell waveforms of different swings apart
_START = 0.1  # of a swing: at its full size, noise hides what there is to climb
Wave = NDArray[np.float32]  # [n or 1, samples, channels] in mg
# Of a swing in mg, and what the aim before has found, to begin with; None: at random.
Craft = Callable[[float, Wave | None], Wave]


@dataclass(frozen=True)
class Source:
    """What can be added to which channels.

    Attributes:
        sensors: channels, rate and rails.
        unit: of the channels that it reaches, ``mg`` or ``pir``.
        band_hz: of its waveform.
        samples: of a trace.
        goal: the class that it wants said; None: any but the true one.
    """

    sensors: Sensors
    unit: str
    band_hz: tuple[float, float]
    samples: int
    goal: int | None

    @property
    def reached(self) -> NDArray[np.float32]:
        """``[channels]`` 1 where it reaches, 0 elsewhere."""
        return np.array([unit == self.unit for unit in self.sensors.units], np.float32)

    @property
    def banding(self) -> NDArray[np.float32]:
        """``[samples, samples]`` takes from a waveform what is outside the band."""
        hz = np.fft.rfftfreq(self.samples, 1 / self.sensors.sample_rate_hz)
        inside = (hz >= self.band_hz[0]) & (hz <= self.band_hz[1])
        spectra = np.fft.rfft(np.eye(self.samples), axis=0) * inside[:, np.newaxis]
        return np.asarray(np.fft.irfft(spectra, self.samples, axis=0), np.float32)

    def limited(self, wave: Any, swing_mg: Any) -> Any:
        """The waveform within band, channels and swing, each trace's scaled down as a whole."""
        banded = tf.einsum("st,ntc->nsc", tf.constant(self.banding), wave)
        banded *= tf.constant(self.reached)
        largest = tf.reduce_max(tf.abs(banded), axis=1, keepdims=True)
        return banded * tf.minimum(1.0, swing_mg / tf.maximum(largest, 1e-9))

    def arriving(self, wave: Any, seed: Any, count: int, params: Params) -> Any:
        """``[count, samples, channels]``: earlier or later, weaker or stronger, by each draw.

        What leaves at one end comes in at the other: it goes on before and after the trace.
        """
        most = params.shift_ms * self.sensors.sample_rate_hz / 1000
        lag = tf.cast(tf.round(draws.uniform(seed, 0, count, -most, most)), tf.int32)
        gain = 10.0 ** (draws.uniform(seed, 1, count, *params.gain_db) / 20.0)
        at = tf.math.floormod(tf.range(self.samples) - lag[:, tf.newaxis], self.samples)
        wave = tf.repeat(wave, count // wave.shape[0], axis=0)
        return tf.gather(wave, at, axis=1, batch_dims=1) * gain[:, tf.newaxis, tf.newaxis]


def own(contest: Contest[Params], source: Source, among: Split, aim: Aim) -> Craft:
    """Crafts, by swing in mg, a waveform for each of some traces.

    Of this swing's and those crafted before it, which a larger swing may use as well, each trace
    gets the one with the largest value over other draws of crafting.
    """
    move = _climb(contest, source, aim, steps=contest.params.steps)
    value = tf.function(_value(contest, source, aim, batch=0))
    best: list[tuple[Wave, NDArray[np.float32]]] = []

    def craft(swing_mg: float, before: Wave | None) -> Wave:
        found = []
        for part in batches(len(among)):
            x = contest.target.threat.signal(tf.constant(among.x[part]))
            seed = draws.pair(
                contest.seed, draws.CRAFTING, source.unit, str(swing_mg), part.start, *aim.apart
            )
            nowhere = tf.fill([x.shape[0]], _START * swing_mg)
            start = Linf().random(x, nowhere, seed) if before is None else tf.constant(before[part])
            y = tf.constant(among.y[part])
            length = aim.rest * _STEP * swing_mg
            found.append(move(start, length, seed, x, y, tf.constant(swing_mg)))
        made = joined(found)
        worth = _worth(contest, value, made, among)
        if best:
            weaker, worth_of_weaker = best.pop()
            better = worth > worth_of_weaker
            made = np.where(better[:, np.newaxis, np.newaxis], made, weaker)
            worth = np.maximum(worth, worth_of_weaker)
        best.append((made, worth))
        return made

    return craft


def _worth(
    contest: Contest[Params], value: Callable[..., Any], made: Wave, among: Split
) -> NDArray[np.float32]:
    """``[n]`` the mean value of each trace's waveform over draws that no gradient met."""
    found = []
    for part in batches(len(among)):
        x = contest.target.threat.signal(tf.constant(among.x[part]))
        y, wave = tf.constant(among.y[part]), tf.constant(made[part])
        seeds = [
            draws.pair(contest.seed, draws.CRAFTING, "worth", part.start, number)
            for number in range(_DRAWS)
        ]
        found.append(np.mean([value(wave, seed, x, y, tf.constant(0.0)) for seed in seeds], axis=0))
    return joined(found)


def universal(contest: Contest[Params], source: Source, aim: Aim) -> Craft:
    """Crafts, by swing in mg, one waveform ``[1, samples, channels]`` on calibration traces.

    It drives its full swing, and of those from several starts it is worth most to them."""
    params, known = contest.params, contest.known
    batch = params.universal_batch
    move = _climb(contest, source, aim, steps=params.universal_steps, batch=batch)
    value = tf.function(_value(contest, source, aim, batch=batch))
    x, y = contest.target.threat.signal(tf.constant(known.x)), tf.constant(known.y)

    def craft(swing_mg: float, before: Wave | None) -> Wave:
        name = (draws.CRAFTING, "all", source.unit, str(swing_mg))

        def climbed(number: int) -> Wave:
            seed = draws.pair(contest.seed, *name, *aim.apart, *draws.again(number))
            nowhere = tf.constant([_START * swing_mg])
            start = Linf().random(x[:1], nowhere, seed) if before is None else tf.constant(before)
            made = move(start, aim.rest * _STEP * swing_mg, seed, x, y, tf.constant(swing_mg))
            loudest = max(float(tf.reduce_max(tf.abs(made))), 1e-9)
            return np.asarray(made * (swing_mg / loudest), np.float32)

        def worth(wave: Wave) -> float:
            seeds = draws.several(contest.seed, *name, "worth")
            return float(np.mean([value(wave, seed, x, y, tf.constant(0.0)) for seed in seeds]))

        count = params.universal_starts if before is None else 1
        what = f"{source.unit} for all, {swing_mg:g} mg"
        return np.asarray(best_start(count, climbed, worth, what))

    return craft


def idle(contest: Contest[Params], source: Source, swing_mg: float, among: Split) -> Wave:
    """``[n, samples, channels]`` random waveforms within the band, each of the full swing."""
    count, channels = len(among), len(source.reached)
    seed = draws.pair(contest.seed, draws.SCORING, "idle", source.unit)
    like = tf.zeros([count, source.samples, channels])
    white = Linf().random(like, tf.fill([count], 1000.0 * swing_mg), seed)
    return np.asarray(source.limited(white, swing_mg), np.float32)


def added(
    contest: Contest[Params], source: Source, wave: Wave, name: str, among: Split
) -> NDArray[np.int32]:
    """Traces ``[n, samples, channels]`` with a waveform, as the sensors deliver them."""
    threat, found = contest.target.threat, []
    for part in batches(len(among)):
        x = threat.signal(tf.constant(among.x[part]))
        seed = draws.pair(contest.seed, draws.SCORING, name, part.start)
        mine = tf.constant(wave if len(wave) == 1 else wave[part])
        arriving = source.arriving(mine, seed, int(x.shape[0]), contest.params)
        found.append(threat.realise(threat.clip(x + arriving)))
    return np.concatenate(found)


def _climb(
    contest: Contest[Params], source: Source, aim: Aim, *, steps: int, batch: int = 0
) -> Climb:
    def project(wave: Any, x: Any, y: Any, swing_mg: Any) -> Any:
        return source.limited(wave, swing_mg)

    value = _value(contest, source, aim, batch=batch)
    return climb(value=value, project=project, norm=Linf(), steps=aim.steps(steps))


def _value(contest: Contest[Params], source: Source, aim: Aim, *, batch: int) -> Callable[..., Any]:
    threat, goal = contest.target.threat, source.goal

    def value(wave: Any, seed: Any, x: Any, y: Any, swing_mg: Any) -> Any:
        if batch:
            chosen = draws.whole(seed, 2, batch, tf.shape(x)[0])
            x, y = tf.gather(x, chosen), tf.gather(y, chosen)
            x = tf.ensure_shape(x, [batch, source.samples, len(source.reached)])
        arriving = source.arriving(wave, seed, int(x.shape[0]), contest.params)
        delivered = threat.clip(x + arriving)
        if goal is None:
            return aim.evade(delivered, y)
        return aim.imitate(delivered, tf.fill(tf.shape(y), np.int64(goal)))

    return value
