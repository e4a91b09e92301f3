"""What it would do to let other windows give evidence: one task at a time, thresholds set anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from palisade.fusion import figures
from palisade.fusion.events import Events, Witness
from palisade.fusion.policy import Evidence
from palisade.fusion.thresholds import calibrate

By = Mapping[str, Mapping[Evidence, Witness]]


def chosen(by: By, evidence: Mapping[str, Evidence]) -> dict[str, Witness]:
    """Each task's witness by what is evidence to it."""
    return {task: by[task][evidence[task]] for task in by}


def variants(by: By, evidence: Mapping[str, Evidence]) -> Iterator[dict[str, Evidence]]:
    """The policy itself, no guard at all, and every change of one task's evidence."""
    everything: dict[str, Evidence] = dict.fromkeys(evidence, "all")
    found: list[dict[str, Evidence]] = [dict(evidence), everything]
    found += [{**evidence, task: other} for task in by for other in by[task]]
    for place, one in enumerate(found):
        if one not in found[:place]:
            yield one


def rows(
    by: By,
    evidence: Mapping[str, Evidence],
    together: Callable[[Mapping[str, Witness]], Events],
    false_reject_target: float,
) -> list[dict[str, Any]]:
    """Rates with intervals of each variant, on test events; the policy's own come first.

    Args:
        by: each task's witness by evidence.
        evidence: by task, as the policy has it.
        together: several tasks' witnesses to events.
        false_reject_target: as the policy has it.
    """
    found = []
    for variant in variants(by, evidence):
        seen = together(chosen(by, variant))
        thresholds = calibrate(seen.of("calibration"), false_reject_target)
        test = seen.of("test")
        trials = {
            **figures.of_action(test, thresholds),
            **figures.of_control(test, thresholds),
        }
        told = {name: hits for name, hits in trials.items() if not name.startswith("single.")}
        found += [{**variant, **row} for row in figures.rows(told)]
    return found
