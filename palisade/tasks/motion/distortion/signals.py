"""What mountings, weather, clocks and buses do to traces, as pure functions.

A signal is ``[samples, channels]`` float64 in mg and counts; every function returns a new one of
the same shape. ``places`` are the channels that it acts on; without any, nothing changes.
Randomness comes from the generator handed in, and nothing saturates (see ``Sensor.delivered``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from palisade.errors import PalisadeError
from palisade.tasks.motion.samples.sensor import Sensor, Signal

_AXES = 3
_FILTER_ORDER = 2  # as a mass on a spring with a damper


def gain(x: Signal, places: Sequence[int], factor: float) -> Signal:
    """Departures from rest times a factor.

    Rest is a channel's median, which an event hardly moves: gravity, or a PIR's middle.
    """
    changed = x.copy()
    rest = np.median(x[:, places], axis=0)
    changed[:, places] = rest + factor * (x[:, places] - rest)
    return changed


def turn(x: Signal, places: Sequence[int], angle_deg: float, draw: Generator) -> Signal:
    """Accelerometers of three axes each turned by an angle about one drawn line.

    Gravity turns with them. Axes that make no threes are no accelerometer that can be turned.
    """
    changed = x.copy()
    line = draw.standard_normal(_AXES)
    rotation = Rotation.from_rotvec(np.deg2rad(angle_deg) * line / np.linalg.norm(line))
    if len(places) % _AXES == 0:
        for first in range(0, len(places), _AXES):
            axes = list(places[first : first + _AXES])
            changed[:, axes] = rotation.apply(x[:, axes])
    return changed


def add_noise(x: Signal, places: Sequence[int], rms: float, draw: Generator) -> Signal:
    """With white Gaussian noise of a root mean square, in the channels' unit."""
    changed = x.copy()
    changed[:, places] += rms * draw.standard_normal((len(x), len(places)))
    return changed


def ramp(x: Signal, places: Sequence[int], rise: float) -> Signal:
    """With a baseline that rises evenly, by ``rise`` from the first sample to the last."""
    changed = x.copy()
    changed[:, places] += np.linspace(0, rise, len(x))[:, np.newaxis]
    return changed


def hum(
    x: Signal,
    places: Sequence[int],
    *,
    peak: float,
    hz: float,
    sample_rate_hz: float,
    draw: Generator,
) -> Signal:
    """With a sine along one drawn direction, of a peak in the channels' unit, at a drawn phase.

    Above half the sample rate it is folded down, as a sensor without a filter folds it.
    """
    changed = x.copy()
    line, phase_rad = draw.standard_normal(len(places)), draw.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * hz / sample_rate_hz * np.arange(len(x)) + phase_rad)
    changed[:, places] += peak * wave[:, np.newaxis] * line / max(np.linalg.norm(line), 1e-9)
    return changed


def shift(x: Signal, samples: int) -> Signal:
    """Later by so many samples, earlier if negative; mirrored at the edge it comes away from."""
    last = len(x) - 1
    at = (np.arange(len(x)) - samples) % (2 * last)  # mirrors repeat after twice the length
    return x[np.minimum(at, 2 * last - at)]


def stretch(x: Signal, rate: float, *, fixed: float) -> Signal:
    """``rate`` times as fast, mirrored at the edges; what is at the sample ``fixed`` stays there.

    Read between samples by cubic splines.
    """
    at = fixed + rate * (np.arange(len(x)) - fixed)
    channels = [scipy.ndimage.map_coordinates(one, [at], order=3, mode="mirror") for one in x.T]
    return np.stack(channels, axis=1)


def hold(x: Signal, share: float, draw: Generator) -> Signal:
    """A share of the samples lost, in all channels at once; the one before stands in for each.

    From one state of the generator, a larger share loses the same samples and more.
    """
    lost = 1 + draw.permutation(len(x) - 1)[: round(share * len(x))]
    at = np.arange(len(x))
    at[lost] = 0
    return x[np.maximum.accumulate(at)]


def low_pass(x: Signal, places: Sequence[int], cutoff_hz: float, sample_rate_hz: float) -> Signal:
    """Second-order Butterworth low-pass, causal, -3 dB at the cutoff, settled as the trace begins.

    At or above half the sample rate there is nothing to take away.
    """
    if not len(places) or cutoff_hz >= sample_rate_hz / 2:
        return x.copy()
    sections = scipy.signal.butter(_FILTER_ORDER, cutoff_hz, fs=sample_rate_hz, output="sos")
    settled = scipy.signal.sosfilt_zi(sections)[..., np.newaxis] * x[0, places]
    changed = x.copy()
    changed[:, places], _ = scipy.signal.sosfilt(sections, x[:, places], axis=0, zi=settled)
    return changed


def clip(x: Signal, places: Sequence[int], low: float, high: float) -> Signal:
    """No further than two bounds, in the channels' unit."""
    changed = x.copy()
    changed[:, places] = np.clip(x[:, places], low, high)
    return changed


def floats(x: NDArray[np.generic]) -> Signal:
    """Samples as the functions here take them."""
    return np.asarray(x, np.float64)


def check_channels(x: NDArray[np.generic], sensor: Sensor, section: str) -> None:
    """Refuse traces ``[n, samples, channels]`` of another number of channels than the sensor's.

    Raises:
        PalisadeError: It names the section of the params.
    """
    if x.shape[2] != len(sensor.units):
        raise PalisadeError(
            f"traces have {x.shape[2]} channels, and {section}'s units name {len(sensor.units)}",
            f"give {section} one unit for each of prepare's channels",
        )
