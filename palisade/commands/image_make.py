"""``image make``: the images of a release's models."""

from __future__ import annotations

from argparse import Namespace

from palisade.boot import images, key
from palisade.release import layout
from palisade.release.contents import sha256, shown


def run(arguments: Namespace) -> None:
    """Make them, and print each with its SHA-256."""
    folder = arguments.images or layout.beside(arguments.release, layout.IMAGES)
    made = images.make(arguments.release, folder, private_key=key.location())
    for path in made.values():
        print(f"{sha256(path)}  {shown(str(path))}")
