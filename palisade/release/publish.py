"""Making a release: the folder that the pipeline packaged, signed, with a signed provenance.

::

    <output>/release                             the folder, as `package` made it
    <output>/release.sigstore.json               its signature (OpenSSF Model Signing)
    <output>/release.provenance.sigstore.json    where it comes from (SLSA v1)
    <output>/release.pub.pem                     in mode key: the public half of the key
    <output>/release.images                      the images beside the folder, if there are any
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes
from palisade.release import (
    bundle,
    checkout,
    envelope,
    identity,
    key,
    keyless,
    provenance,
    signature,
    statement,
    trust,
    verify,
)
from palisade.release.contents import shown

Mode = Literal["key", "keyless-ambient", "keyless-interactive"]
MODES: tuple[Mode, ...] = ("key", "keyless-ambient", "keyless-interactive")

SIGNATURE, PROVENANCE = "release.sigstore.json", "release.provenance.sigstore.json"
OURS = {"release", "release.images", "release.pub.pem", SIGNATURE, PROVENANCE}


def make(root: Path, output: Path, *, mode: Mode, instance_file: Path | None = None) -> str:
    """Make a release of what a checkout holds, whole or not at all.

    Args:
        root: the checkout.
        output: the folder to make; one that an earlier call made is replaced.
        mode: how to sign. It is this or a failure, never another.
        instance_file: the Sigstore instance of a keyless mode; None for the public one.

    Returns:
        Who signed: the key's fingerprint, or the identity.

    Raises:
        NotClean: The checkout has changes, or the pipeline is not up to date.
        BadKey, NoIdentity, SigningFailed: It cannot be signed in this mode.
        UnsafePath: The release holds something else than plain files.
        PalisadeError: The output holds something else than a release.
    """
    check_output(output)
    # What is quick to refuse comes first, and before anything is asked of a service.
    token = _token(mode)
    source = checkout.read(root)
    made = root / checkout.RELEASE
    with replacing(output.resolve()) as draft:
        draft.mkdir()
        for name in (made, verify.beside(made, ".images")):
            if name.is_dir():
                shutil.copytree(name, draft / f"release{name.suffix}", symlinks=True)
        if mode == "key":
            return _with_key(draft, source)
        return _keyless(draft, source, token, instance_file)


def _token(mode: Mode) -> keyless.Token | None:
    """A CI's token; None where a key signs, which is there, or a person who agreed to log in."""
    if mode == "keyless-ambient":
        return keyless.ambient()
    if mode == "keyless-interactive":
        keyless.agreed()
    else:
        key.load_private(key.location())
    return None


def check_output(output: Path) -> None:
    """Refuse to replace what is no earlier release.

    Raises:
        PalisadeError: The output is a file, or a folder that holds anything else.
    """
    if output.is_dir() and not output.is_symlink():
        others = sorted(entry.name for entry in output.iterdir() if entry.name not in OURS)
        if not others:
            return
        problem = f"{shown(str(output))} holds {shown(others[0])}, which is no part of a release"
    elif output.exists() or output.is_symlink():
        problem = f"{shown(str(output))} is no folder"
    else:
        return
    raise PalisadeError(problem, "name another --output, or take away what is there")


def _with_key(draft: Path, source: checkout.Source) -> str:
    file = key.location()
    public = signature.sign(draft / "release", draft / SIGNATURE, private_key=file)
    write_bytes(draft / "release.pub.pem", key.public_pem(public))
    private = key.load_private(file)
    _state(draft, source, provenance.LOCAL_BUILDER, lambda text: envelope.sign(text, private))
    return verify.verify(draft / "release").signer.name


def _keyless(
    draft: Path, source: checkout.Source, token: keyless.Token | None, instance_file: Path | None
) -> str:
    release = draft / "release"
    digests = signature.signable(release)
    config = keyless.instance(instance_file)
    signer = keyless.Signer(config, token or keyless.log_in(config))
    write_bytes(draft / SIGNATURE, signer.sign(statement.of_folder("release", digests)))
    by = identity.authenticate(bundle.read(draft / SIGNATURE), config.trusted_root, None)
    # A person builds at home, whoever vouches for the person.
    _state(draft, source, by.identity if token else provenance.LOCAL_BUILDER, signer.sign)
    return verify.judged(release, trust.by_root(config.trusted_root)).signer.name


def _state(
    draft: Path, source: checkout.Source, builder: str, sign: Callable[[bytes], bytes]
) -> None:
    release = draft / "release"
    about = verify.subjects(release, signature.signable(release))
    write_bytes(draft / PROVENANCE, sign(provenance.describe(about, source, builder)))
