"""What is said that is no command."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from palisade import seeds
from palisade.splits import NAMES

_ORDINARY = """
    apple autumn baby backward banana basket bicycle bird birthday bottle bread breakfast bridge
    brother button camera candle carpet chair cheese chicken children church circle coffee
    colour corner cotton country cousin curtain daughter december diamond dinner dog dollar door
    down eagle eight elephant engine evening family farmer february finger fire five flower
    follow forest forward four friday friend garden giraffe glass go good green guitar hammer
    happy heart honey horse house hundred jacket january jungle kettle kitchen ladder learn
    lemon letter library lion machine magic market marvin melon metal minute mirror monday money
    monkey morning mother mountain music needle never nine no notebook number ocean office on
    orange oven paper pencil people pepper person piano picture pillow planet pocket police
    potato pumpkin purple rabbit radio rainbow river rocket sailor salad school seven sheila
    shoulder silver sister six soldier spider spring sugar sunday table teacher telephone three
    thunder tiger tomato tree tuesday turtle two umbrella uncle up village violin visual wagon
    water weather wednesday window winter wonder wow yellow yes zero
"""

ORDINARY = tuple(_ORDINARY.split())


@dataclass(frozen=True)
class Words:
    """The other words of one split.

    Attributes:
        ordinary: words unlike any command.
        sound_alikes: words that sound like one.
        unseen: those of both that training never says.
    """

    ordinary: tuple[str, ...]
    sound_alikes: tuple[str, ...]
    unseen: frozenset[str]


def share_out(
    sound_alikes: Sequence[str], *, commands: Collection[str], unseen_share: float, seed: int
) -> Mapping[str, Words]:
    """Draw the words of each split: a share of either kind is said in the test split alone."""
    kinds = {
        "ordinary": sorted(set(ORDINARY) - set(commands) - set(sound_alikes)),
        "sound_alikes": sorted(set(sound_alikes) - set(commands)),
    }
    unseen: set[str] = set()
    for kind, words in kinds.items():
        order = seeds.generator(seed, "synthesize", "words", kind).permutation(len(words))
        unseen |= {words[index] for index in order[: round(unseen_share * len(words))]}
    split = {}
    for name in NAMES:
        said = {
            kind: tuple(word for word in words if name == "test" or word not in unseen)
            for kind, words in kinds.items()
        }
        split[name] = Words(**said, unseen=frozenset(unseen))
    return split
