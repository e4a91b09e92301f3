"""Random numbers by name, all drawn from one root seed.

A generator's stream depends on the root seed and on its names alone, never on how many
numbers another generator drew, on the order of work, or on how many workers share it.
"""

from __future__ import annotations

import hashlib

import numpy as np


def derive(seed: int, *names: str | int) -> int:
    """A 63-bit seed that follows from the root seed and the names (SHA-256, FIPS 180-4)."""
    text = "/".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A NumPy generator (PCG64) for the given names."""
    return np.random.default_rng(derive(seed, *names))
