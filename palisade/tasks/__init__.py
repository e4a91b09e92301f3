"""What differs from task to task: one folder a task, the same parts in each.

==================  ==========================================================================
part                what it holds
==================  ==========================================================================
``synthesis/``      draws the default corpus, and the task's part in the events at the door
``samples/``        class names, what one raw sample is, and how its sensor fails
``recordings/``     reads a labelled folder of recordings
``distortion/``     augmentation of training data, and natural corruption of test data
``geometry.py``     what a sample is, and how it is cut for the front end
``features.py``     the front end: raw samples to the network's input, differentiable
``threat.py``       the attacker's budget in the sensor's own units; placements that cost none
``budgets.py``      the budgets that the battery attacks at
``network.py``      the network's topology
``onboard.py``      preprocessing and front end as the device runs them
``twin.py``         that preprocessing, differentiable
``sequence.py``     what of an event the device meets one after the other
``unfamiliar.py``   inputs of no kind that training or calibration draws
``display.py``      how examples and budgets are shown in the report
``card.py``         what a release says of the task beside its figures
``physical/``       attacks through the world, what they need in a real room, re-recordings
``streaming/``      where a task has a stream: draws hours of continuous input
==================  ==========================================================================

A stage names the parts it needs, and depends on those and no others.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from palisade.errors import PalisadeError


def load(key: str, part: str) -> Any:
    """Import one part of a task: ``load("voice", "features")``."""
    folder = Path(__file__).parent / key
    if not key.isidentifier() or not folder.is_dir():
        known = ", ".join(
            sorted(p.name for p in folder.parent.iterdir() if (p / "network.py").exists())
        )
        raise PalisadeError(f"params.yaml: task {key} has no folder {key}", f"known tasks: {known}")
    return importlib.import_module(f"palisade.tasks.{key}.{part}")
