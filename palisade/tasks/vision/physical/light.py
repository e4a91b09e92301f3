"""Attacks by light alone: another exposure and tone curve, or one straight shadow.

References:
    Zhong et al., Shadows can be Dangerous, arXiv:2203.03818 (a shadow found by search); Hosseini
    and Poovendran, Semantic Adversarial Examples, arXiv:1804.00499 (random shifts of hue and
    saturation; here of exposure and tone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.physical.contest import Contest
from palisade.physical.scoring import Mask
from palisade.progress import track
from palisade.ranges import between
from palisade.seeds import generator
from palisade.tasks.vision.distortion import lighting
from palisade.tasks.vision.physical.params import Light, Params
from palisade.tasks.vision.samples.pixels import Picture, to_float, to_uint8

Draw = Callable[[Picture, Generator], Picture]


def exposure(params: Light, most_ev: float) -> Draw:
    """Another exposure by up to so many stops, and another tone curve."""

    def drawn(x: Picture, draw: Generator) -> Picture:
        stops = float(draw.uniform(-most_ev, most_ev))
        return lighting.gamma(lighting.expose(x, stops), between(params.gamma, draw))

    return drawn


def shadow(params: Light, taken_share: float) -> Draw:
    """One straight shadow, which takes so much of the light, anywhere at any angle."""

    def drawn(x: Picture, draw: Generator) -> Picture:
        edge = lighting.half_plane(
            x.shape,
            angle_deg=float(draw.uniform(0, 360)),
            offset_share=float(draw.uniform(-0.4, 0.4)),
            softness_share=between(params.penumbra_share, draw),
        )
        return lighting.shade(x, edge, taken_share)

    return drawn


def worst(contest: Contest[Params], change: Draw, name: str, allowed: Mask) -> NDArray[np.uint8]:
    """Scored pictures ``[n, side, side, channels]``, each under the worst of a family's members.

    As an attacker tries them on the device: of a picture's tries the first that is accepted and
    wrong counts, else the first that is wrong, else any.

    Args:
        contest: the model and the pictures.
        change: draws a member.
        name: of the family.
        allowed: ``[n, classes]`` which answers are right.
    """
    ask, found = contest.target.ask, np.array(contest.scored.x, np.uint8)
    harm = np.full(len(found), -1)  # none was tried; then 0 right, 1 wrong, 2 wrong and accepted
    tries = contest.params.light.tries
    for pictures in track(tried(contest, change, name), name, tries):
        left = np.flatnonzero(harm < 2)
        if not len(left):
            break
        _, said = ask(pictures[left])
        wrong = ~allowed[left, said.label]
        reached = wrong + (wrong & said.accepted).astype(int)
        better = left[reached > harm[left]]
        found[better] = pictures[better]
        harm[left] = np.maximum(harm[left], reached)
    return found


def tried(contest: Contest[Params], change: Draw, name: str) -> Iterator[NDArray[np.uint8]]:
    """Scored pictures ``[n, side, side, channels]`` under a family's members, one after another."""
    pictures = to_float(np.asarray(contest.scored.x, np.uint8))
    for number in range(contest.params.light.tries):
        dice = [
            generator(contest.seed, "physical", name, number, str(one))
            for one in contest.scored.ids
        ]
        yield np.stack([to_uint8(change(x, draw)) for x, draw in zip(pictures, dice, strict=True)])
