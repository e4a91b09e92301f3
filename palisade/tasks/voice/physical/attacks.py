"""The physical attacks on a microphone, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from palisade.physical import aims, draws
from palisade.physical.contest import Contest
from palisade.physical.scoring import Attacked, Mask, exactly
from palisade.ranges import between
from palisade.seeds import generator
from palisade.tasks.voice.distortion import signals
from palisade.tasks.voice.physical import injection, sounds
from palisade.tasks.voice.physical.channel import PINK, Channel, channel
from palisade.tasks.voice.physical.params import Params
from palisade.tasks.voice.samples import pcm
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN

__all__ = ["Params", "attacks", "right"]

INJECTIONS = ("ultrasound", "replay")  # of commands that nobody speaks: none is right
FOR_ALL = ("universal", "pulse")  # one sound serves for all clips
NEGATIVES = (UNKNOWN, SILENCE)
NOISE, NOISE_BURST = "band_noise", "noise_burst"
CONTROLS = {"over_the_air": NOISE, "universal": NOISE, "pulse": NOISE_BURST}


def attacks(contest: Contest[Params]) -> Iterator[Attacked]:
    """Every attack at every severity; ``none`` and the controls first.

    ``air_alone`` is the background without a sound, and ``band_noise`` and, as short as ``pulse``,
    ``noise_burst`` are sounds without intent: what an attack adds is what it takes below these.
    """
    params, scored = contest.params, contest.scored
    y, labels = scored.y, scored.labels
    crafting, scoring = (air(contest, purpose) for purpose in (draws.CRAFTING, draws.SCORING))
    reference = params.reference_snr_db

    def against(attack: str, severity: str, raw: NDArray[np.int16], headline: bool) -> Attacked:
        return Attacked(attack, severity, raw, right(attack, y, labels), headline)

    def arriving(attack: str, budget: float, sound: sounds.Sound, burst: sounds.Burst) -> Attacked:
        raw = sounds.arrive(contest, scoring, sound, f"{attack} {budget:g}", burst=burst)
        found = against(attack, f"{budget:g} dB", raw, budget == reference)
        if attack in CONTROLS.values():
            return found
        return replace(found, strength=-budget, control=CONTROLS[attack])

    def crafted(
        attack: str, make: Callable[[aims.Aim], sounds.Craft], burst: sounds.Burst
    ) -> Iterator[Attacked]:
        craft = aims.by_severity(contest.target.aims, make)
        for budget in params.budgets_snr_db:
            for aim, sound in craft(budget):
                found = arriving(attack, budget, sound, burst)
                yield replace(found, aim=aim, for_all=attack in FOR_ALL)

    yield against("none", "-", np.asarray(scored.x, np.int16), True)
    silent = np.zeros((1, scoring.samples), np.float32)
    whole = sounds.whole(scoring)
    bare = sounds.arrive(contest, scoring, silent, "air alone", burst=whole)
    yield against("air_alone", "-", bare, True)
    burst = sounds.pulse(scoring, params.pulse_ms)
    for attack, kind in ((NOISE, whole), (NOISE_BURST, burst)):
        for budget in params.budgets_snr_db:
            noise = sounds.noise_like(contest, scoring, budget, kind)
            yield arriving(attack, budget, noise, kind)
    yield from crafted("over_the_air", partial(sounds.own, contest, crafting), whole)
    for attack, kind in zip(FOR_ALL, (whole, burst), strict=True):
        yield from crafted(attack, partial(sounds.universal, contest, crafting, kind), kind)
    yield from _injected(contest)


def right(attack: str, y: NDArray[np.int64], labels: tuple[str, ...]) -> Mask:
    """``[n, classes]`` which answers are right: of an injected command, none that is a command."""
    if attack not in INJECTIONS:
        return exactly(y, len(labels))
    harmless = np.array([label in NEGATIVES for label in labels])
    return np.broadcast_to(harmless, (len(y), len(labels)))


def air(contest: Contest[Params], purpose: str) -> Channel:
    """The air of a purpose, for clips such as the contest's."""
    return channel(
        contest.params.air,
        sample_rate_hz=contest.params.sample_rate_hz,
        samples=int(contest.scored.x.shape[1]),
        seed=contest.seed,
        purpose=purpose,
    )


def _injected(contest: Contest[Params]) -> Iterator[Attacked]:
    """Genuine commands of the scored clips, in a room where nobody speaks."""
    params, labels = contest.params, contest.scored.labels
    spoken = np.array([label not in NEGATIVES for label in labels])[contest.scored.y]
    commands = contest.scored.take(spoken)
    sound = pcm.to_float(np.asarray(commands.x, np.int16))
    named = list(zip(sound, commands.ids, strict=True))
    rate_hz = params.sample_rate_hz
    for level_db in params.ultrasound.levels_db if named else ():
        raw = [
            _in_a_quiet_room(_demodulated(x, level_db, contest), name, contest) for x, name in named
        ]
        yield Attacked(
            "ultrasound",
            f"{level_db:g} dB",
            np.stack(raw),
            right("ultrasound", commands.y, labels),
            level_db == params.ultrasound.reference_db,
            strength=level_db,
        )
    for rt60_ms in params.replay.rooms_ms if named else ():
        raw = []
        for x, name in named:
            draw = generator(contest.seed, "physical", draws.SCORING, "replay", str(name))
            heard = injection.replayed(
                x, rt60_ms=rt60_ms, air=params.air, sample_rate_hz=rate_hz, draw=draw
            )
            raw.append(_in_a_quiet_room(heard, name, contest))
        yield Attacked(
            "replay",
            f"{rt60_ms:g} ms",
            np.stack(raw),
            right("replay", commands.y, labels),
            rt60_ms == params.replay.reference_ms,
        )


def _demodulated(
    x: injection.Waveform, level_db: float, contest: Contest[Params]
) -> injection.Waveform:
    """A command from ultrasound, at a level to ordinary speech."""
    params = contest.params
    heard = injection.demodulated(
        x, depth=params.ultrasound.depth, sample_rate_hz=params.sample_rate_hz
    )
    return signals.gain(heard * np.float32(params.speech_rms), level_db)


def _in_a_quiet_room(
    x: injection.Waveform, name: str, contest: Contest[Params]
) -> NDArray[np.int16]:
    """With pink background at a ratio that is drawn."""
    draw = generator(contest.seed, "physical", draws.SCORING, "background", str(name))
    noise = signals.coloured_noise(len(x), PINK, draw)
    snr_db = between(contest.params.air.background_db, draw)
    return pcm.to_int16(signals.add_noise(x, noise, snr_db))
