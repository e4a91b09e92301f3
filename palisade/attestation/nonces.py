"""Challenges: fresh, for one device, answered once and soon."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from palisade.attestation.failures import (
    ExpiredNonce,
    ReplayedNonce,
    TooManyChallenges,
    UnknownNonce,
)

NONCE_BYTES = 32
KEPT = 10  # lifetimes for which a challenge is remembered, so that a refusal can say why
_ASK = "ask the device again, with a new challenge"


@dataclass
class _Open:
    ueid: bytes
    issued_s: float
    answered: bool = False


class Nonces:
    """The challenges of one verifier; safe to use from several threads.

    Args:
        lifetime_s: how long an answer may take.
        most: challenges remembered at once.
        clock: seconds that only go up.
    """

    def __init__(
        self,
        *,
        lifetime_s: float = 30.0,
        most: int = 4096,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lifetime_s, self._most, self._clock = lifetime_s, most, clock
        self._open: dict[bytes, _Open] = {}
        self._lock = threading.Lock()

    def issue(self, ueid: bytes) -> bytes:
        """A new challenge to a device, ``NONCE_BYTES`` random bytes.

        Raises:
            TooManyChallenges: As many are remembered as there is room for.
        """
        with self._lock:
            self._forget()
            if len(self._open) >= self._most:
                raise TooManyChallenges(f"{self._most} challenges are open", "wait, and try again")
            nonce = secrets.token_bytes(NONCE_BYTES)
            self._open[nonce] = _Open(ueid, self._clock())
            return nonce

    def take(self, nonce: bytes, ueid: bytes) -> None:
        """Accept a device's answer, once.

        Raises:
            UnknownNonce, ReplayedNonce, ExpiredNonce: It is not to be accepted.
        """
        with self._lock:
            found = self._open.get(nonce)
            if found is None or found.ueid != ueid:
                raise UnknownNonce("the token answers no challenge to this device", _ASK)
            if found.answered:
                raise ReplayedNonce("the token's challenge was answered before", _ASK)
            if self._clock() - found.issued_s > self._lifetime_s:
                raise ExpiredNonce(f"the token took more than {self._lifetime_s:g} s", _ASK)
            found.answered = True

    def _forget(self) -> None:
        oldest = self._clock() - KEPT * self._lifetime_s
        for nonce in [one for one, open_ in self._open.items() if open_.issued_s < oldest]:
            del self._open[nonce]
