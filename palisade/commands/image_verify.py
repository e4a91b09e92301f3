"""``image verify``: whether a release's images are those that a key signed."""

from __future__ import annotations

from argparse import Namespace

from palisade.boot import images, key
from palisade.release import layout
from palisade.release.contents import shown


def run(arguments: Namespace) -> None:
    """Verify them, and print what each one is."""
    folder = arguments.images or layout.beside(arguments.release, layout.IMAGES)
    public = key.load_public(arguments.public_key or folder / images.PUBLIC_KEY)
    found = images.check(
        arguments.release, folder, public_key=public, least_counter=arguments.least_counter
    )
    print(f"{shown(str(folder))} holds the images of {shown(str(arguments.release))}")
    print(f"signed by {key.fingerprint(public)}")
    for task, one in found.items():
        print(f"{task}: version {one.version}, security counter {one.security_counter}")
    if arguments.public_key is None:
        print("integrity only: the key lies beside the images; --public-key says whose is believed")
