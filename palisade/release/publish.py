"""Making a release: the folder that the pipeline packaged, signed, with a signed provenance.

::

    <output>/release                             the folder, as `package` made it
    <output>/release.sigstore.json               its signature (OpenSSF Model Signing)
    <output>/release.provenance.sigstore.json    where it comes from (SLSA v1)
    <output>/release.pub.pem                     in mode key: the public half of the key
    <output>/release.images                      an MCUboot image a task, and their public key
    <output>/release.audits                      attacks at full strength, where they were run
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from palisade.boot import images
from palisade.boot import key as image_key
from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes
from palisade.release import (
    audits,
    bundle,
    checkout,
    contents,
    envelope,
    identity,
    key,
    keyless,
    layout,
    manifest,
    provenance,
    signature,
    statement,
    trust,
    verify,
)
from palisade.release.contents import shown

Mode = Literal["key", "keyless-ambient", "keyless-interactive"]
MODES: tuple[Mode, ...] = ("key", "keyless-ambient", "keyless-interactive")

RELEASE = "release"
BESIDE = (
    layout.SIGNATURE, layout.PROVENANCE, layout.PUBLIC_KEY, layout.IMAGES, layout.AUDITS
)  # fmt: skip
OURS = {RELEASE, *(RELEASE + ending for ending in BESIDE)}


def make(root: Path, output: Path, *, mode: Mode, instance_file: Path | None = None) -> str:
    """Make a release of what a checkout holds, whole or not at all.

    Args:
        root: the checkout.
        output: the folder to make; one that an earlier call made is replaced.
        mode: how to sign the release. It is this or a failure, never another. The images are
            signed by the Ed25519 key in each mode: a bootloader knows no identity.
        instance_file: the Sigstore instance of a keyless mode; None for the public one.

    Returns:
        Who signed: the key's fingerprint, or the identity.

    Raises:
        NotClean: The checkout has changes, or the pipeline is not up to date.
        BadKey, NoIdentity, SigningFailed: It cannot be signed in this mode.
        ImageError: The release's payloads are not what its model-manifest.json says.
        UnsafePath: The release holds something else than plain files.
        PalisadeError: The output holds something else than a release.
    """
    check_output(output)
    # What is quick to refuse comes first, and before anything is asked of a service.
    token = _token(mode)
    image_key.load_private(image_key.location())
    source = checkout.read(root)
    with replacing(output.resolve()) as draft:
        draft.mkdir()
        _gather(root, draft / RELEASE)
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


def _gather(root: Path, release: Path) -> None:
    """Copy the release, and put its images and its audits beside it."""
    shutil.copytree(root / checkout.RELEASE, release, symlinks=True)
    content = manifest.read(release, contents.digests(release))
    images.make(release, layout.beside(release, layout.IMAGES), private_key=image_key.location())
    for task in content.tasks:
        audit = audits.made(root, task)
        if audit.is_file() and audit.read_text().strip() != "{}":  # what was never audited
            folder = layout.beside(release, layout.AUDITS)
            write_bytes(folder / audits.name(task), audit.read_bytes())


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
    release, file = draft / RELEASE, key.location()
    signed = layout.beside(release, layout.SIGNATURE)
    public = signature.sign(release, signed, private_key=file)
    write_bytes(layout.beside(release, layout.PUBLIC_KEY), key.public_pem(public))
    private = key.load_private(file)
    _state(release, source, provenance.LOCAL_BUILDER, lambda text: envelope.sign(text, private))
    return verify.verify(release).signer.name


def _keyless(
    draft: Path, source: checkout.Source, token: keyless.Token | None, instance_file: Path | None
) -> str:
    release = draft / RELEASE
    signed = layout.beside(release, layout.SIGNATURE)
    digests = signature.signable(release)
    config = keyless.instance(instance_file)
    signer = keyless.Signer(config, token or keyless.log_in(config))
    write_bytes(signed, signer.sign(statement.of_folder(RELEASE, digests)))
    by = identity.authenticate(bundle.read(signed), config.trusted_root, None)
    # A person builds at home, whoever vouches for the person.
    _state(release, source, by.identity if token else provenance.LOCAL_BUILDER, signer.sign)
    return verify.judged(release, trust.by_root(config.trusted_root)).signer.name


def _state(
    release: Path, source: checkout.Source, builder: str, sign: Callable[[bytes], bytes]
) -> None:
    about = layout.subjects(release, signature.signable(release))
    text = provenance.describe(about, source, builder)
    write_bytes(layout.beside(release, layout.PROVENANCE), sign(text))
