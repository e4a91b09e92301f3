"""The synthetic speakers: who there is, and who speaks in which split.

A voice is one of espeak-ng's variants (its vocal tract, pitch and timbre); a speaker is a
voice with an accent. Variants that hardly differ (``steph``, ``steph2``) form a family, and a
family stays in one split, or the same voice would be heard in two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import islice

from palisade import seeds
from palisade.errors import PalisadeError
from palisade.splits import NAMES

Family = tuple[str, ...]

ACCENTS = (
    "en",  # Great Britain
    "en-029",  # the Caribbean
    "en-gb-scotland",
    "en-gb-x-gbclan",  # Lancaster
    "en-gb-x-gbcwmd",  # the West Midlands
    "en-gb-x-rp",  # received pronunciation
    "en-us",
    "en-us-nyc",
)

# Measured on 28 clean words in two accents, by a linear classifier of their cepstra that
# learned from the other families: of the words of all 104 variants it recognises 0.975. Left
# out are variants below 0.95 (Alicia, kaukovalta, Lee, Marco, RicishayMax, RicishayMax2,
# RicishayMax3, shelby, zac), those hardly voiced, whose autocorrelation in vowels peaks below
# 0.4 (announcer, whisper) or nearly (whisperf), and voices that no person has (anikaRobot,
# Demonic, robosoft to robosoft8, UniRobot). Variants of one name, and those whose cepstra are
# nearer than 3 where the median distance to the nearest is 4.9, are one voice: a family.
FAMILIES: tuple[Family, ...] = (
    ("Alex",), ("Andrea",), ("Andy", "AnxiousAndy"), ("Annie",), ("Denis",),
    ("Diogo", "Henrique"), ("Gene", "Gene2"), ("Hugo",), ("Jacky",),
    ("Mario",), ("Michael",), ("Mike", "mike2"), ("Mr serious",), ("Nguyen",), ("Reed",),
    ("Storm",), ("Tweaky",),
    ("adam", "benjamin", "edward", "edward2", "klatt", "klatt2", "klatt3", "klatt4", "klatt5",
     "klatt6"),
    ("anika",), ("antonio",), ("aunty",), ("belinda",), ("boris",), ("caleb",),
    ("croak",), ("david",), ("ed",), ("f1",), ("f2",), ("f3",), ("f4",), ("f5",), ("fast",),
    ("grandma",), ("grandpa",), ("gustave",), ("ian",), ("iven", "iven2", "iven3", "iven4"),
    ("john",), ("linda",), ("m1",), ("m2",), ("m3",), ("m4",), ("m5",), ("m6",), ("m7",),
    ("m8",), ("marcelo",), ("max",), ("michel", "miguel"), ("norbert",), ("pablo",), ("paul",),
    ("pedro",), ("quincy",), ("rob",), ("robert",), ("sandro",),
    ("steph", "steph2", "steph3"), ("travis",), ("victor",),
)  # fmt: skip


def share_out(room: Mapping[str, int], *, seed: int) -> dict[str, tuple[Family, ...]]:
    """Draw the families of each split; none is in two.

    Args:
        room: how many families each split gets.
        seed: the root seed.

    Raises:
        PalisadeError: There are fewer.
    """
    if sum(room.values()) > len(FAMILIES):
        raise PalisadeError(
            f"params.yaml: synthesize asks for {sum(room.values())} voices over all splits",
            f"there are {len(FAMILIES)}",
        )
    order = iter(seeds.generator(seed, "synthesize", "voices").permutation(len(FAMILIES)))
    return {
        name: tuple(FAMILIES[index] for index in sorted(islice(order, room[name])))
        for name in NAMES
    }


def name(voice: str, accent: str) -> str:
    """espeak-ng's name of a speaker: ``en-us+f2``."""
    return f"{accent}+{voice}"


def identity(speaker: str) -> str:
    """Eight hexadecimal digits that stand for a speaker, as in Speech Commands' file names."""
    return hashlib.sha256(speaker.encode()).hexdigest()[:8]
