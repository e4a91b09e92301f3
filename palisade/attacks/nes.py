"""Gradients estimated by queries (NES): a black box that a rounded score does not blind.

Square keeps a move where the score falls, and in an L2 ball of many dimensions no single move
changes an int8 score. Here pairs of opposite perturbations of full size are asked about; the sum of
their directions, each weighed by the difference of its pair, estimates the gradient, and rounding
averages out over it. After so many pairs the search steps to the ball's boundary along what it has
summed up so far, and goes on from there. A query is one example as the sensor would deliver it.

In a cube directions are signs, one an element. Of a sound, whose ball is L2, they are parts of the
clip itself in time and frequency, louder or softer: what a front end of energies feels most, and
few enough to be told from so few queries. The papers estimate in pixels, or in tiles of them.

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
from palisade.attacks.square import NEVER, Asked, Floats, Score
from palisade.backend import tf
from palisade.progress import track
from palisade.seeds import generator

PAIRS = 100  # before each step
TOGETHER = 64  # examples searched at a time, whose parts lie in memory
FRAMES = 8  # that a clip has one after the other; as many again lie between them
BANDS = 16  # of equal width on the mel scale, of a sensor's whole range
MEL_CORNER = 700 / 8000  # of the range: where the scale turns from linear to logarithmic


class Directions(Protocol):
    """Perturbations of some examples, by coordinates of which each is a direction."""

    def draw(self, places: NDArray[np.intp], dice: np.random.Generator) -> Floats:
        """``[m, ...]`` random coordinates for the examples at some places."""

    def along(self, coordinates: Floats, places: NDArray[np.intp]) -> Floats:
        """``[m, ...]`` the perturbations on the boundary of a ball of radius 1."""


def search(
    raw: NDArray[Any], *, score: Score, threat: Threat, budget: float, queries: int, seed: int
) -> Asked:
    """What estimated gradients find with ``queries`` an example.

    Args:
        raw: ``[n, ...]`` clean samples as the sensor delivers them.
        score: what is brought down to 0.
        threat: the ball, the sensor's range and its rounding.
        budget: in the threat's unit.
        queries: most that are asked of an example, the clean one not counted.
        seed: root seed.

    Raises:
        TypeError: There are no directions for such a ball.
    """
    parts = []
    for start in track(range(0, len(raw), TOGETHER), f"nes {budget:g}", -(-len(raw) // TOGETHER)):
        numbers = np.arange(start, min(start + TOGETHER, len(raw)))
        some = _Search(raw[numbers], numbers, score, threat, budget, seed)
        some.run(queries)
        parts.append(some.found)
    if not parts:
        return Asked(raw, np.zeros(0, np.int64), np.zeros(0, np.int64))
    names = ("raw", "wrong_at", "broken_at")
    return Asked(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def directions_of(ball: Any, x: Floats) -> Directions:
    """Directions for signals ``[n, ...]`` in a ball.

    Raises:
        TypeError: There are none for such a ball.
    """
    if isinstance(ball, Linf):
        return Signs(x.shape[1:])
    if isinstance(ball, L2) and x.ndim == 2:
        return Parts(x)
    raise TypeError(f"no directions in {type(ball).__name__} for {x.ndim - 1} axes")


@dataclass(frozen=True)
class Signs:
    """A sign for each element.

    Attributes:
        shape: of a signal.
    """

    shape: tuple[int, ...]

    def draw(self, places: NDArray[np.intp], dice: np.random.Generator) -> Floats:
        """Signs."""
        return (2 * dice.integers(0, 2, (len(places), *self.shape)) - 1).astype(np.float32)

    def along(self, coordinates: Floats, places: NDArray[np.intp]) -> Floats:
        """Their signs: the corner of the cube that they point to."""
        return np.sign(coordinates)


class Parts:
    """A signal's own parts in time and frequency, each of norm 1.

    Frames overlap by half and are weighed by half a sine, before they are taken apart and after,
    so that parts of one size add up to the signal.

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
        norms = [np.linalg.norm(self._frames(spectra * (self.band == b)), axis=2) for b in _ALL]
        size = np.maximum(np.stack(norms, axis=2), np.finfo(np.float32).tiny)
        self.spectra = spectra / size[:, :, self.band]

    def draw(self, places: NDArray[np.intp], dice: np.random.Generator) -> Floats:
        """Normal gains of each part."""
        shape = (len(places), self.spectra.shape[1], BANDS)
        return dice.standard_normal(shape, dtype=np.float32)

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


_ALL = range(BANDS)


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
        self.least = score(raw, numbers)
        self.found = Asked(
            raw.copy(),
            np.where(self.least < 1, 0, NEVER),
            np.where(self.least <= 0, 0, NEVER),
        )

    def run(self, queries: int) -> None:
        """Ask until so many queries are spent, or all examples are broken."""
        everywhere = np.arange(len(self.x))
        gradient = np.zeros_like(self.directions.draw(everywhere, self.dice))
        while pairs := min(PAIRS, (queries - self.asked - 1) // 2):
            for _ in range(pairs):
                still = self._still()
                drawn = self.directions.draw(everywhere, self.dice)[still]
                if not len(still):
                    return
                gradient[still] += self._pair(still, drawn)
            still = self._still()
            if not len(still):
                return
            step = self.directions.along(-gradient[still], still) * self.radius[still]
            self.delta[still] = step
            self._ask(step, still)

    def _still(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.least > 0)

    def _pair(self, still: NDArray[np.intp], drawn: Floats) -> Floats:
        """Coordinates, weighed by how much the score rises along them."""
        move = self.directions.along(drawn, still) * self.radius[still]
        ahead, back = (self._ask(self._from(still, one), still) for one in (move, -move))
        rise = (ahead - back).astype(np.float32)
        return drawn * rise.reshape(-1, *(1,) * (drawn.ndim - 1))

    def _from(self, still: NDArray[np.intp], move: Floats) -> Floats:
        """A perturbation of full size on, back in the ball."""
        moved = tf.constant(self.delta[still] + move)
        radius = tf.constant(self.radius[still].reshape(len(still)))
        return np.asarray(self.threat.ball.project(moved, radius))

    def _ask(self, delta: Floats, still: NDArray[np.intp]) -> NDArray[np.float64]:
        """A query of each example that is not broken, and its score."""
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
