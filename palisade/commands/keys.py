"""``keys new``: make the development key."""

from __future__ import annotations

from argparse import Namespace

from palisade.release import key


def run(arguments: Namespace) -> None:
    """Make the key, and print where it is and its fingerprint, never the key."""
    path = key.location()
    if arguments.if_none and path.exists():
        print(f"there is a development key: {path}")
        print(key.fingerprint(key.load_private(path).public_key()))
        return
    made = key.create(path)
    print(f"made a development key: {path}")
    print(key.fingerprint(made.public_key()))
