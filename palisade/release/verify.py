"""Whether a release is exactly what was signed, and whether the signature is to be trusted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.release import (
    bundle,
    contents,
    gate,
    images,
    layout,
    manifest,
    policy,
    provenance,
    signature,
    statement,
    trust,
)
from palisade.release.contents import shown
from palisade.release.failures import NoProvenance, OldRelease, WrongTasks
from palisade.release.images import Images
from palisade.release.trust import Signer
from palisade.release.version import numbers


@dataclass(frozen=True)
class Verdict:
    """A release whose signature holds.

    Attributes:
        files: how many files were signed.
        signer: who signed them, and whether a policy trusts that one.
        images: the boot images beside it; None where there are none.
        commit: the git commit that the provenance names; None without a provenance.
        unreliable: the tasks, and ``fusion``, whose figures are marked as not reliable.
    """

    files: int
    signer: Signer
    images: Images | None
    commit: str | None
    unreliable: tuple[str, ...]


def verify(
    release: Path,
    *,
    signature_file: Path | None = None,
    public_key: Path | None = None,
    policy_file: Path | None = None,
    provenance_file: Path | None = None,
    release_gate: bool = False,
) -> Verdict:
    """Check a release and what lies beside it against its signatures and, with a policy, those.

    Args:
        release: the folder.
        signature_file: the signature; by default beside the folder, ``.sigstore.json``.
        public_key: the key to check against where there is no policy; by default beside the
            folder, ``.pub.pem``. Whoever can swap the release can swap that too: it shows
            integrity and nothing else.
        policy_file: whom to trust.
        provenance_file: the provenance; by default beside the folder,
            ``.provenance.sigstore.json``, if there is one.
        release_gate: refuse also what may not run on a device.

    Raises:
        ReleaseError: It does not hold; the class says why.
        PalisadeError: The folder is missing or cannot be read.
    """
    if not release.is_dir():
        raise PalisadeError(f"{shown(str(release))} is not a folder", "name a release's folder")
    rules = None if policy_file is None else policy.load(policy_file)
    judge = (
        trust.by_key(public_key or layout.beside(release, layout.PUBLIC_KEY))
        if rules is None
        else trust.by_policy(rules)
    )
    return judged(
        release,
        judge,
        signature_file=signature_file,
        provenance_file=provenance_file,
        rules=rules,
        release_gate=release_gate,
    )


def judged(
    release: Path,
    judge: trust.Judge,
    *,
    signature_file: Path | None = None,
    provenance_file: Path | None = None,
    rules: policy.Policy | None = None,
    release_gate: bool = False,
) -> Verdict:
    """Check a release as ``verify`` does, with whoever says which signer is the right one."""
    signed_by = signature_file or layout.beside(release, layout.SIGNATURE)
    digests, signer = _check_files(release, signed_by, judge)
    content = manifest.read(release, digests)
    if rules is not None:
        _check_tasks(content, rules)
        _check_age(content, rules)
    booted = images.check(release, content, rules, needed=release_gate)
    made = _check_provenance(release, provenance_file, judge, digests, content, signer)
    if made is None and rules is not None and rules.content.require_provenance:
        raise NoProvenance(
            f"there is no {shown(str(layout.beside(release, layout.PROVENANCE)))}",
            "get it from where the release was made",
        )
    if release_gate:
        gate.check(gate.Verified(release, content, signer, booted, made is not None), rules)
    return Verdict(
        files=len(digests),
        signer=signer,
        images=booted,
        commit=None if made is None else made.commit,
        unreliable=tuple(sorted(n for n, p in manifest.parts(content).items() if not p.reliable)),
    )


def _check_files(
    release: Path, signed_by: Path, judge: trust.Judge
) -> tuple[dict[str, str], Signer]:
    found = contents.digests(release.resolve())
    signature.check_outside(signed_by.resolve(), release.resolve())
    parsed = bundle.read(signed_by)
    signer = judge(parsed)
    contents.compare(statement.signed_digests(parsed.payload, signed_by), found, release)
    return found, signer


def _check_provenance(
    release: Path,
    file: Path | None,
    judge: trust.Judge,
    digests: dict[str, str],
    content: manifest.Manifest,
    signer: Signer,
) -> provenance.Statement | None:
    path = file or layout.beside(release, layout.PROVENANCE)
    if file is None and not os.path.lexists(path):
        return None
    parsed = bundle.read(path)
    author = judge(parsed)
    made = provenance.read(parsed)
    about = layout.subjects(release, digests)
    provenance.check(made, path, subjects=about, content=content, signer=author, signed_with=signer)
    return made


def _check_tasks(content: manifest.Manifest, rules: policy.Policy) -> None:
    expected = rules.content.tasks
    if expected is not None and set(expected) != set(content.tasks):
        held, wanted = ", ".join(sorted(content.tasks)), ", ".join(sorted(expected))
        raise WrongTasks(
            f"the release is of {shown(held)}, and the policy of {wanted}", "get the right release"
        )


def _check_age(content: manifest.Manifest, rules: policy.Policy) -> None:
    least, version = rules.content.least_version, content.version
    if content.security_counter < rules.content.least_security_counter:
        raise OldRelease(
            f"the release's security counter is {content.security_counter}, below the policy's "
            f"{rules.content.least_security_counter}",
            "get a newer release",
        )
    if numbers(version) < numbers(least):
        raise OldRelease(
            f"the release's version is {version}, below the policy's {least}", "get a newer release"
        )
