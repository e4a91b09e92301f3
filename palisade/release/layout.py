"""What lies beside a release's folder, and by what names a signed statement knows it.

::

    release/                             the folder; `release/<path>` in a statement
    release.sigstore.json                its signature (OpenSSF Model Signing)
    release.provenance.sigstore.json     where all of it comes from (SLSA v1)
    release.pub.pem                      in mode key: the public half of the key
    release.images/                      what devices boot; `images/<name>`
    release.audits/                      attacks at full strength on its models; `audits/<name>`
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.release import contents
from palisade.release.failures import UnsafePath

SIGNATURE, PROVENANCE = ".sigstore.json", ".provenance.sigstore.json"
PUBLIC_KEY, IMAGES, AUDITS = ".pub.pem", ".images", ".audits"


def beside(release: Path, ending: str) -> Path:
    """The sibling of a release folder: ``models/release`` gives ``models/release.pub.pem``."""
    absolute = Path(os.path.abspath(release))  # "." and ".." have no name of their own
    if not absolute.name:
        raise PalisadeError(f"{absolute} is no release", "name the folder of a release")
    return Path(os.path.relpath(absolute.with_name(absolute.name + ending)))


def subjects(release: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """What a provenance is about: the SHA-256 of every file of the release and of the folders
    beside it, by the subject's name.

    Args:
        release: the folder.
        digests: of its files, by their path in it.

    Raises:
        UnsafePath: A folder beside it is a link, or holds something else than plain files.
    """
    found = {f"release/{name}": digest for name, digest in digests.items()}
    for ending in (IMAGES, AUDITS):
        folder = beside(release, ending)
        if folder.is_symlink():
            raise UnsafePath(
                f"{contents.shown(str(folder))} is a symbolic link",
                "a release and what lies beside it hold plain files only; copy the folder",
            )
        held = contents.digests(folder) if os.path.lexists(folder) else {}
        found |= {f"{ending[1:]}/{name}": digest for name, digest in held.items()}
    return found
