"""The physical attacks on a door's motion sensors, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.physical import aims
from palisade.physical.contest import Contest
from palisade.physical.scoring import Attacked, Mask, exactly
from palisade.splits import Split
from palisade.tasks.motion.distortion import signals
from palisade.tasks.motion.geometry import Sensors
from palisade.tasks.motion.physical import evasions, waves
from palisade.tasks.motion.physical.params import Params
from palisade.tasks.motion.physical.waves import Source
from palisade.tasks.motion.samples.labels import PERSON
from palisade.tasks.motion.samples.sensor import Signal
from palisade.tasks.motion.threat import Threat

__all__ = ["Params", "attacks", "right"]

HEAT, RANDOM_HEAT = "heat_source", "random_heat"
VIBRATION, RANDOM_VIBRATION = "vibration", "random_vibration"


def attacks(contest: Contest[Params]) -> Iterator[Attacked]:
    """Every attack that the sensors can meet, at every severity; ``none`` first.

    ``random_heat`` and ``random_vibration`` are waveforms without intent, of the same bands and
    swings.
    """
    scored = contest.scored
    allowed = exactly(scored.y, contest.classes)
    yield Attacked("none", "-", np.asarray(scored.x, np.int32), allowed, True)
    units = sensors(contest).units
    if "pir" in units:
        yield from _heated(contest)
        yield from _walked(contest)
    if "mg" in units:
        yield from _shaken(contest)
    yield from _stuck(contest)


def right(attack: str, y: NDArray[np.int64], labels: tuple[str, ...]) -> Mask:
    """``[n, classes]`` which answers are right.

    A heat source is to feign a person where there is none: any other answer is right, and where
    there is one, the answer ``person``. Other attacks are to change the answer.
    """
    if attack != HEAT or PERSON not in labels:
        return exactly(y, len(labels))
    is_person = np.array([label == PERSON for label in labels])
    return np.asarray(is_person == is_person[y][:, np.newaxis])


def sensors(contest: Contest[Params]) -> Sensors:
    """The channels, their rate and their rails."""
    return cast(Threat, contest.target.threat).params


def person(contest: Contest[Params]) -> int:
    """The class that heat feigns.

    Raises:
        PalisadeError: The data has no such class.
    """
    labels = contest.scored.labels
    if contest.params.person not in labels:
        raise PalisadeError(
            f"params.yaml: physical's person is {contest.params.person!r}, which is no class",
            f"the classes are {', '.join(labels)}",
        )
    return labels.index(contest.params.person)


def quiet(contest: Contest[Params]) -> list[int]:
    """The classes in whose traces heat is waved: an attacker waits until nobody is about.

    Raises:
        PalisadeError: The data has no such class, or one of them is a person.
    """
    labels, named = contest.scored.labels, contest.params.quiet
    if wrong := [one for one in named if one not in labels or one == contest.params.person]:
        raise PalisadeError(
            f"params.yaml: physical's quiet names {', '.join(wrong)}, which is no class of nobody",
            f"the classes are {', '.join(labels)}",
        )
    return [labels.index(one) for one in named]


def heat(contest: Contest[Params]) -> Source:
    """A source of heat before the PIR, which is to be taken for a person."""
    low, high = contest.params.heat_hz
    samples = int(contest.scored.x.shape[1])
    return Source(sensors(contest), "pir", (low, high), samples, person(contest))


def exciter(contest: Contest[Params]) -> Source:
    """An exciter on the door."""
    low, high = contest.params.vibration_hz
    return Source(sensors(contest), "mg", (low, high), int(contest.scored.x.shape[1]), None)


def _heated(contest: Contest[Params]) -> Iterator[Attacked]:
    params, source = contest.params, heat(contest)
    empty = contest.scored.take(np.isin(contest.scored.y, quiet(contest)))
    is_person = np.arange(contest.classes) == person(contest)
    allowed = np.broadcast_to(~is_person, (len(empty), contest.classes))
    craft = aims.by_severity(contest.target.aims, partial(waves.own, contest, source, empty))
    shares = sorted(params.heat_shares) if len(empty) else []
    for share in shares:
        idle = waves.idle(contest, source, share * source.sensors.full_scale_pir_mg, empty)
        raw = waves.added(contest, source, idle, f"{RANDOM_HEAT} {share}", empty)
        headline, severity = share == params.reference_heat, f"{100 * share:g} %"
        yield Attacked(RANDOM_HEAT, severity, raw, allowed, headline)
    for share in shares:
        headline, severity = share == params.reference_heat, f"{100 * share:g} %"
        for aim, made in craft(share * source.sensors.full_scale_pir_mg):
            raw = waves.added(contest, source, made, f"{HEAT} {share}", empty)
            yield Attacked(
                HEAT,
                severity,
                raw,
                allowed,
                headline,
                aim,
                strength=share,
                control=RANDOM_HEAT,
            )


def _walked(contest: Contest[Params]) -> Iterator[Attacked]:
    params, meant = contest.params, sensors(contest)
    walks = contest.scored.take(contest.scored.y == person(contest))
    pir, acc = having(meant, "pir"), having(meant, "mg")
    allowed = exactly(walks.y, contest.classes)
    for rate in params.slow_rates if len(walks) else ():

        def slowed(x: Signal, rate: float = rate) -> Signal:
            return evasions.slow_approach(
                x,
                pir=pir,
                acc=acc,
                rate=rate,
                low_cut_hz=params.low_cut_hz,
                sample_rate_hz=meant.sample_rate_hz,
            )

        raw = delivered(contest, walks, slowed)
        headline = rate == params.reference_rate
        severity = f"{100 * rate:g} %"
        yield Attacked("slow_approach", severity, raw, allowed, headline, strength=-rate)
    for share in params.masked_shares if len(walks) else ():

        def covered(x: Signal, share: float = share) -> Signal:
            return evasions.masked(x, pir, share)

        raw = delivered(contest, walks, covered)
        headline = share == params.reference_masked
        severity = f"{100 * share:g} %"
        yield Attacked("masking", severity, raw, allowed, headline, strength=-share)


def _shaken(contest: Contest[Params]) -> Iterator[Attacked]:
    params, source, scored = contest.params, exciter(contest), contest.scored
    allowed = exactly(scored.y, contest.classes)
    for swing_mg in sorted(params.vibrations_mg):
        idle = waves.idle(contest, source, swing_mg, scored)
        raw = waves.added(contest, source, idle, f"{RANDOM_VIBRATION} {swing_mg}", scored)
        headline, severity = swing_mg == params.reference_mg, f"{swing_mg:g} mg"
        yield Attacked(RANDOM_VIBRATION, severity, raw, allowed, headline)
    for attack, make, for_all in (
        (VIBRATION, partial(waves.own, contest, source, scored), False),
        ("universal_vibration", partial(waves.universal, contest, source), True),
    ):
        craft = aims.by_severity(contest.target.aims, make)
        for swing_mg in sorted(params.vibrations_mg):
            headline = swing_mg == params.reference_mg
            for aim, made in craft(swing_mg):
                raw = waves.added(contest, source, made, f"{attack} {swing_mg}", scored)
                yield Attacked(
                    attack,
                    f"{swing_mg:g} mg",
                    raw,
                    allowed,
                    headline,
                    aim,
                    for_all,
                    strength=swing_mg,
                    control=RANDOM_VIBRATION,
                )


def _stuck(contest: Contest[Params]) -> Iterator[Attacked]:
    """Each kind of channel alone, then all of them, on every trace."""
    meant = sensors(contest)
    kinds: dict[str, list[int]] = {unit: having(meant, unit) for unit in dict.fromkeys(meant.units)}
    kinds["all"] = list(range(len(meant.units)))
    allowed = exactly(contest.scored.y, contest.classes)
    for kind, places in kinds.items():

        def held(x: Signal, places: Sequence[int] = places) -> Signal:
            return evasions.stuck(x, places)

        raw = delivered(contest, contest.scored, held)
        yield Attacked("stuck", kind, raw, allowed, kind == "all")


def having(meant: Sensors, unit: str) -> list[int]:
    """The places of the channels that have a unit."""
    return [place for place, one in enumerate(meant.units) if one == unit]


def delivered(
    contest: Contest[Params], among: Split, change: Callable[[Signal], Signal]
) -> NDArray[np.int32]:
    """Each trace changed, then rounded and saturated as the converters do."""
    low, high = sensors(contest).rails
    changed = np.stack([change(x) for x in signals.floats(among.x)])
    return np.asarray(np.clip(np.rint(changed), low, high), np.int32)
