"""Adversarial sounds: one for each clip, one for all clips, and a burst at any moment.

A budget is the ratio of the clip to the sound as it is meant to arrive, before the gain that is
drawn: the attacker knows the distance to 6 dB.

References:
    Neekhara et al., Universal Adversarial Perturbations for Speech Recognition Systems,
    arXiv:1905.03828; Li et al., AdvPulse, ACM CCS 2020, doi:10.1145/3372297.3423348 (bursts that
    need no synchronisation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ball import L2
from palisade.backend import tf
from palisade.physical import draws
from palisade.physical.aims import Aim
from palisade.physical.contest import Contest, batches, joined
from palisade.physical.expectation import Climb, best_start, climb
from palisade.seeds import generator
from palisade.tasks.voice.physical.channel import Channel
from palisade.tasks.voice.physical.params import Params

_STEP = 1.0  # of a radius: the first steps' length
Sound = NDArray[np.float32]
# Of a budget, and what the aim before has found, which an aim may begin with.
Craft = Callable[[float, Sound | None], Sound]


@dataclass(frozen=True)
class Burst:
    """When a sound for all clips begins: in step with the clip to ``shift_ms``, or at any time.

    Attributes:
        samples: of the sound; the rest of the clip is silent.
        shift_ms: bounds of its lag.
    """

    samples: int
    shift_ms: tuple[float, float]


def whole(air: Channel) -> Burst:
    """A sound as long as the clip, about in step with it."""
    return Burst(air.samples, (-air.air.shift_ms, air.air.shift_ms))


def pulse(air: Channel, length_ms: float) -> Burst:
    """A burst that begins at any moment at which it ends within the clip."""
    samples = min(air.samples, round(length_ms * air.sample_rate_hz / 1000))
    late_ms = (air.samples - samples) * 1000 / air.sample_rate_hz
    return Burst(samples, (0.0, late_ms))


def own(contest: Contest[Params], air: Channel, aim: Aim) -> Craft:
    """Crafts, by budget, a sound ``[n, samples]`` for each scored clip."""
    move = _climb(contest, air, whole(air), aim, steps=contest.params.steps)
    raw, y, threat = contest.scored.x, contest.scored.y, contest.target.threat

    def craft(budget: float, before: Sound | None) -> Sound:
        found = []
        for part in batches(len(y)):
            x = threat.signal(tf.constant(raw[part]))
            radius = threat.radius(x, budget)
            seed = draws.pair(
                contest.seed, draws.CRAFTING, "own", str(budget), part.start, *aim.apart
            )
            start = L2().random(x, radius, seed) if before is None else tf.constant(before[part])
            length = aim.rest * _STEP * radius[:, tf.newaxis]
            found.append(move(start, length, seed, x, tf.constant(y[part]), radius))
        return joined(found)

    return craft


def universal(contest: Contest[Params], air: Channel, burst: Burst, aim: Aim) -> Craft:
    """Crafts, by budget, one sound ``[1, samples]`` on calibration clips.

    Its level is a budget's below ordinary speech, over the time that it sounds. Of those from
    several starts it is worth most to these clips.
    """
    params, threat, known = contest.params, contest.target.threat, contest.known
    batch = params.universal_batch
    move = _climb(contest, air, burst, aim, steps=params.universal_steps, batch=batch)
    value = tf.function(_value(contest, air, burst, aim, batch=batch))
    x, y = threat.signal(tf.constant(known.x)), tf.constant(known.y)

    def craft(budget: float, before: Sound | None) -> Sound:
        radius = _for_all(contest, air, burst, budget)
        name = (draws.CRAFTING, "all", burst.samples, str(budget))

        def climbed(number: int) -> Sound:
            seed = draws.pair(contest.seed, *name, *aim.apart, *draws.again(number))
            quiet = tf.zeros([1, air.samples])
            start = L2().random(quiet, radius, seed) if before is None else tf.constant(before)
            length = aim.rest * _STEP * radius[:, tf.newaxis]
            return np.asarray(move(start, length, seed, x, y, radius), np.float32)

        def worth(sound: Sound) -> float:
            seeds = draws.several(contest.seed, *name, "worth")
            return float(np.mean([value(tf.constant(sound), one, x, y, radius) for one in seeds]))

        count = params.universal_starts if before is None else 1
        return np.asarray(best_start(count, climbed, worth, f"sound for all, {budget:g} dB"))

    return craft


def arrive(
    contest: Contest[Params], air: Channel, sound: Sound, name: str, *, burst: Burst
) -> NDArray[Any]:
    """Scored clips ``[n, samples]`` int16 with a sound of each, or one for all, in the air."""
    threat, found = contest.target.threat, []
    for part in batches(len(contest.scored)):
        x = threat.signal(tf.constant(contest.scored.x[part]))
        seed = draws.pair(contest.seed, draws.SCORING, name, part.start)
        mine = sound if len(sound) == 1 else sound[part]
        count, played = int(x.shape[0]), air.played(tf.constant(mine), burst.samples)
        heard = air.heard(played, seed, count=count, shift_ms=burst.shift_ms)
        found.append(threat.realise(threat.clip(x + heard + air.background(x, seed))))
    return np.concatenate(found)


def noise_like(contest: Contest[Params], air: Channel, budget: float, burst: Burst) -> Sound:
    """Noise ``[n, samples]`` of the loudspeaker's band at a budget: what any sound would do.

    One that lasts as long as the clip is below its clip, one that does not below ordinary speech.
    """
    threat = contest.target.threat
    dice = generator(contest.seed, "physical", "noise of the band")
    drawn = np.asarray(dice.standard_normal(contest.scored.x.shape), np.float32)
    if burst.samples == air.samples:
        radius = threat.radius(threat.signal(tf.constant(contest.scored.x)), budget)
    else:
        radius = tf.repeat(_for_all(contest, air, burst, budget), len(drawn))
    return np.asarray(_limit(air, burst, tf.constant(drawn), radius))


def _for_all(contest: Contest[Params], air: Channel, burst: Burst, budget: float) -> Any:
    """``[1]`` the radius of a sound for all clips: below ordinary speech while it sounds."""
    quiet = tf.zeros([1, air.samples])
    return contest.target.threat.radius(quiet, budget) * np.sqrt(burst.samples / air.samples)


def _climb(
    contest: Contest[Params], air: Channel, burst: Burst, aim: Aim, *, steps: int, batch: int = 0
) -> Climb:
    def project(sound: Any, x: Any, y: Any, radius: Any) -> Any:
        return _limit(air, burst, sound, radius)

    value = _value(contest, air, burst, aim, batch=batch)
    return climb(value=value, project=project, norm=L2(), steps=aim.steps(steps))


def _value(
    contest: Contest[Params], air: Channel, burst: Burst, aim: Aim, *, batch: int
) -> Callable[..., Any]:
    threat = contest.target.threat

    def value(sound: Any, seed: Any, x: Any, y: Any, radius: Any) -> Any:
        if batch:
            chosen = draws.whole(seed, 5, batch, tf.shape(x)[0])
            x, y = tf.gather(x, chosen), tf.gather(y, chosen)
            x = tf.ensure_shape(x, [batch, air.samples])
        played = air.played(sound, burst.samples)
        heard = air.heard(played, seed, count=int(x.shape[0]), shift_ms=burst.shift_ms)
        return aim.evade(threat.clip(x + heard + air.background(x, seed)), y)

    return value


def _limit(air: Channel, burst: Burst, sound: Any, radius: Any) -> Any:
    """Within the band and the time, at the budget's level."""
    hearing = np.arange(air.samples) < burst.samples
    limited = air.banded(sound * tf.constant(hearing, tf.float32))
    if burst.samples < air.samples:
        # A band's edges ring beyond the burst's; what is left of them there is cut off.
        limited *= tf.constant(_faded(hearing, burst.samples), tf.float32)
    return L2().steepest(limited) * radius[:, tf.newaxis]


def _faded(hearing: NDArray[np.bool_], samples: int) -> NDArray[np.float64]:
    """The burst's time with edges that rise and fall over a tenth of it."""
    ramp = max(1, samples // 10)
    at = np.arange(len(hearing))
    rising = np.minimum(at + 1, samples - at) / ramp
    return np.where(hearing, np.sin(np.clip(rising, 0, 1) * np.pi / 2) ** 2, 0.0)
