"""``verify``: say what a release's signature shows, and no more."""

from __future__ import annotations

from argparse import Namespace

from palisade.release.contents import shown
from palisade.release.verify import Verdict, verify


def run(arguments: Namespace) -> None:
    """Verify the release and print the verdict."""
    verdict = verify(
        arguments.release,
        signature_file=arguments.signature,
        public_key=arguments.public_key,
        policy_file=arguments.policy,
    )
    print(_verdict(shown(str(arguments.release)), verdict))
    if verdict.unreliable:
        print(f"not reliable: the figures of {', '.join(verdict.unreliable)} are marked so")


def _verdict(release: str, verdict: Verdict) -> str:
    holds = f"{release} holds exactly the {verdict.files} files that {verdict.fingerprint} signed"
    if verdict.trusted_key is None:
        return f"DEVELOPMENT: {holds}\nintegrity only: nothing here says who signed"
    key = shown(str(verdict.trusted_key))
    return f"TRUSTED: {holds}\nthe policy names its key, {key}; assurance {verdict.assurance}"
