"""``keys new``: make a development key."""

from __future__ import annotations

from argparse import Namespace

from palisade.boot import key as image_key
from palisade.release import key

KINDS = {"release": ("development key", key), "image": ("development key for images", image_key)}


def run(arguments: Namespace) -> None:
    """Make the key, and print where it is and its fingerprint, never the key."""
    name, kind = KINDS[arguments.purpose]
    path = kind.location()
    if arguments.if_none and path.exists():
        print(f"there is a {name}: {path}")
        print(kind.fingerprint(kind.load_private(path).public_key()))
        return
    made = kind.create(path)
    print(f"made a {name}: {path}")
    print(kind.fingerprint(made.public_key()))
