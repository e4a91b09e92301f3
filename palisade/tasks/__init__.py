"""What differs from task to task, one folder a task, the same parts in each.

======================  ==================================================================
part                    what it holds
======================  ==================================================================
``synthesis/corpus``    draws the default corpus (a folder of its own: the task's physics)
``recordings``          reads a labelled folder of recordings and turns one into samples
``distort``             augmentation of training data and natural field corruption
``features``            the front end: raw samples to the network's input, differentiable
``threat``              the attacker's budget in the sensor's own units
``network``             the network's topology
======================  ==================================================================

A stage names the parts it needs, so it depends on those files and no others.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from palisade.errors import PalisadeError


def load(key: str, part: str) -> Any:
    """Import one part of a task: ``load("voice", "features")``."""
    folder = Path(__file__).parent / key
    if not folder.is_dir():
        known = ", ".join(
            sorted(p.name for p in folder.parent.iterdir() if (p / "network.py").exists())
        )
        raise PalisadeError(
            f"params.yaml: task {key} has no folder {folder.name}", f"known tasks: {known}"
        )
    return importlib.import_module(f"palisade.tasks.{key}.{part}")
