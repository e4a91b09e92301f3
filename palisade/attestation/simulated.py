"""A simulated device that attests what it runs, and says in each token that it is simulated.

Its key and its measurement are only as good as this process: nothing here is a hardware root of
trust. On a real device the key lies where the application cannot read it, and the code that
measures was itself measured by the bootloader.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ed25519

from palisade.attestation import tokens
from palisade.attestation.claims import PROFILE, UEID_BYTES, UEID_TYPE, Claims, Component
from palisade.attestation.verifier import Enrolled
from palisade.boot.failures import NothingToBoot
from palisade.boot.simulated import Device


def _name() -> bytes:
    return bytes([UEID_TYPE]) + secrets.token_bytes(UEID_BYTES - 1)


@dataclass(frozen=True)
class Attester:
    """A device with a name and a key of its own.

    Attributes:
        device: what boots and runs.
        ueid: its name.
        key: which signs its tokens.
    """

    device: Device
    ueid: bytes = field(default_factory=_name)
    key: ed25519.Ed25519PrivateKey = field(
        default_factory=ed25519.Ed25519PrivateKey.generate, repr=False
    )

    @property
    def implementation_id(self) -> bytes:
        """Of the firmware around the model, 32 bytes."""
        version = self.device.identity.firmware_version
        return hashlib.sha256(f"palisade simulated device {version}".encode()).digest()

    def enrolled(self) -> Enrolled:
        """What a verifier is told when the device is made."""
        return Enrolled(
            ueid=self.ueid,
            public_key=self.key.public_key(),
            task=self.device.identity.task,
            implementation_id=self.implementation_id,
            simulated=True,
        )

    def claims(self, nonce: bytes) -> Claims:
        """What the device has to say now, measured now by its C code.

        Raises:
            NothingToBoot: It runs nothing.
        """
        running = self.device.running
        if running is None:
            raise NothingToBoot("the device runs nothing", "boot it first")
        return Claims(
            nonce=nonce,
            ueid=self.ueid,
            profile=PROFILE,
            task=self.device.identity.task,
            implementation_id=self.implementation_id,
            components=[
                Component(
                    kind=kind,
                    sha256=digest,
                    version=running.image.version,
                    signer_id=running.image.signer,
                    description="sha-256",
                )
                for kind, digest in running.model.measured().items()
            ],
            security_counter=self.device.counter.value(),
            simulated=True,
        )

    def token(self, nonce: bytes) -> bytes:
        """The answer to a challenge.

        Raises:
            NothingToBoot: The device runs nothing.
        """
        return tokens.sign(self.claims(nonce), self.key)
