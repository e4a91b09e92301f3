"""Whether a release is exactly what was signed, and whether the signature is to be trusted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.release import bundle, key, manifest, policy, signature
from palisade.release.contents import shown
from palisade.release.failures import NotTrusted


@dataclass(frozen=True)
class Verdict:
    """A release whose signature holds.

    Attributes:
        files: how many files were signed.
        fingerprint: of the key that signed them.
        trusted_key: the file of that key, if a policy names it; None if nothing says whose it is.
        assurance: what the manifest claims; ``development`` for a key of the pipeline's own.
        unreliable: the tasks, and ``fusion``, whose figures are marked as not reliable.
    """

    files: int
    fingerprint: str
    trusted_key: Path | None
    assurance: str
    unreliable: tuple[str, ...]


def beside(release: Path, ending: str) -> Path:
    """The sibling of a release folder: ``models/release`` gives ``models/release.pub.pem``."""
    absolute = Path(os.path.abspath(release))  # "." and ".." have no name of their own
    return Path(os.path.relpath(absolute.with_name(absolute.name + ending)))


def verify(
    release: Path,
    *,
    signature_file: Path | None = None,
    public_key: Path | None = None,
    policy_file: Path | None = None,
) -> Verdict:
    """Check a release against its signature and, with a policy, the signature against that.

    Args:
        release: the folder.
        signature_file: the signature; by default beside the folder, ``.sigstore.json``.
        public_key: the key to check against where there is no policy; by default beside the
            folder, ``.pub.pem``. Whoever can swap the release can swap that too: it shows
            integrity and nothing else.
        policy_file: whom to trust.

    Raises:
        ReleaseError: It does not hold; the class says why.
        PalisadeError: The folder is missing or cannot be read.
    """
    if not release.is_dir():
        raise PalisadeError(f"{shown(str(release))} is not a folder", "name a release's folder")
    signed_by = signature_file or beside(release, ".sigstore.json")
    file = public_key or beside(release, ".pub.pem")
    if policy_file is not None:
        file = _trusted(signed_by, policy.load(policy_file))
    digests = signature.verify(release, signed_by, public_key=file)
    content = manifest.read(release, digests)
    return Verdict(
        files=len(digests),
        fingerprint=key.fingerprint(key.load_public(file)),
        trusted_key=None if policy_file is None else file,
        assurance=content.assurance,
        unreliable=tuple(sorted(n for n, p in manifest.parts(content).items() if not p.reliable)),
    )


def _trusted(signature_file: Path, rules: policy.Policy) -> Path:
    """The file of the policy's key that a signature claims; the claim is checked later."""
    claimed = bundle.read(signature_file).material.public_key.hint
    name = shown(str(signature_file))
    if "key" not in rules.accepted_modes:
        raise NotTrusted(
            f"{rules.path} does not accept signatures of mode key, such as {name}",
            "get a release that is signed in a mode that it accepts",
        )
    for file, public in rules.keys:
        if bundle.hint(public) == claimed:
            return file
    raise NotTrusted(
        f"{name} is a development signature, or another key's that {rules.path} does not name "
        f"(it names {len(rules.keys)})",
        "get a release that is signed with a key of the policy",
    )
