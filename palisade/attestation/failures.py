"""Why an attestation token is refused: one class a reason, with a status from 60 to 79."""

from __future__ import annotations

from palisade.refusal import Refusal


class TokenError(Refusal):
    """A token does not prove what it has to."""


class HugeToken(TokenError):
    """It is longer than any token of a device."""

    status = 60
    meaning = "the token is too long"


class MalformedToken(TokenError):
    """It is no COSE_Sign1 in deterministic CBOR, or its claims are none of this profile."""

    status = 61
    meaning = "the token is malformed, or of another profile"


class UnknownDevice(TokenError):
    """It names a device that was not enrolled."""

    status = 62
    meaning = "the token is of a device that was not enrolled"


class WrongDeviceKey(TokenError):
    """The key of the device that it names did not sign it."""

    status = 63
    meaning = "the token was not signed by the key of its device"


class UnknownNonce(TokenError):
    """It answers no challenge to this device."""

    status = 64
    meaning = "the token answers no challenge to this device"


class ReplayedNonce(TokenError):
    """It answers a challenge that was answered before."""

    status = 65
    meaning = "the token's challenge was answered before"


class ExpiredNonce(TokenError):
    """It comes too late."""

    status = 66
    meaning = "the token comes too late"


class NotMarked(TokenError):
    """It does not say, as the device was enrolled, whether the device is simulated."""

    status = 67
    meaning = "the token does not mark the device as simulated, or not, as it was enrolled"


class SimulatedDevice(TokenError):
    """The device has no hardware root of trust, and the verifier asks for one."""

    status = 68
    meaning = "the device is simulated, and the verifier asks for a hardware root of trust"


class WrongImplementation(TokenError):
    """The firmware around the model is not the one enrolled."""

    status = 69
    meaning = "the device's firmware is not the one enrolled"


class CounterBelow(TokenError):
    """The device still accepts images that should be gone."""

    status = 70
    meaning = "the device's security counter is below the least"


class WrongSigner(TokenError):
    """Another key than the trusted one signed the image that runs."""

    status = 71
    meaning = "another key signed the image that the device runs"


class WrongMeasurement(TokenError):
    """The device runs something else than the release."""

    status = 72
    meaning = "the device does not run what the manifest lists"


class TooManyChallenges(TokenError):
    """More challenges are open than are kept."""

    status = 73
    meaning = "too many challenges are open"


def kinds() -> list[type[TokenError]]:
    """Every reason."""
    return TokenError.__subclasses__()
