"""``release``: make a signed release with a signed provenance from a clean checkout."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from palisade.release import publish
from palisade.release.contents import shown


def run(arguments: Namespace) -> None:
    """Make the release, and print where it is and who signed it."""
    signer = publish.make(
        Path(), arguments.output, mode=arguments.mode, instance_file=arguments.instance
    )
    print(f"made {shown(str(arguments.output / 'release'))}, signed by {shown(signer)}")
    if arguments.mode == "key":
        print("a key signed it; a policy has to name the key before anybody trusts it")
