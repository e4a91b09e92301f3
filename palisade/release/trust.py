"""Who made a signature, by a key or by a policy; and whether that one is trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sigstore.models import TrustedRoot

from palisade.release import identity, key, signature
from palisade.release.bundle import Bundle, Mode
from palisade.release.contents import shown
from palisade.release.failures import NotTrusted
from palisade.release.policy import Assurance, Policy


@dataclass(frozen=True)
class Signer:
    """Who made a signature that holds.

    Attributes:
        mode: the way of signing.
        name: the fingerprint of the key, or the identity.
        trusted_by: what the policy says of it: the key's file, or the identity's issuer; None
            if nothing says whose it is.
        assurance: what it vouches for; the pipeline's own key for ``development``.
        commit: the git commit that the certificate names, where it names one.
    """

    mode: Mode
    name: str
    trusted_by: str | None
    assurance: Assurance
    commit: str | None = None


# Says who signed a bundle's statement, or refuses it.
Judge: TypeAlias = Callable[[Bundle], Signer]


def by_key(public_key: Path) -> Judge:
    """Check integrity against a key, which confers no trust."""

    def judge(parsed: Bundle) -> Signer:
        public = key.load_public(public_key)
        signature.check_key(parsed, public, public_key)
        return Signer("key", key.fingerprint(public), None, "development")

    return judge


def by_root(root: TrustedRoot) -> Judge:
    """Check integrity against a Sigstore instance, which confers no trust on an identity."""

    def judge(parsed: Bundle) -> Signer:
        found = identity.authenticate(parsed, root, None)
        return Signer("keyless", found.identity, None, "development", found.commit)

    return judge


def by_policy(rules: Policy) -> Judge:
    """Trust whom a policy names."""

    def judge(parsed: Bundle) -> Signer:
        if parsed.mode not in rules.content.accepted_modes:
            raise NotTrusted(
                f"{shown(str(rules.path))} does not accept signatures of mode {parsed.mode}, "
                f"such as {parsed}",
                "get a release that is signed in a mode that it accepts",
            )
        return _named_key(parsed, rules) if parsed.mode == "key" else _identity(parsed, rules)

    return judge


def _named_key(parsed: Bundle, rules: Policy) -> Signer:
    for trusted in rules.keys:
        if key.hint(trusted.public) == parsed.hint:
            signature.check_key(parsed, trusted.public, trusted.file)
            name = key.fingerprint(trusted.public)
            return Signer("key", name, str(trusted.file), trusted.assurance)
    raise NotTrusted(
        f"{parsed} is a development signature, or another key's that {shown(str(rules.path))} "
        f"does not name (it names {len(rules.keys)})",
        "get a release that is signed with a key of the policy",
    )


def _identity(parsed: Bundle, rules: Policy) -> Signer:
    if rules.root is None:  # ``policy.Content`` asks for a root where the mode is accepted
        raise NotTrusted(f"{shown(str(rules.path))} names no trusted root", "add one")
    found = identity.authenticate(parsed, rules.root, rules.content.identities)
    return Signer("keyless", found.identity, found.issuer, "release", found.commit)
