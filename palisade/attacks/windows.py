"""What Square Attack changes of a perturbation at a query, for each norm.

Perturbations stay on the boundary of the ball: with Linf every sample is at plus or minus the
radius; with L2 the norm that one window gives up goes into another.

References:
    Andriushchenko et al., Square Attack, arXiv:1912.00049, algorithms 2 and 3. Here a window has
    the proportions of the whole, and L2 windows of sound or of a trace hold tones, as a front end
    hardly sees pulses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Signals = NDArray[np.float32]
Floats = NDArray[np.float64]

TILES = 5  # along an axis, of an L2 search's first perturbation
TINY = 1e-10


class Form(Protocol):
    """A norm's part of the search, on perturbations ``[n, *space, channels]``.

    Attributes:
        drawn_at_start: uniform numbers an example that the first perturbation takes.
        drawn: those that a change takes.
    """

    drawn_at_start: int
    drawn: int

    def start(self, drawn: NDArray[Any], radius: Signals) -> Signals:
        """The first perturbation."""

    def change(self, delta: Signals, drawn: Floats, radius: Signals, share: float) -> Signals:
        """The next one, of which a window is different; ``delta`` may be written to."""


@dataclass(frozen=True)
class Windows:
    """Where windows can be in ``[*space, channels]``."""

    shape: tuple[int, ...]

    @property
    def space(self) -> tuple[int, ...]:
        return self.shape[:-1]

    def lengths(self, share: float, least: int) -> tuple[int, ...]:
        """Of a window that covers a share, along each axis."""
        along = share ** (1 / len(self.space))
        return tuple(min(size, max(least, round(size * along))) for size in self.space)

    def at(self, drawn: Floats, lengths: tuple[int, ...]) -> tuple[NDArray[np.intp], ...]:
        """The index of a window an example, ``[n, *lengths]``, at places by uniform numbers."""
        axes = range(len(lengths))
        index = [_along(np.arange(len(drawn))[:, np.newaxis], -1, len(lengths))]
        for axis in axes:
            free = self.space[axis] - lengths[axis] + 1
            first = (drawn[:, axis] * free).astype(np.intp)
            places = first[:, np.newaxis] + np.arange(lengths[axis])
            index.append(_along(places, axis, len(lengths)))
        return tuple(index)


def _along(values: NDArray[Any], axis: int, axes: int) -> NDArray[Any]:
    """``[n, k]`` values along one of the axes after the first."""
    shape = [len(values)] + [1] * axes
    if axis >= 0:
        shape[1 + axis] = values.shape[1]
    return values.reshape(shape)


class InLinf:
    """Every sample at plus or minus the radius; a window takes one sign a channel."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._windows = Windows(shape)
        self.drawn_at_start = shape[-2] * shape[-1]
        self.drawn = len(shape) - 1 + shape[-1]

    def start(self, drawn: NDArray[Any], radius: Signals) -> Signals:
        """Stripes along the first axis of a picture; a sign a sample of a trace."""
        *others, width, channels = self._windows.shape
        stripes = _signs(drawn).reshape(-1, *[1] * len(others), width, channels)
        whole = np.broadcast_to(stripes, (len(drawn), *self._windows.shape))
        return np.asarray(whole * _spread(radius, whole), np.float32)

    def change(self, delta: Signals, drawn: Floats, radius: Signals, share: float) -> Signals:
        """A window of one sign a channel."""
        lengths = self._windows.lengths(share, least=1)
        signs = _signs(drawn[:, len(lengths) :]) * radius[:, np.newaxis]
        delta[self._windows.at(drawn, lengths)] = signs.reshape(len(delta), *[1] * len(lengths), -1)
        return delta


class InL2:
    """Patterns in windows, which together have the radius as their norm."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._windows = Windows(shape)
        axes, channels = len(shape) - 1, shape[-1]
        self._places, self._look = axes, 2 + channels  # numbers that a place and a pattern take
        self.drawn_at_start = TILES**axes * self._look
        self.drawn = 2 * axes + self._look

    def start(self, drawn: NDArray[Any], radius: Signals) -> Signals:
        """A pattern in each of some tiles."""
        delta = np.zeros((len(drawn), *self._windows.shape), np.float32)
        lengths = tuple(max(1, size // TILES) for size in self._windows.space)
        looks = drawn.reshape(len(drawn), -1, self._look)
        for number, tile in enumerate(np.ndindex(*[TILES] * len(lengths))):
            place = tuple(
                slice(t * length, (t + 1) * length) for t, length in zip(tile, lengths, strict=True)
            )
            here = delta[:, *place]
            if here.size:
                here += _patterns(looks[:, number], lengths)[
                    :, *(slice(n) for n in here.shape[1:-1])
                ]
        return _scaled(delta, radius)

    def change(self, delta: Signals, drawn: Floats, radius: Signals, share: float) -> Signals:
        """One window gains a pattern and the norm that another gives up."""
        axes, channels = self._places, delta.shape[-1]
        lengths = self._windows.lengths(share, least=3)
        into = self._windows.at(drawn, lengths)
        source = self._windows.at(drawn[:, axes:], lengths)
        before = delta[into]
        whole = _norm(delta)
        emptied = delta.copy()
        emptied[source], emptied[into] = 0.0, 0.0
        given = np.maximum(_norm(delta, apart=True) ** 2 - _norm(emptied, apart=True) ** 2, 0.0)
        spare = np.maximum(radius[:, np.newaxis] ** 2 - whole**2, 0.0) / channels
        fresh = _patterns(drawn[:, 2 * axes :], lengths)
        fresh += _scaled(before, np.ones(len(before), np.float32))
        size = np.sqrt(given + spare) / np.maximum(_norm(fresh, apart=True), TINY)
        emptied[into] = fresh * size.reshape(len(delta), *[1] * axes, channels)
        return _scaled(emptied, radius)


def _patterns(drawn: NDArray[Any], lengths: tuple[int, ...]) -> Signals:
    """``[n, *lengths, channels]`` of norm 1 in each channel, with a random sign in each."""
    make = _halves if len(lengths) > 1 else _tones
    signs = _signs(drawn[:, 2:]).reshape(len(drawn), *[1] * len(lengths), -1)
    shapes = make(drawn, lengths)[..., np.newaxis]
    return np.asarray(_scaled(shapes, np.ones(len(shapes), np.float32)) * signs, np.float32)


def _halves(drawn: NDArray[Any], lengths: tuple[int, ...]) -> Signals:
    """``[n, *lengths]`` a peak and a trough side by side, along the first or the last axis."""
    found = []
    for axis in (0, len(lengths) - 1):
        half = lengths[axis] // 2
        parts = [(*lengths[:axis], n, *lengths[axis + 1 :]) for n in (half, lengths[axis] - half)]
        found.append(np.concatenate([_peak(parts[0]), -_peak(parts[1])], axis))
    return np.stack(found)[(drawn[:, 0] < 0.5).astype(np.intp)].astype(np.float32)


def _peak(lengths: tuple[int, ...]) -> Floats:
    """A sum of nested boxes, the k-th of which adds 1 / k ** 2, largest in the middle."""
    apart = np.zeros(lengths, np.intp)
    for axis, length in enumerate(lengths):
        away = np.abs(np.arange(length) - length // 2)
        apart = np.maximum(apart, away.reshape([-1 if a == axis else 1 for a in range(apart.ndim)]))
    reach = int(apart.max(initial=0)) + 1
    boxes = 1.0 / np.arange(1, reach + 1) ** 2
    return np.cumsum(boxes[::-1])[::-1][apart]


def _tones(drawn: NDArray[Any], lengths: tuple[int, ...]) -> Signals:
    """``[n, length]`` a tone under a bell; the logarithm of its frequency is drawn uniformly."""
    (length,) = lengths
    turns = 0.5 * (2 / max(length, 2)) ** drawn[:, :1]  # a sample, from one a window to the highest
    phase = 2 * np.pi * (turns * np.arange(length) + drawn[:, 1:2])
    bell = np.sin(np.pi * (np.arange(length) + 0.5) / length)
    return np.asarray(bell * np.cos(phase), np.float32)


def _signs(drawn: NDArray[Any]) -> Signals:
    return np.where(drawn < 0.5, np.float32(-1), np.float32(1))


def _norm(delta: Signals, *, apart: bool = False) -> Signals:
    """``[n, 1]`` the L2 norm, or ``[n, channels]`` of each channel apart."""
    channels = delta.shape[-1] if apart else 1
    flat = delta.reshape(len(delta), -1, channels)
    return np.asarray(np.sqrt(np.einsum("nsc,nsc->nc", flat, flat)), np.float32)


def _scaled(delta: Signals, radius: Signals) -> Signals:
    """Brought to a norm; what is zero stays zero."""
    return np.asarray(delta * _spread(radius / np.maximum(_norm(delta)[:, 0], TINY), delta))


def _spread(values: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(-1, *[1] * (like.ndim - 1))
