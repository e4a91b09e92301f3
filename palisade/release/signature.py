"""The signature of a release: OpenSSF Model Signing v1.0 with a key, in a Sigstore bundle v0.3.

The bundle holds a DSSE envelope around an in-toto statement that lists the SHA-256 of every file
of the folder. It stays outside the folder, so that it need not sign itself.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from model_signing import hashing, signing, verifying

from palisade.errors import PalisadeError
from palisade.files import replacing
from palisade.release import bundle, contents, key
from palisade.release.failures import ForgedSignature, UnsafePath, WrongKey


def sign(release: Path, file: Path, *, private_key: Path) -> key.PublicKey:
    """Sign every file of a folder, and write the bundle, whole or not at all.

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
    signed = contents.digests(release)
    if not signed:
        raise PalisadeError(f"{release} is empty", "run `dvc repro package` first")
    for name in signed:
        contents.check_inside(name)
    _check_outside(file, release)
    with replacing(file) as draft:
        config = signing.Config().set_hashing_config(_hashing())
        config.use_elliptic_key_signer(private_key=private_key).sign(release, draft)
    return public


def verify(release: Path, file: Path, *, public_key: Path) -> dict[str, str]:
    """Check that a key signed exactly what a folder holds.

    Returns:
        The SHA-256 of every file, by its path relative to the folder.

    Raises:
        ReleaseError: It did not; the class says in which way.
        PalisadeError: The folder is missing or cannot be read.
    """
    release, file = release.resolve(), file.resolve()
    found = contents.digests(release)
    _check_outside(file, release)
    parsed = bundle.read(file)
    if parsed.material.public_key.hint != bundle.hint(key.load_public(public_key)):
        raise WrongKey(
            f"{contents.shown(str(file))} was not made by the key "
            f"{contents.shown(str(public_key))}",
            "get the release, its signature and its public key again from one place",
        )
    refusal = _library_refusal(release, file, public_key)
    # From here on the statement is authentic, unless the library could not even read it. It is
    # compared once more, to name the files and because the library lets a signature leave out
    # paths of its choice.
    contents.compare(bundle.signed_digests(parsed, file), found, release)
    if refusal is not None:
        raise bundle.malformed(file, str(refusal)) from refusal
    return found


def _library_refusal(release: Path, file: Path, public_key: Path) -> Exception | None:
    config = verifying.Config().set_hashing_config(_hashing())
    try:
        config.use_elliptic_key_verifier(public_key=public_key).verify(release, file)
    except InvalidSignature as error:
        raise ForgedSignature(
            f"{contents.shown(str(file))} was edited: the key did not sign what it says",
            "get the signature again from where the release was made",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return error
    return None


def _hashing() -> hashing.Config:
    # By default the library leaves out .git, .gitignore and the like: such a file could be added.
    config = hashing.Config()
    config.use_file_serialization(hashing_algorithm="sha256")
    return config.set_ignored_paths(paths=[], ignore_git_paths=False)


def _check_outside(file: Path, release: Path) -> None:
    if file.is_relative_to(release):
        raise UnsafePath(
            f"the signature {contents.shown(str(file))} is inside the release",
            "keep it beside the folder",
        )
