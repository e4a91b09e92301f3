"""Checks on the measurement of the attacked door; each can fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from palisade.assault.crafting import Goal
from palisade.assault.figures import Door
from palisade.evaluation.checks import MISSING, Check
from palisade.evaluation.leads import STANDARD_ERRORS, lead
from palisade.fusion.scores import SILENT_LSB

Row = Mapping[str, str]


def all_of(doors: Mapping[Goal, Door], fused: Iterable[Row]) -> list[Check]:
    """Every check.

    Args:
        doors: by goal.
        fused: what ``fuse`` noted of each event (``fusion_events.csv``).
    """
    both = list(doors.values())
    outcomes = [one for door in both for one in door.outcomes.values()]
    return [
        Check(
            "more_sensors_are_never_weaker",
            sum(map(weaker_with_more, both)),
            0,
            guards_against="an attack on several sensors that leaves out what one alone can do",
        ),
        Check(
            "full_control_is_never_weaker",
            sum(map(beyond_control, both)),
            0,
            guards_against="an upper bound that is none",
        ),
        Check(
            "crafting_beats_noise",
            min((beats_noise(door, task) for door in both for task in door.events.tasks
                 if door.outcomes[task].attacked.any()), default=MISSING),
            STANDARD_ERRORS,
            at_least=True,
            guards_against="gradients that lead nowhere",
        ),
        Check(
            "crafted_windows_keep_the_budget",
            sum(one.over_budget for one in outcomes),
            0,
            guards_against="an attacker who had more than the figure says",
        ),
        Check(
            "crafted_windows_can_be_delivered",
            sum(one.undeliverable for one in outcomes),
            0,
            guards_against="inputs that no sensor passes on",
        ),
        Check(
            "clean_scores_are_those_of_the_fusion",
            unlike_fusion(both, fused),
            0,
            guards_against="another path, policy or event than the fusion's figures are of",
        ),
    ]  # fmt: skip


def weaker_with_more(door: Door) -> int:
    """Events that some tasks are enough for, and the same with further ones are not."""
    return sum(
        int(np.count_nonzero(door.won(reach) & ~door.won(more)))
        for more in door.reaches()
        for reach in [(), *door.reaches()]
        if set(reach) < set(more)
    )


def beyond_control(door: Door) -> int:
    """Events that crafted inputs are enough for, and full control of the same tasks is not."""
    return sum(
        int(np.count_nonzero(door.won(reach) & ~door.bound(reach))) for reach in door.reaches()
    )


def beats_noise(door: Door, task: str) -> float:
    """By how many standard errors crafted inputs bring more in a task's attacked events than noise.

    Noise has as many tries, and keeps of each window the best, as crafting does. Ties say nothing:
    either may leave a window as it is. Where all are ties, crafting does nothing and has no lead.
    """
    one = door.outcomes[task]
    crafted, noise = one.crafted[one.attacked], one.noise[one.attacked]
    ahead = crafted - noise if door.goal == "forced" else noise - crafted
    return lead(ahead > 0, ahead < 0)


def unlike_fusion(doors: Iterable[Door], fused: Iterable[Row]) -> int:
    """Clean scores that differ from those that the fusion noted, or that it did not note."""
    noted = {(row["split"], row["scene"]): row for row in fused}
    differing = 0
    for door in doors:
        clean = door.scores("clean")
        for at, scene in enumerate(door.events.scenes.tolist()):
            row = noted.get(("test", scene))
            for place, task in enumerate(door.events.tasks):
                differing += row is None or int(clean[at, place]) != _score(row, task)
    return differing


def _score(row: Row, task: str) -> int:
    return int(row[f"{task}_score_lsb"]) if row[f"{task}_plausible"] == "1" else SILENT_LSB
