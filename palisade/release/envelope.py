"""The envelope around a signed statement: DSSE v1.0 with an EC key.

Reference: https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from palisade.release import key
from palisade.release.reading import canonical_json

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def pre_authentication_encoding(payload: bytes) -> bytes:
    """What is signed of an in-toto statement: its type and bytes, each with its length."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, private: key.PrivateKey) -> bytes:
    """A Sigstore bundle v0.3 in key mode around a statement, as JSON.

    Its bytes differ at each run (ECDSA draws a nonce); the statement in it does not.
    """
    made = private.sign(pre_authentication_encoding(payload), _algorithm(private.public_key()))
    return canonical_json(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {
                "publicKey": {"hint": key.hint(private.public_key())},
                "tlogEntries": [],
            },
            "dsseEnvelope": {
                "payload": base64.b64encode(payload).decode(),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": base64.b64encode(made).decode(), "keyid": ""}],
            },
        }
    )


def signed_by(public: key.PublicKey, payload: bytes, signature: bytes) -> bool:
    """Whether a key signed a statement."""
    try:
        public.verify(signature, pre_authentication_encoding(payload), _algorithm(public))
    except InvalidSignature:
        return False
    return True


def _algorithm(public: key.PublicKey) -> ec.ECDSA:
    """SHA-256 with P-256 and SHA-384 with P-384, as Sigstore's key details pair them."""
    return ec.ECDSA({"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384()}[public.curve.name])
