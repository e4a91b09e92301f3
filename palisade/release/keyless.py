"""Signing with an identity instead of a key: Sigstore, by sigstore-python.

A CI's token, or a person's log-in, is exchanged for a certificate that lives for minutes. What is
signed, by whom and when stands in a public log for ever, unless the instance is a private one.

The token is a secret while it lives. It is in no message: what a library says is not passed on
before the token was taken out of it, and never as a chained exception.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sigstore import dsse, oidc
from sigstore.models import ClientTrustConfig
from sigstore.sign import SigningContext

from palisade.errors import PalisadeError
from palisade.release.contents import shown
from palisade.release.failures import NoIdentity, SigningFailed
from palisade.release.reading import bounded

LARGEST_CONFIG_BYTES = 1024 * 1024
WARNING = """\
WARNING: you are about to sign as yourself. Your identity (such as your e-mail address), the time
and the digest of the release go into a public log, which anybody can read and nobody can erase."""


@dataclass(frozen=True)
class Token:
    """An identity token; it shows nothing of itself."""

    secret: str = field(repr=False)


class Signer:
    """Signs in-toto statements with one certificate, got when it is made."""

    def __init__(self, config: ClientTrustConfig, token: Token) -> None:
        self._token = token
        with _told(token):
            context = SigningContext.from_trust_config(config)
            with context.signer(oidc.IdentityToken(token.secret)) as signer:
                self._signer = signer

    def sign(self, payload: bytes) -> bytes:
        """A Sigstore bundle v0.3 around a statement, as JSON.

        Raises:
            SigningFailed: The instance refused, or could not be reached.
        """
        with _told(self._token):
            return self._signer.sign_dsse(dsse.Statement(payload)).to_json().encode()


def instance(file: Path | None) -> ClientTrustConfig:
    """A private Sigstore instance as a file describes it, or the public one.

    Raises:
        SigningFailed: The public instance's description cannot be had.
        PalisadeError: The file is no description of an instance.
    """
    if file is None:
        with _told(None):
            return ClientTrustConfig.production()
    try:
        return ClientTrustConfig.from_json(bounded(file, limit_bytes=LARGEST_CONFIG_BYTES).decode())
    except OSError as error:
        reason = str(error.strerror)
    except Exception as error:  # the library has no class of its own for a malformed file
        reason = type(error).__name__
    raise PalisadeError(
        f"{shown(str(file))} does not describe a Sigstore instance ({reason})",
        "name a ClientTrustConfig in JSON",
    )


def ambient() -> Token:
    """The token that a CI gives to its job.

    Raises:
        NoIdentity: There is none.
    """
    try:
        found = oidc.detect_credential()
    except Exception:  # what it says may hold a service's whole answer, so it is not passed on
        raise NoIdentity(
            "this CI gives the job no identity token",
            "let it have one; on GitHub the job needs `permissions: id-token: write`",
        ) from None
    if found is None:
        raise NoIdentity(
            "there is no identity token here, as a CI has",
            "release in CI, or name another mode yourself; none is chosen for you",
        )
    return Token(found)


def agreed() -> None:
    """Warn a person at a terminal of what becomes public, and go on only if that is wanted.

    Raises:
        NoIdentity: There is no terminal, or the person did not agree.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NoIdentity(
            "mode keyless-interactive asks a person, and there is no terminal",
            "run it in one, or name another mode yourself; none is chosen for you",
        )
    print(WARNING, file=sys.stderr)
    print("Type `publish` to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != "publish":
        raise NoIdentity("you did not agree", "nothing was signed or published")


def log_in(config: ClientTrustConfig) -> Token:
    """The token of a person, who logs in with a browser.

    Raises:
        NoIdentity: The log-in failed.
    """
    try:
        issuer = oidc.Issuer(config.signing_config.get_oidc_url())
        return Token(str(issuer.identity_token()))
    except Exception as error:
        kind = type(error).__name__
        raise NoIdentity(f"the log-in failed ({kind})", "try it again") from None


@contextmanager
def _told(token: Token | None) -> Iterator[None]:
    """Turn whatever a signing service's client raises into one line without the token."""
    try:
        yield
    except Exception as error:
        reason = " ".join(f"{type(error).__name__} {error.__cause__ or error}".split())
        if token is not None:
            reason = reason.replace(token.secret, "[token]")
        raise SigningFailed(
            f"signing failed ({shown(reason[:300])})", "nothing was written; try it again later"
        ) from None
