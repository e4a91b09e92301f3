"""``verify``: say what a release's signature shows, and no more."""

from __future__ import annotations

from argparse import Namespace

from palisade.release.contents import shown
from palisade.release.images import Images
from palisade.release.verify import Verdict, verify


def run(arguments: Namespace) -> None:
    """Verify the release and print the verdict."""
    verdict = verify(
        arguments.release,
        signature_file=arguments.signature,
        public_key=arguments.public_key,
        policy_file=arguments.policy,
        provenance_file=arguments.provenance,
        release_gate=arguments.release_gate,
    )
    print(_verdict(shown(str(arguments.release)), verdict))
    if verdict.images is not None:
        print(_images(verdict.images))
    if verdict.commit is not None:
        print(f"its provenance, signed by the same, names commit {shown(verdict.commit)}")
    if arguments.release_gate:
        print("it passes the release gate")
    if verdict.unreliable:
        print(f"not reliable: the figures of {', '.join(verdict.unreliable)} are marked so")


def _images(images: Images) -> str:
    holds = f"images of {', '.join(images.tasks)} carry its model manifest, signed by "
    if images.trusted_by is None:
        return f"{holds}{images.signer}, which lies beside them: integrity only"
    key = f"{images.signer}; the policy names that key, {shown(images.trusted_by)}"
    return f"{holds}{key}; assurance {images.assurance}"


def _verdict(release: str, verdict: Verdict) -> str:
    signer = verdict.signer
    holds = f"{release} holds exactly the {verdict.files} files that {shown(signer.name)} signed"
    if signer.trusted_by is None:
        return f"DEVELOPMENT: {holds}\nintegrity only: nothing here says who signed"
    by = shown(signer.trusted_by)
    named = f"its key, {by}" if signer.mode == "key" else f"this identity of {by}"
    return f"TRUSTED: {holds}\nthe policy names {named}; assurance {signer.assurance}"
