"""Squeezing and filters on raw samples, by the device's own code, in the order of a plan.

A plan is plain data. It drives the C code here and the differentiable twin in
``palisade.preprocessing`` alike, so that both do the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin

from palisade.device import library
from palisade.device.records import Record, struct
from palisade.errors import PalisadeError

UNITY = 1 << 15  # 1.0 in Q15
_SAMPLES = {"uint8": "U8", "int16": "I16", "int32": "I32"}
# Height, width and channels in C of a sample with so many axes.
_FORMS: dict[int, Callable[..., tuple[int, int, int]]] = {
    1: lambda samples: (samples, 1, 1),
    2: lambda samples, channels: (samples, 1, channels),
    3: lambda height, width, channels: (height, width, channels),
}


class Kind(Enum):
    """What a filter does; see the headers in ``device/include/palisade``."""

    SQUEEZE = "fewer levels; strength: bits"
    DOWNSAMPLE = "block means, repeated to the same size; strength: side of a block in pixels"
    MEDIAN = "of 3 x 3 pixels, or of 3 values in time"
    MU_LAW = "companding after ITU-T G.711; strength: bits"
    LOW_PASS = "symmetric filter of finite impulse response; taps in Q15"


@dataclass(frozen=True)
class Filter:
    """One step of a plan.

    Attributes:
        kind: what it does.
        strength: bits or pixels, as its kind says.
        taps: of a low-pass, Q15, an odd number of them, symmetric.
    """

    kind: Kind
    strength: int = 0
    taps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Filters in the order in which a raw sample goes through them.

    Attributes:
        dtype: ``uint8`` for a picture, ``int16`` for sound, ``int32`` for traces.
        shape: of a sample: ``(height, width, channels)``, ``(samples,)`` or
            ``(samples, channels)``.
        low: least that the sensor delivers, a channel each.
        high: most that it delivers.
        filters: none changes nothing.
    """

    dtype: str
    shape: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    filters: tuple[Filter, ...]

    def __call__(self, raw: NDArray[Any]) -> NDArray[Any]:
        """Samples ``[n, *shape]`` of ``dtype``, filtered; the given ones stay as they are.

        Raises:
            PalisadeError: The samples are of another type or shape.
            library.Fault: The plan is not valid for its samples.
        """
        if raw.dtype != self.dtype or raw.shape[1:] != self.shape:
            raise PalisadeError(
                f"samples are {raw.dtype}{list(raw.shape[1:])}, and preprocessing expects "
                f"{self.dtype}{list(self.shape)}",
                "give preprocessing and prepare the same form of sample",
            )
        _, lib = library.load()
        plan, scratch_bytes = native(self)
        scratch = library.pointer(np.zeros(scratch_bytes // 4 + 1, np.int32))
        found = np.array(raw, order="C")
        for one in found:
            values = library.pointer(one)
            status = lib.pal_preprocess(plan, values, one.size, scratch, scratch_bytes)
            library.require(status, "pal_preprocess")
        return found


def low_pass_taps(cutoff_hz: float, sample_rate_hz: float, count: int) -> tuple[int, ...]:
    """Q15 taps of a low-pass by the window method (Hamming), of unit gain for what is constant.

    Args:
        cutoff_hz: where the gain is a half, below half the sampling rate.
        sample_rate_hz: samples a second.
        count: how many taps, odd.

    Raises:
        PalisadeError: The cut-off is not between 0 and half the sampling rate.
    """
    if not 0 < cutoff_hz < sample_rate_hz / 2:
        raise PalisadeError(
            f"low_pass_hz is {cutoff_hz:g}", f"it must be above 0 and below {sample_rate_hz / 2:g}"
        )
    taps = [round(float(tap) * UNITY) for tap in firwin(count, cutoff_hz, fs=sample_rate_hz)]
    taps = [min(tap, UNITY - 1) for tap in taps]
    taps[count // 2] += UNITY - sum(taps)  # what rounding took
    return tuple(taps)


def record(plan: Plan) -> Record:
    """The plan as a ``pal_preprocess_plan``."""
    _, lib = library.load()
    height, width, channels = _FORMS[len(plan.shape)](*plan.shape)
    filters = [
        {
            "kind": getattr(lib, f"PAL_FILTER_{one.kind.name}"),
            "strength": one.strength,
            "taps_count": len(one.taps),
            "taps": np.array(one.taps, np.int16),
        }
        for one in plan.filters
    ]
    return {
        "sample": getattr(lib, f"PAL_SAMPLE_{_SAMPLES[plan.dtype]}"),
        "height": height,
        "width": width,
        "channels": channels,
        "low": np.array(plan.low, np.int32),
        "high": np.array(plan.high, np.int32),
        "filters_count": len(filters),
        "filters": filters,
    }


@cache
def native(plan: Plan) -> tuple[Any, int]:
    """A ``pal_preprocess_plan *``, and how many bytes of scratch it needs.

    Raises:
        library.Fault: A filter is not valid for the plan's samples.
    """
    ffi, lib = library.load()
    made, needed = struct("pal_preprocess_plan", record(plan)), ffi.new("size_t *")
    library.require(lib.pal_preprocess_check(made, needed), "pal_preprocess_check")
    return made, int(needed[0])
