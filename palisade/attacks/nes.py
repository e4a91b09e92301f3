"""Gradients estimated by queries (NES): a black box that a rounded score does not blind.

Square keeps a move where the score falls, and in an L2 ball of many dimensions no single move
changes an int8 score. Here pairs of opposite perturbations of full size are asked about; the sum of
their directions, each weighed by the difference of its pair, estimates the gradient, and rounding
averages out over it. After so many pairs the search steps to the ball's boundary along what it has
summed up so far, and goes on from there. A query is one example as the sensor would deliver it.

In a cube directions are signs, one an element. Of a sound, whose ball is L2, they are parts of the
clip itself in time and frequency, each brought to the same energy however quiet it is: a front end
of logarithms feels what is added in phase to a quiet part most, and the parts are few enough to be
told from so few queries. The papers estimate in pixels, or in tiles of them.

Once the network errs and a guard rejects it, the sum starts anew from there: what the guard lacks
changes the score by less than one, and would drown in what the network's lead has added up.

References:
    Ilyas et al., Black-box Adversarial Attacks with Limited Queries, arXiv:1804.08598 (NES and its
    antithetic pairs);
    Ilyas et al., Prior Convictions, arXiv:1807.07978 (fewer dimensions by what is known of data).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import L2, Linf, spread
from palisade.attacks.queries import joined
from palisade.attacks.square import NEVER, Asked, Floats, Score
from palisade.backend import tf
from palisade.progress import track
from palisade.seeds import generator

# Chosen on the undefended model of `voice` (docs/log.md); fewer parts are told sooner, and reach
# less.
PAIRS = 100  # before each step
FRAMES = 8  # that a clip has one after the other; as many again lie between them
BANDS = 16  # of equal width on the mel scale
# Where that scale turns from linear to logarithmic, 700 Hz (O'Shaughnessy, Speech Communication,
# 1987), as a share of what a sensor of 16 kHz hears.
MEL_CORNER = 700 / 8000
TOGETHER = 64  # examples searched at a time, whose parts lie in memory
# What counts of a score once the network errs: to be right again is worse than anything lacking.
RIGHT_AGAIN = 2.0


class Directions(Protocol):
    """Perturbations of some examples, by coordinates of which each is a direction."""

    @property
    def shape(self) -> tuple[int, ...]:
        """``[n, ...]`` of all examples' coordinates."""

    def draw(self, dice: np.random.Generator) -> Floats:
        """Random coordinates, of all examples, so that none depends on who is broken already."""

    def along(self, coordinates: Floats, places: NDArray[np.intp]) -> Floats:
        """``[m, ...]`` the perturbations on the boundary of a ball of radius 1."""


def search(
    raw: NDArray[Any],
    *,
    score: Score,
    threat: Threat,
    budget: float,
    queries: int,
    seed: int,
    blind: bool = False,
) -> Asked:
    """What estimated gradients find with ``queries`` an example.

    Args:
        raw: ``[n, ...]`` clean samples as the sensor delivers them.
        score: what is brought down to 0.
        threat: the ball, the sensor's range and its rounding.
        budget: in the threat's unit.
        queries: most that are asked of an example, the clean one not counted; fewer than three
            are not enough for a pair and a step, and nothing is asked.
        seed: root seed.
        blind: whether to look away from what pairs answer, and step along their sum as it is: the
            control, which has as many tries and no gradient.

    Raises:
        TypeError: There are no directions for such a ball.
    """
    parts = []
    for start in track(range(0, len(raw), TOGETHER), f"nes {budget:g}", -(-len(raw) // TOGETHER)):
        numbers = np.arange(start, min(start + TOGETHER, len(raw)))
        some = _Search(raw[numbers], numbers, score, threat, budget, seed)
        some.run(queries, blind=blind)
        parts.append(some.found)
    if not parts:
        return Asked(raw, np.zeros(0, np.int64), np.zeros(0, np.int64))
    return joined(parts, np.arange(len(raw)))


def directions_of(ball: Any, x: Floats) -> Directions:
    """Directions for signals ``[n, ...]`` in a ball.

    Raises:
        TypeError: There are none for such a ball.
    """
    if isinstance(ball, Linf):
        return Corners(x.shape)
    if isinstance(ball, L2) and x.ndim == 2:
        return Parts(x)
    raise TypeError(f"no directions in {type(ball).__name__} for {x.ndim - 1} axes")


@dataclass(frozen=True)
class Corners:
    """A sign for each element: a corner of the cube.

    Attributes:
        shape: ``[n, ...]`` of the signals.
    """

    shape: tuple[int, ...]

    def draw(self, dice: np.random.Generator) -> Floats:
        """Signs."""
        return (2 * dice.integers(0, 2, self.shape) - 1).astype(np.float32)

    def along(self, coordinates: Floats, places: NDArray[np.intp]) -> Floats:
        """Their signs; an element of which nothing is known stays."""
        return np.sign(coordinates)


class Parts:
    """A signal's own parts in time and frequency, each brought to norm 1.

    Frames overlap by half and are weighed by half a sine, before they are taken apart and after.
    A part of silence stays silent.

    Args:
        x: ``[n, samples]`` the signals.
    """

    def __init__(self, x: Floats) -> None:
        self.samples = x.shape[1]
        self.hop = max(1, self.samples // (2 * FRAMES))
        self.length = 2 * self.hop
        self.window = np.sin(np.pi * (np.arange(self.length) + 0.5) / self.length)
        self.band = _bands(self.length // 2 + 1)
        padded = np.pad(x, [(0, 0), (self.hop, self.length)])
        starts = range(0, self.samples + self.hop, self.hop)
        frames = np.stack([padded[:, one : one + self.length] for one in starts], axis=1)
        spectra = np.fft.rfft(frames * self.window)
        norms = [
            np.linalg.norm(self._frames(spectra * (self.band == b)), axis=2) for b in range(BANDS)
        ]
        size = np.maximum(np.stack(norms, axis=2), np.finfo(np.float32).tiny)
        self.spectra = spectra / size[:, :, self.band]
        self.shape = (*spectra.shape[:2], BANDS)

    def draw(self, dice: np.random.Generator) -> Floats:
        """Normal gains of each part."""
        return dice.standard_normal(self.shape, dtype=np.float32)

    def along(self, coordinates: Floats, places: NDArray[np.intp]) -> Floats:
        """The parts at these gains together, of norm 1."""
        frames = self._frames(self.spectra[places] * coordinates[:, :, self.band])
        whole = np.zeros((len(places), self.samples + self.hop + self.length))
        for number in range(frames.shape[1]):
            start = number * self.hop
            whole[:, start : start + self.length] += frames[:, number]
        found = whole[:, self.hop : self.hop + self.samples]
        norm = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(norm, np.finfo(np.float32).tiny), np.float32)

    def _frames(self, spectra: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(np.fft.irfft(spectra, self.length) * self.window)


def _bands(bins: int) -> NDArray[np.intp]:
    """``[bins]`` the band of each frequency, up to the highest that there is."""
    mel = np.log1p(np.linspace(0.0, 1.0, bins) / MEL_CORNER)
    return np.asarray(np.minimum(mel / mel[-1] * BANDS, BANDS - 1), np.intp)


class _Search:
    """Some examples' search."""

    def __init__(
        self,
        raw: NDArray[Any],
        numbers: NDArray[np.intp],
        score: Score,
        threat: Threat,
        budget: float,
        seed: int,
    ) -> None:
        signal = threat.signal(tf.constant(raw))
        self.x, self.radius = signal.numpy(), spread(threat.radius(signal, budget), signal).numpy()
        self.numbers, self.score, self.threat = numbers, score, threat
        self.directions = directions_of(threat.ball, self.x)
        self.dice = generator(seed, "nes", int(numbers[0]))
        self.asked = 0
        self.delta = np.zeros_like(self.x)
        self.gradient = np.zeros(self.directions.shape, np.float32)
        self.least = score(raw, numbers)
        self.erred = np.zeros(len(raw), bool)  # when its sum was last started
        self.found = Asked(
            raw.copy(),
            np.where(self.least < 1, 0, NEVER),
            np.where(self.least <= 0, 0, NEVER),
        )

    def run(self, queries: int, *, blind: bool) -> None:
        """Ask until so many queries are spent, or all examples are broken."""
        while (pairs := min(PAIRS, (queries - self.asked - 1) // 2)) > 0:
            self._turn()
            for _ in range(pairs):
                drawn = self.directions.draw(self.dice)
                if not len(still := self._still()):
                    return
                self._pair(still, drawn[still], blind=blind)
            if not len(still := self._still()):
                return
            along = self.directions.along(-self.gradient[still], still)
            self.delta[still] = along * self.radius[still]
            self._ask(self.delta[still], still)

    def _still(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.least > 0)

    def _turn(self) -> None:
        """Go on from where the network errs, and sum up anew, of examples that it errs on now."""
        turned = np.flatnonzero((self.least > 0) & (self.least < 1) & ~self.erred)
        self.erred[turned] = True
        self.gradient[turned] = 0.0
        signal = self.threat.signal(tf.constant(self.found.raw[turned]))
        self.delta[turned] = signal.numpy() - self.x[turned]

    def _pair(self, still: NDArray[np.intp], drawn: Floats, *, blind: bool) -> None:
        """Ask about opposite perturbations, and weigh their coordinates by how the score rises."""
        move = self.directions.along(drawn, still) * self.radius[still]
        ahead, back = (
            np.where(self.erred[still], np.minimum(value, RIGHT_AGAIN), value)
            for value in (self._ask(self._from(still, one), still) for one in (move, -move))
        )
        rise = np.ones(len(still)) if blind else ahead - back
        self.gradient[still] += drawn * rise.reshape(-1, *(1,) * (drawn.ndim - 1)).astype(
            np.float32
        )

    def _from(self, still: NDArray[np.intp], move: Floats) -> Floats:
        """A perturbation of full size on, back in the ball."""
        moved = tf.constant(self.delta[still] + move)
        radius = tf.constant(self.radius[still].reshape(len(still)))
        return np.asarray(self.threat.ball.project(moved, radius))

    def _ask(self, delta: Floats, still: NDArray[np.intp]) -> NDArray[np.float64]:
        """A query of some examples each, and its score; of a pair both are asked."""
        self.asked += 1
        tried = self.threat.realise(self.threat.clip(self.x[still] + delta))
        value = self.score(tried, self.numbers[still])
        lower = value <= self.least[still]
        self.found.raw[still[lower]] = tried[lower]
        self.least[still[lower]] = value[lower]
        wrong = still[value < 1]
        self.found.wrong_at[wrong] = np.minimum(self.found.wrong_at[wrong], self.asked)
        broken = still[value <= 0]
        self.found.broken_at[broken] = np.minimum(self.found.broken_at[broken], self.asked)
        return value
