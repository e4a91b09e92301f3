"""The signature of a release: OpenSSF Model Signing v1.0, in a Sigstore bundle v0.3.

The bundle holds a DSSE envelope around an in-toto statement that lists the SHA-256 of every file
of the folder. It stays outside the folder, so that it need not sign itself.
"""

from __future__ import annotations

from pathlib import Path

from model_signing import hashing, signing

from palisade.errors import PalisadeError
from palisade.files import replacing
from palisade.release import bundle, contents, envelope, key, statement
from palisade.release.contents import shown
from palisade.release.failures import ForgedSignature, NotTrusted, UnsafePath, WrongKey


def sign(release: Path, file: Path, *, private_key: Path) -> key.PublicKey:
    """Sign every file of a folder with a key, and write the bundle, whole or not at all.

    The bundle's bytes differ at each run (ECDSA draws a nonce); the statement in it does not.

    Returns:
        The public half of the key.

    Raises:
        BadKey: There is no usable key.
        UnsafePath: The folder holds a symbolic link or a special file, or the bundle would lie
            in the folder.
        PalisadeError: The folder is missing, empty, or cannot be read.
    """
    release, file = release.resolve(), file.resolve()
    public = key.load_private(private_key).public_key()
    signable(release)
    check_outside(file, release)
    with replacing(file) as draft:
        config = signing.Config().set_hashing_config(_hashing())
        config.use_elliptic_key_signer(private_key=private_key).sign(release, draft)
    return public


def signable(release: Path) -> dict[str, str]:
    """The SHA-256 of every file of a folder that may be signed, by its path.

    Raises:
        UnsafePath: The folder holds something else than plain files of plain names.
        PalisadeError: The folder is missing, empty, or cannot be read.
    """
    found = contents.digests(release)
    if not found:
        raise PalisadeError(f"{shown(str(release))} is empty", "run `dvc repro package` first")
    for name in found:
        contents.check_inside(name)
    return found


def verify(release: Path, file: Path, *, public_key: Path) -> dict[str, str]:
    """Check that a key signed exactly what a folder holds.

    Returns:
        The SHA-256 of every file, by its path relative to the folder.

    Raises:
        ReleaseError: It did not; the class says in which way.
        PalisadeError: The folder is missing or cannot be read.
    """
    found = contents.digests(release.resolve())
    check_outside(file.resolve(), release.resolve())
    parsed = bundle.read(file)
    check_key(parsed, key.load_public(public_key), public_key)
    contents.compare(statement.signed_digests(parsed.payload, file), found, release)
    return found


def check_key(parsed: bundle.Bundle, public: key.PublicKey, file: Path) -> None:
    """Check that a key signed the statement in a bundle.

    Raises:
        NotTrusted: The bundle is of another mode.
        WrongKey: It says that another key made it.
        ForgedSignature: It names the key, which did not sign the statement.
    """
    if parsed.mode != "key":
        raise NotTrusted(
            f"{parsed} was made by an identity, and not by the key {shown(str(file))}",
            "check it with a policy that names the identity",
        )
    if parsed.hint != key.hint(public):
        raise WrongKey(
            f"{parsed} was not made by the key {shown(str(file))}",
            "get the release, its signature and its public key again from one place",
        )
    if not envelope.signed_by(public, parsed.payload, parsed.signature):
        raise ForgedSignature(
            f"{parsed} was edited: the key did not sign what it says",
            "get the signature again from where the release was made",
        )


def check_outside(file: Path, release: Path) -> None:
    """Refuse a signature that lies in the folder that it signs.

    Raises:
        UnsafePath: It does.
    """
    if file.is_relative_to(release):
        raise UnsafePath(
            f"the signature {shown(str(file))} is inside the release",
            "keep it beside the folder",
        )


def _hashing() -> hashing.Config:
    # By default the library leaves out .git, .gitignore and the like: such a file could be added.
    config = hashing.Config()
    config.use_file_serialization(hashing_algorithm="sha256")
    return config.set_ignored_paths(paths=[], ignore_git_paths=False)
