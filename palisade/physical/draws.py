"""Random numbers of the physical world by name, so that no draw is used twice."""

from __future__ import annotations

from typing import Any

from palisade.backend import tf
from palisade.seeds import derive

CRAFTING, SCORING = "crafting", "scoring"  # whose draws share no name, and so no number
JUDGED = 16  # draws by which the best start is chosen


def pair(seed: int, *names: str | int) -> Any:
    """A stateless seed ``[2]`` for the given names."""
    number = derive(seed, "physical", *names)
    return tf.constant([number >> 32, number % 2**31], tf.int32)


def again(number: int) -> list[int]:
    """A further name of any start but the first."""
    return [number] if number else []


def several(seed: int, *names: str | int) -> list[Any]:
    """Seeds to judge by what is found from several starts: the same for each of them."""
    return [pair(seed, *names, number) for number in range(JUDGED)]


def uniform(seed: Any, place: int, count: int, low: Any, high: Any) -> Any:
    """``[count]`` numbers between bounds; ``place`` tells the uses of one seed apart."""
    mine = tf.random.experimental.stateless_fold_in(seed, place)
    return tf.random.stateless_uniform([count], mine) * (high - low) + low


def whole(seed: Any, place: int, count: Any, below: Any) -> Any:
    """``[count]`` whole numbers from 0 to below ``below``."""
    mine = tf.random.experimental.stateless_fold_in(seed, place)
    return tf.random.stateless_uniform([count], mine, 0, below, tf.int32)
