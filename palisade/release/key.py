"""Signing keys: EC P-256 (or P-384) in PEM, as OpenSSF Model Signing takes them.

The development key is made by an explicit command and stays on the developer's machine, outside
the checkout: there it can be neither committed nor cached by DVC, and experiments that DVC runs
in a folder of their own find it too.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from palisade.release.contents import shown
from palisade.release.failures import BadKey
from palisade.release.reading import bounded

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey

VARIABLE = "PALISADE_KEY"
CURVES = ("secp256r1", "secp384r1")
LARGEST_KEY_BYTES = 64 * 1024

_CHECKOUT = Path(__file__).resolve().parents[2]
GET_AGAIN = "get the public key again from whoever signed the release"
_MAKE_ONE = "make a development key with `python -m palisade keys new`"


def location() -> Path:
    """Where the development key is: ``$PALISADE_KEY``, else in the user's config folder.

    Raises:
        BadKey: ``$PALISADE_KEY`` is relative, so that it would mean another file in each folder.
    """
    return located(VARIABLE, "development-key.pem")


def located(variable: str, name: str) -> Path:
    """Where a key is: the path in an environment variable, else ``name`` in the config folder.

    The config folder is ``$XDG_CONFIG_HOME`` where that is absolute, else ``~/.config``
    (XDG Base Directory Specification 0.8).

    Raises:
        BadKey: The variable holds a relative path.
    """
    chosen = os.environ.get(variable, "")
    if chosen:
        path = Path(chosen)
        if not path.is_absolute():
            raise BadKey(f"{variable} is {chosen!r}", "set it to an absolute path")
        return path
    config = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(config) if os.path.isabs(config) else Path("~/.config").expanduser()
    return folder / "palisade" / name


def create(path: Path, *, checkout: Path = _CHECKOUT) -> PrivateKey:
    """Make a new EC P-256 key that only its owner can read; see ``keep``."""
    key = ec.generate_private_key(ec.SECP256R1())
    keep(private_pem(key), path, variable=VARIABLE, checkout=checkout)
    return key


def keep(pem: bytes, path: Path, *, variable: str, checkout: Path = _CHECKOUT) -> None:
    """Write a new private key so that only its owner can read it.

    The file appears whole or not at all, and an existing one is never replaced, even if two
    processes try at once.

    Args:
        pem: the key.
        path: where to, outside the checkout.
        variable: what a user sets to have it elsewhere.
        checkout: where no key may lie.

    Raises:
        BadKey: There is a file already, or the path lies in the checkout.
    """
    if path.resolve().is_relative_to(checkout.resolve()):
        raise BadKey(
            f"{shown(str(path))} is inside the checkout",
            f"a key there could be committed; set {variable} to a path outside",
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)  # O_EXCL, 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(pem)
        os.link(draft, path)  # unlike a rename, fails if there is a file
    except FileExistsError as error:
        raise BadKey(
            f"there is a key at {shown(str(path))} already",
            "it is never replaced; move it away first to have a new one",
        ) from error
    finally:
        os.unlink(draft)


def load_private(path: Path) -> PrivateKey:
    """Read a private key.

    Raises:
        BadKey: The file is missing, is not private to its owner, or holds no unencrypted EC
            P-256 or P-384 private key in PEM.
    """
    key = read_private(path, _MAKE_ONE)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in CURVES:
        raise BadKey(f"{shown(str(path))} is not an EC P-256 or P-384 private key", _MAKE_ONE)
    return key


def read_private(path: Path, advice: str) -> PrivateKeyTypes:
    """Read a private key of any kind, with ``advice`` where there is none.

    Raises:
        BadKey: The file is missing, is not private to its owner, or holds no unencrypted
            private key in PEM.
    """
    content = _read(path, advice)
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKey(
            f"the key {shown(str(path))} can be read or changed by other users",
            f"run `chmod 600 {shown(str(path))}`, or make a new key if it may have been read",
        )
    try:
        return serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause stays unchained: no traceback may ever quote the file.
        raise BadKey(f"{shown(str(path))} is not a private key in PEM", advice) from None


def load_public(path: Path) -> PublicKey:
    """Read a public key.

    Raises:
        BadKey: The file is missing or holds no EC P-256 or P-384 public key in PEM.
    """
    key = read_public(path)
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in CURVES:
        raise BadKey(f"{shown(str(path))} is not an EC P-256 or P-384 public key", GET_AGAIN)
    return key


def read_public(path: Path) -> PublicKeyTypes:
    """Read a public key of any kind.

    Raises:
        BadKey: The file is missing or holds no public key in PEM.
    """
    content = _read(path, GET_AGAIN)
    try:
        return serialization.load_pem_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey(f"{shown(str(path))} is not a public key in PEM", GET_AGAIN) from None


def public_pem(key: PublicKeyTypes) -> bytes:
    """A public key as PEM (SubjectPublicKeyInfo, RFC 5280), to be committed and handed out."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def digest(key: PublicKeyTypes) -> bytes:
    """The SHA-256 of a public key's SubjectPublicKeyInfo in DER, 32 bytes: its name in an image."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).digest()


def fingerprint(key: PublicKeyTypes) -> str:
    """The same for people: ``sha256:`` and 64 hex digits.

    `openssl pkey -pubin -in KEY -outform DER | sha256sum` gives the same digits.
    """
    return f"sha256:{digest(key).hex()}"


def hint(key: PublicKey) -> str:
    """How a bundle of OpenSSF Model Signing names its key: the SHA-256 of the PEM."""
    return hashlib.sha256(public_pem(key)).hexdigest()


def _read(path: Path, advice: str) -> bytes:
    name = shown(str(path))
    try:
        return bounded(path, limit_bytes=LARGEST_KEY_BYTES)
    except FileNotFoundError:
        raise BadKey(f"there is no key at {name}", advice) from None
    except OSError as error:
        raise BadKey(f"the key {name} cannot be read ({error.strerror})", advice) from None


def private_pem(key: PrivateKeyTypes) -> bytes:
    """A private key as unencrypted PEM (PKCS #8, RFC 5958), for ``keep`` and what signs."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
