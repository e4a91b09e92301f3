"""What a run of training stands on."""

from __future__ import annotations

from dataclasses import dataclass

from palisade.attacks.adversary import Adversary
from palisade.training.recipe import Recipe
from palisade.whitebox import WhiteBox


@dataclass(frozen=True)
class Setting:
    """What a run of training stands on.

    Attributes:
        box: the task's path from raw samples to features, and its attacker.
        adversary: the attacker inside the loop, or None to train on clean examples alone.
        recipe: length, rate, batch, averaging.
        seed: root seed.
        name: what the run is called in progress lines and in its random numbers.
    """

    box: WhiteBox
    adversary: Adversary | None
    recipe: Recipe
    seed: int
    name: str
