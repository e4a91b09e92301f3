"""Where things stand: spots that leave each other in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator

from palisade.ranges import between
from palisade.tasks.vision.synthesis.params import People

NEAR_M = 0.7  # of what is right before the lens
_HALF_WIDE_M = 0.3  # of a person, roughly
_FOCAL = 0.7  # of a usual camera, in image heights
_HIDDEN_MOST = 0.3  # of a large thing's breadth, by another one before it
_TRIES = 12
_DECIMALS = 3


@dataclass(frozen=True)
class Spot:
    """Where something stands, and how it moves from frame to frame.

    Attributes:
        across: its middle, share of the image's width at the first frame.
        distance_m: from the camera at the first frame.
        across_step, distance_step_m: what is added each frame.
        nearest_m: where it stops.
        stride: of one who walks, -1 to 1, at the first frame.
    """

    across: float
    distance_m: float
    across_step: float = 0.0
    distance_step_m: float = 0.0
    nearest_m: float = 0.0
    stride: float = 0.0

    def at(self, frame: int) -> tuple[float, float]:
        """Place across and distance in a frame."""
        away = max(self.distance_m + frame * self.distance_step_m, self.nearest_m)
        return self.across + frame * self.across_step, away


def large(count: int, bounds: People, dice: Generator, *, first: Spot | None) -> list[Spot]:
    """At most so many spots for what is as large as a person, at least one.

    The logarithm of the distance is uniform, so there are as many in each octave. A spot in
    which a thing would hide too much of another is drawn again, and given up in the end.
    """
    spots = [first] if first else []
    for _ in range(count - len(spots)):
        for _ in range(_TRIES):
            spot = _one(bounds, dice)
            if all(_hidden(spot, other) <= _HIDDEN_MOST for other in spots):
                spots.append(spot)
                break
    return spots


def anywhere(distance_m: Sequence[float], dice: Generator) -> Spot:
    """A spot for something small, wherever."""
    return Spot(
        round(between([0.02, 0.98], dice), _DECIMALS),
        round(between(list(distance_m), dice), _DECIMALS),
    )


def beside(spot: Spot, dice: Generator) -> Spot:
    """A spot right before the lens that hides a part of what stands at another."""
    across = spot.across + dice.normal(0, 0.2)
    return Spot(round(float(across), _DECIMALS), NEAR_M)


def edge(dice: Generator) -> Spot:
    """A spot at the edge of the image, right before the lens."""
    return Spot(0.0 if dice.random() < 0.5 else 1.0, NEAR_M)


def _one(bounds: People, dice: Generator) -> Spot:
    near, far = bounds.distance_m
    away = near * (far / near) ** dice.random()
    return Spot(
        round(between(bounds.across, dice), _DECIMALS),
        round(away, _DECIMALS),
        stride=round(between([-1.0, 1.0], dice), _DECIMALS),
    )


def _hidden(one: Spot, other: Spot) -> float:
    """Share of the farther one's breadth that the nearer one covers."""
    near, far = sorted((one, other), key=lambda spot: spot.distance_m)
    half_near, half_far = (_FOCAL * _HALF_WIDE_M / spot.distance_m for spot in (near, far))
    left = max(near.across - half_near, far.across - half_far)
    right = min(near.across + half_near, far.across + half_far)
    return max(0.0, right - left) / (2 * half_far)
