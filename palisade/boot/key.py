"""Keys of images: Ed25519 in PEM, as imgtool and MCUboot take them.

Like the key of development signatures, the development key is made by an explicit command and
stays outside the checkout. It is another key: what a gateway trusts and what a bootloader trusts
can then be changed one without the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric import ed25519

from palisade.release import key
from palisade.release.contents import shown
from palisade.release.failures import BadKey

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey
PublicKey: TypeAlias = ed25519.Ed25519PublicKey

VARIABLE = "PALISADE_IMAGE_KEY"
NAME = "development-image-key.pem"
_MAKE_ONE = "make a development key for images with `python -m palisade keys new --for image`"

digest = key.digest
fingerprint = key.fingerprint
public_pem = key.public_pem


def location() -> Path:
    """Where the development key of images is: ``$PALISADE_IMAGE_KEY``, else in the config folder.

    Raises:
        BadKey: ``$PALISADE_IMAGE_KEY`` is relative.
    """
    return key.located(VARIABLE, NAME)


def create(path: Path) -> PrivateKey:
    """Make a new Ed25519 key that only its owner can read; see ``palisade.release.key.keep``."""
    made = ed25519.Ed25519PrivateKey.generate()
    key.keep(key.private_pem(made), path, variable=VARIABLE)
    return made


def load_private(path: Path) -> PrivateKey:
    """Read a private key.

    Raises:
        BadKey: The file is missing, is not private to its owner, or holds no unencrypted Ed25519
            private key in PEM.
    """
    found = key.read_private(path, _MAKE_ONE)
    if not isinstance(found, ed25519.Ed25519PrivateKey):
        raise BadKey(f"{shown(str(path))} is not an Ed25519 private key", _MAKE_ONE)
    return found


def load_public(path: Path) -> PublicKey:
    """Read a public key.

    Raises:
        BadKey: The file is missing or holds no Ed25519 public key in PEM.
    """
    found = key.read_public(path)
    if not isinstance(found, ed25519.Ed25519PublicKey):
        raise BadKey(f"{shown(str(path))} is not an Ed25519 public key", key.GET_AGAIN)
    return found
