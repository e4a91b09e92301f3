"""Why a release is refused: one class a reason, each with an exit status of its own, 10 to 39."""

from __future__ import annotations

from palisade.refusal import Refusal


class ReleaseError(Refusal):
    """A release, its signature, or what should be trusted about it is not as it must be."""


class ChangedFile(ReleaseError):
    """A file's content is not what was signed."""

    status = 10
    meaning = "a file was changed after signing"


class MissingFile(ReleaseError):
    """A signed file is not there."""

    status = 11
    meaning = "a signed file is missing (or was renamed)"


class UnsignedFile(ReleaseError):
    """A file is there that the signature does not cover."""

    status = 12
    meaning = "a file was added after signing"


class UnsafePath(ReleaseError):
    """Something other than a plain file, or a path that leads out of the release."""

    status = 13
    meaning = "a symbolic link, a special file, or a path out of the release"


class NotSigned(ReleaseError):
    """There is no signature."""

    status = 14
    meaning = "there is no signature"


class MalformedSignature(ReleaseError):
    """The signature is no Sigstore bundle around a statement of the kind that it should be."""

    status = 15
    meaning = "the signature cannot be read, or is of another kind"


class WrongKey(ReleaseError):
    """The signature says that another key made it."""

    status = 16
    meaning = "another key made the signature"


class ForgedSignature(ReleaseError):
    """The signature names a key or holds a certificate that did not sign this statement."""

    status = 17
    meaning = "the signature was edited: its key did not sign what it says"


class NotTrusted(ReleaseError):
    """The policy does not accept this signature."""

    status = 18
    meaning = "the policy does not trust the signature"


class BadPolicy(ReleaseError):
    """The policy itself cannot be used."""

    status = 19
    meaning = "the policy is missing, wrong, or has expired"


class BadKey(ReleaseError):
    """A key file is missing, unsafe, or no key that can be used."""

    status = 20
    meaning = "a key file is missing, unsafe, or not a key of the kind asked for"


class BadManifest(ReleaseError):
    """The manifest is missing, malformed, or does not describe this release."""

    status = 21
    meaning = "manifest.json is missing or does not describe the release"


class WrongIdentity(ReleaseError):
    """The certificate is genuine, and its identity, issuer or repository not in the policy."""

    status = 22
    meaning = "an identity, issuer or repository signed that the policy does not name"


class NoProvenance(ReleaseError):
    """The policy asks for a provenance, and there is none."""

    status = 23
    meaning = "there is no provenance, which the policy or the release asks for"


class WrongProvenance(ReleaseError):
    """The provenance is genuine, and about something else or by someone else."""

    status = 24
    meaning = "the provenance is of another release, builder or commit"


class OldRelease(ReleaseError):
    """The release is older than the policy allows."""

    status = 25
    meaning = "the security counter or version is below the policy's least"


class DevelopmentSignature(ReleaseError):
    """The gate is for releases, and the signature for development."""

    status = 26
    meaning = "the release gate takes no development signature"


class FailedChecks(ReleaseError):
    """The gate is for releases of which every check passed."""

    status = 27
    meaning = "the release gate takes no release with failed checks"


class NoAudit(ReleaseError):
    """The gate is for releases whose models were audited."""

    status = 28
    meaning = "the release gate takes no model without a signed audit at full strength"


class NoIdentity(ReleaseError):
    """There is no identity to sign with: no token of a CI, or no terminal to log in at."""

    status = 29
    meaning = "there is no identity to sign with in this mode"


class NotClean(ReleaseError):
    """What would be released is not what the commit and dvc.lock say."""

    status = 30
    meaning = "the checkout has changes, or the pipeline is not up to date"


class SigningFailed(ReleaseError):
    """A signing service refused, or could not be reached."""

    status = 31
    meaning = "the signing service refused or could not be reached"


class WrongTasks(ReleaseError):
    """A genuine release, of other tasks than the policy is for."""

    status = 32
    meaning = "the release is of other tasks than the policy names"


class TooLarge(ReleaseError):
    """A file that no release holds; to read it could take all day."""

    status = 33
    meaning = "a file is larger than any of a release"


class StaleAudit(ReleaseError):
    """An audit of what a model or its guard was before, or of another one."""

    status = 34
    meaning = "the release gate takes no audit of another or an older model or guard"


# What `release` ends with.
OF_SIGNING = (UnsafePath, BadKey, BadManifest, NoIdentity, NotClean, SigningFailed, TooLarge)
_SIGNING_ONLY = (NoIdentity, NotClean, SigningFailed)


def kinds() -> list[type[ReleaseError]]:
    """Every reason for which ``verify`` refuses a release."""
    return [kind for kind in ReleaseError.__subclasses__() if kind not in _SIGNING_ONLY]
