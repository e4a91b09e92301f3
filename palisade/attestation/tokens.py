"""A token's outside: COSE_Sign1 (RFC 9052) with Ed25519 over claims in deterministic CBOR.

What is read is what was signed, to the byte: CBOR that is not in its deterministic form (RFC 8949,
section 4.2) is refused, as it could be read in two ways.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ed25519
from cwt import COSE, COSEKey
from cwt.exceptions import CWTError

from palisade.attestation import cbor
from palisade.attestation import claims as claims_of
from palisade.attestation.claims import Claims
from palisade.attestation.failures import HugeToken, MalformedToken, WrongDeviceKey
from palisade.release.key import private_pem, public_pem

LARGEST_BYTES = 2048
SIGN1_TAG = b"\xd2"  # tag 18
ALGORITHM, KEY_ID = 1, 4  # header parameters
EDDSA = -8
_ASK = "ask the device for a token again"


def sign(claims: Claims, private_key: ed25519.Ed25519PrivateKey) -> bytes:
    """A token with these claims; its bytes follow from them and the key."""
    content = cbor2.dumps(claims_of.to_map(claims), canonical=True)
    key = COSEKey.from_pem(private_pem(private_key), alg="EdDSA", kid=claims.ueid)
    protected = {ALGORITHM: EDDSA, KEY_ID: claims.ueid}
    signed = COSE.new().encode_and_sign(content, key, protected=protected)
    assert isinstance(signed, bytes)
    return signed


def opened(token: bytes, find: Callable[[bytes], ed25519.Ed25519PublicKey]) -> Claims:
    """A token's claims, once the key of the device that it names was found to have signed it.

    Args:
        token: what the device answered.
        find: the key of a device by its UEID, which may raise what says that there is none.

    Raises:
        HugeToken, MalformedToken, WrongDeviceKey: It is not to be believed.
    """
    if len(token) > LARGEST_BYTES:
        raise HugeToken(f"the token has {len(token)} bytes, more than {LARGEST_BYTES}", _ASK)
    headers, content = _parts(token)
    ueid = headers[KEY_ID]
    key = COSEKey.from_pem(public_pem(find(ueid)), alg="EdDSA", kid=ueid)
    try:
        signed = COSE.new(verify_kid=True).decode(token, key)
    except (CWTError, ValueError) as error:
        raise WrongDeviceKey("the device's key did not sign the token", _ASK) from error
    assert signed == content
    claims = claims_of.from_map(_cbor(content))
    if claims.ueid != ueid:
        raise MalformedToken("the token claims to be of another device than it names", _ASK)
    return claims


def _parts(token: bytes) -> tuple[dict[int, Any], bytes]:
    """The protected header and the payload, none of which is believed yet."""
    if token[:1] != SIGN1_TAG:
        raise MalformedToken("the token is no COSE_Sign1", _ASK)
    parts = _cbor(token[1:])
    kinds = [bytes, dict, bytes, bytes]
    if not isinstance(parts, list) or [type(one) for one in parts] != kinds or parts[1]:
        raise MalformedToken("the token is no COSE_Sign1 with a protected header alone", _ASK)
    headers = _cbor(parts[0])
    if not isinstance(headers, dict) or set(headers) != {ALGORITHM, KEY_ID}:
        raise MalformedToken("the token's header does not name algorithm and key alone", _ASK)
    if headers[ALGORITHM] != EDDSA or type(headers[KEY_ID]) is not bytes:
        raise MalformedToken("the token is not signed with EdDSA by a device", _ASK)
    return headers, parts[2]


def _cbor(content: bytes) -> Any:
    try:
        return cbor.loads(content)
    except cbor.NotCbor as error:
        raise MalformedToken(f"the token is not deterministic CBOR ({error})", _ASK) from error
