"""A release's boot images, held against the release and against whose images are trusted.

Images are signed by a key of their own, which bootloaders hold; the release's signature does not
reach a device. What binds the two is ``model-manifest.json``: the release's signature covers it,
and each image carries its digest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from palisade.boot import images, key, model_manifest
from palisade.boot.failures import WrongImageKey, WrongImages
from palisade.release import layout
from palisade.release.contents import shown
from palisade.release.failures import BadManifest
from palisade.release.manifest import Manifest
from palisade.release.policy import Assurance, Key, Policy

_AGAIN = "get the release and its images again from one place"


@dataclass(frozen=True)
class Images:
    """Images that hold.

    Attributes:
        tasks: of whose models they are.
        signer: the fingerprint of their key.
        trusted_by: the key's file in the policy; None if nothing says whose it is.
        assurance: what the key vouches for.
    """

    tasks: tuple[str, ...]
    signer: str
    trusted_by: str | None
    assurance: Assurance


def check(release: Path, content: Manifest, rules: Policy | None, *, needed: bool) -> Images | None:
    """Check the images beside a release, always with a key.

    Args:
        release: the folder, of which every file was verified.
        content: its manifest.
        rules: whose images are trusted; None to check integrity against the key beside them.
        needed: whether there must be images.

    Returns:
        What they are; None where there are none.

    Raises:
        BadManifest: The release's two manifests contradict each other.
        ImageError: An image does not hold; the class says why.
        BadKey: There is no key beside the images.
        UnsafePath: Something is no plain file.
    """
    if model_manifest.NAME in content.files:
        _check_manifests(release, content)
    folder = layout.beside(release, layout.IMAGES)
    if not os.path.lexists(folder):
        if not needed:
            return None
        raise WrongImages(f"there are no images at {shown(str(folder))}", _AGAIN)
    signed_by = _signer(release, folder, rules)
    return Images(
        tasks=tuple(sorted(content.tasks)),
        signer=key.fingerprint(signed_by.public),
        trusted_by=None if rules is None else str(signed_by.file),
        assurance=signed_by.assurance,
    )


def _signer(release: Path, folder: Path, rules: Policy | None) -> Key[key.PublicKey]:
    """The key that signed every image, of those that may have."""
    if rules is None:
        file = folder / images.PUBLIC_KEY
        known: Sequence[Key[key.PublicKey]] = (Key(file, key.load_public(file), "development"),)
        least_counter = 0
    else:
        known, least_counter = rules.image_keys, rules.content.least_security_counter
    for one in known:
        try:
            images.check(release, folder, public_key=one.public, least_counter=least_counter)
        except WrongImageKey:
            if rules is None:
                raise
        else:
            return one
    raise WrongImageKey(
        f"no one key of the {len(known)} that the policy names for images signed all of "
        f"{shown(str(folder))}",
        "get images that are signed with a key of the policy",
    )


def _check_manifests(release: Path, content: Manifest) -> None:
    """What devices compare themselves with is what the release says of itself."""
    made, _ = model_manifest.read(release / model_manifest.NAME)
    pairs: dict[str, tuple[object, object]] = {
        "version": (made.version, content.version),
        "security counter": (made.security_counter, content.security_counter),
        "tasks": (set(made.tasks), set(content.tasks)),
    }
    for name, task in content.tasks.items():
        if name in made.tasks:
            labels = "".join(f"{label}\n" for label in task.labels).encode()
            listed = made.tasks[name]
            pairs[f"model of {name}"] = (listed.model.sha256, content.files[task.model].sha256)
            pairs[f"labels of {name}"] = (listed.labels.sha256, hashlib.sha256(labels).hexdigest())
    wrong = [shown(name) for name, (one, other) in pairs.items() if one != other]
    if wrong:
        raise BadManifest(
            f"{shown(str(release / model_manifest.NAME))} has another {', '.join(wrong)} than "
            "manifest.json",
            "package and sign the release again",
        )
