"""Whether a keyless signature holds, and whose it is; offline.

A certificate authority bound a one-time key to an identity for some minutes, a log recorded the
signature in that time, and both lead back to the trusted root of whoever verifies.

References:
    Sigstore client specification: https://docs.sigstore.dev/about/client-spec/
    Fields of the certificate: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat import asn1
from cryptography.x509 import (
    Certificate,
    ExtensionNotFound,
    ObjectIdentifier,
    RFC822Name,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    UnrecognizedExtension,
)
from sigstore import models
from sigstore.errors import CertValidationError, VerificationError
from sigstore.verify import Verifier

from palisade.release import policy
from palisade.release.bundle import Bundle, malformed
from palisade.release.contents import shown
from palisade.release.envelope import PAYLOAD_TYPE
from palisade.release.failures import ForgedSignature, NotTrusted, ReleaseError, WrongIdentity

_ISSUER = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_REPOSITORY = ObjectIdentifier("1.3.6.1.4.1.57264.1.12")
_COMMIT = ObjectIdentifier("1.3.6.1.4.1.57264.1.13")
_AGAIN = "get the release and its signature again from where they were made"


@dataclass(frozen=True)
class Identity:
    """What a certificate says of its holder.

    Attributes:
        identity: an e-mail address, or a workflow's URI.
        issuer: who vouched for it.
        repository: the source repository's URI, where it names one.
        commit: the git commit, where it names one.
    """

    identity: str
    issuer: str
    repository: str | None
    commit: str | None


@dataclass(frozen=True)
class _Named:
    """Accepts a certificate that one of some identities holds; the library asks it."""

    accepted: Sequence[policy.Identity]
    bundle: Bundle

    def verify(self, cert: Certificate) -> None:
        found = claimed(cert)
        if not any(_is(found, one) for one in self.accepted):
            raise WrongIdentity(
                f"{self.bundle} was made by {_told(found)}, which the policy does not name"
                f"{_nearest(found, self.accepted)}",
                "get a release that one of the policy's identities signed",
            )


class _Anyone:
    """Accepts every genuine certificate: says who signed, and confers no trust."""

    def verify(self, cert: Certificate) -> None:
        claimed(cert)


def authenticate(
    parsed: Bundle, root: models.TrustedRoot, accepted: Sequence[policy.Identity] | None
) -> Identity:
    """Check a keyless signature against a trusted root, and its identity against a list.

    Args:
        parsed: the bundle, in mode ``keyless``.
        root: what its certificate and log entry must lead back to.
        accepted: the identities; None for any, which shows integrity only.

    Raises:
        MalformedSignature: The bundle is not whole.
        NotTrusted: Its certificate does not lead back to the root, or was not valid.
        WrongIdentity: Someone else signed.
        ForgedSignature: The certificate's key did not sign the statement, or the log entry is
            of another one.
    """
    asked = _Anyone() if accepted is None else _Named(accepted, parsed)
    try:
        whole = models.Bundle.from_json(parsed.content)
        kind, payload = Verifier(trusted_root=root).verify_dsse(whole, asked)
    except ReleaseError:
        raise
    except CertValidationError as error:
        raise NotTrusted(
            f"{parsed} holds a certificate that the policy's trusted root did not issue, or that "
            f"was not valid when it signed ({_brief(error)})",
            _AGAIN,
        ) from error
    except VerificationError as error:
        raise ForgedSignature(f"{parsed} does not hold ({_brief(error)})", _AGAIN) from error
    except Exception as error:  # a stranger's file may trip any parser in the library
        raise malformed(parsed.path, f"{type(error).__name__}: {error}") from error
    if kind != PAYLOAD_TYPE or payload != parsed.payload:
        raise malformed(parsed.path, "it can be read in two ways")
    return claimed(whole.signing_certificate)


def claimed(certificate: Certificate) -> Identity:
    """What a certificate says of its holder.

    Raises:
        VerificationError: It names no holder, or more than one, or no issuer.
    """
    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound as error:
        raise VerificationError("the certificate names nobody") from error
    holders = [
        *names.get_values_for_type(RFC822Name),
        *names.get_values_for_type(UniformResourceIdentifier),
    ]
    issuer = _text(certificate, _ISSUER)
    if len(holders) != 1 or issuer is None:
        raise VerificationError("the certificate does not name one holder and its issuer")
    repository, commit = _text(certificate, _REPOSITORY), _text(certificate, _COMMIT)
    return Identity(holders[0], issuer, repository, commit)


def _text(certificate: Certificate, oid: ObjectIdentifier) -> str | None:
    """A field of text: a UTF8String in DER."""
    try:
        value = certificate.extensions.get_extension_for_oid(oid).value
    except ExtensionNotFound:
        return None
    return asn1.decode_der(str, value.value) if isinstance(value, UnrecognizedExtension) else None


def _is(found: Identity, one: policy.Identity) -> bool:
    return (found.identity, found.issuer) == (one.identity, one.issuer) and (
        one.repository is None or found.repository == one.repository
    )


def _told(found: Identity) -> str:
    where = f" in {found.repository}" if found.repository else ""
    return shown(f"{found.identity} of {found.issuer}{where}")


def _nearest(found: Identity, accepted: Sequence[policy.Identity]) -> str:
    """In what the certificate differs from an identity of the policy that it nearly is."""
    wrong: list[list[str]] = []
    for one in accepted:
        pairs = {
            "identity": (found.identity, one.identity),
            "issuer": (found.issuer, one.issuer),
            "repository": (found.repository if one.repository else None, one.repository),
        }
        wrong.append([name for name, (is_, should) in pairs.items() if is_ != should])
    fewest = min(wrong, key=len, default=[])
    return f" (the {' and '.join(fewest)} differs)" if fewest else ""


def _brief(error: Exception) -> str:
    return shown(" ".join(str(error).split())[:200])
