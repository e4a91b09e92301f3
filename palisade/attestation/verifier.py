"""Whether a device runs what was released: challenges it, and judges its token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ed25519

from palisade.attestation import tokens
from palisade.attestation.claims import Claims
from palisade.attestation.failures import (
    CounterBelow,
    NotMarked,
    SimulatedDevice,
    UnknownDevice,
    WrongImplementation,
    WrongMeasurement,
    WrongSigner,
)
from palisade.attestation.nonces import Nonces
from palisade.boot import payload
from palisade.boot.model_manifest import ModelManifest

_SUSPECT = "do not believe what the device says; update or replace it"


@dataclass(frozen=True)
class Enrolled:
    """What is known of a device from when it was made.

    Attributes:
        ueid: its name, ``claims.UEID_BYTES`` bytes.
        public_key: of the key that signs its tokens.
        task: what it runs.
        implementation_id: of its firmware, 32 bytes.
        simulated: whether no hardware keeps its key and measures what it runs.
    """

    ueid: bytes
    public_key: ed25519.Ed25519PublicKey
    task: str
    implementation_id: bytes
    simulated: bool


class Verifier:
    """Judges the devices of one release.

    Args:
        devices: those that were enrolled.
        manifest: the release's, after the release was verified.
        signer_id: ``palisade.boot.key.digest`` of the key whose images are trusted.
        least_counter: devices with a lower security counter are refused.
        nonces: where challenges come from.
        accept_simulated: whether a device without a hardware root of trust proves anything.
    """

    def __init__(
        self,
        devices: Iterable[Enrolled],
        manifest: ModelManifest,
        *,
        signer_id: bytes,
        least_counter: int,
        nonces: Nonces | None = None,
        accept_simulated: bool = False,
    ) -> None:
        self._devices = {device.ueid: device for device in devices}
        self._manifest, self._signer_id = manifest, signer_id
        self._least_counter, self._accept_simulated = least_counter, accept_simulated
        self._nonces = nonces or Nonces()

    def challenge(self, ueid: bytes) -> bytes:
        """A fresh nonce for a device.

        Raises:
            UnknownDevice: It was not enrolled.
            TooManyChallenges: Too many are open.
        """
        return self._nonces.issue(self._enrolled(ueid).ueid)

    def verify(self, token: bytes) -> Claims:
        """Judge a token. The challenge that it answers is spent, unless the signature is wrong.

        Raises:
            TokenError: It does not prove that the device runs the release; the class says why.
        """
        claims = tokens.opened(token, lambda ueid: self._enrolled(ueid).public_key)
        device = self._enrolled(claims.ueid)
        self._nonces.take(claims.nonce, device.ueid)
        self._check_device(claims, device)
        if claims.security_counter < self._least_counter:
            raise CounterBelow(
                f"the device's security counter is {claims.security_counter}, and "
                f"{self._least_counter} is the least",
                "update the device",
            )
        self._check_components(claims, device)
        return claims

    def _enrolled(self, ueid: bytes) -> Enrolled:
        if ueid not in self._devices:
            raise UnknownDevice(f"the device {ueid.hex()[:80]} was not enrolled", "enrol it first")
        return self._devices[ueid]

    def _check_device(self, claims: Claims, device: Enrolled) -> None:
        if claims.simulated is not device.simulated:
            raise NotMarked(
                f"the token says simulated: {claims.simulated}, and the device was enrolled with "
                f"{device.simulated}",
                _SUSPECT,
            )
        if device.simulated and not self._accept_simulated:
            raise SimulatedDevice(
                "the device is simulated: it has no hardware root of trust",
                "accept simulated devices in tests alone",
            )
        if claims.implementation_id != device.implementation_id:
            raise WrongImplementation("the device's firmware is not the one enrolled", _SUSPECT)

    def _check_components(self, claims: Claims, device: Enrolled) -> None:
        if any(one.signer_id != self._signer_id for one in claims.components):
            raise WrongSigner("another key signed the image that the device runs", _SUSPECT)
        if device.task not in self._manifest.tasks or claims.task != device.task:
            raise WrongMeasurement(f"the device runs {claims.task!a}, not {device.task}", _SUSPECT)
        listed = self._manifest.tasks[device.task]
        wrong = [
            kind
            for kind, one in zip(payload.KINDS, claims.components, strict=True)
            if (one.kind, one.sha256.hex()) != (kind, getattr(listed, kind).sha256)
        ]
        if any(one.version != self._manifest.version for one in claims.components):
            wrong.append("version")
        if wrong:
            raise WrongMeasurement(
                f"the {', '.join(wrong)} of {device.task} is not what the manifest lists", _SUSPECT
            )
