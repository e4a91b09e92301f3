"""``physical export``: write what a real attack needs, and how to carry it out."""

from __future__ import annotations

from argparse import Namespace

from palisade import stage
from palisade.physical import room


def run(arguments: Namespace) -> None:
    """Craft on the task's finished model, write the folder, and say what is in it."""
    this = stage.enter("physical", arguments.task)
    for name in room.export(this, arguments.folder):
        print(arguments.folder / name)
