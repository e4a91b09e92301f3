"""Raw samples to the network's input by the device's own code, and the tables that it needs.

The tables are made from the same params as the differentiable front ends in
``palisade/tasks/*/features.py``; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from palisade import cepstrum
from palisade.device import library, preprocess
from palisade.device.preprocess import Plan
from palisade.device.records import Record, struct
from palisade.errors import PalisadeError

INT16_FULL_SCALE = 32768.0
CHANNELS = {"grey": 1, "colour": 3}


class VoiceParams(cepstrum.Geometry, Protocol):
    """What ``palisade/tasks/voice/features.py`` calls Params."""

    @property
    def energy_offset(self) -> float: ...
    @property
    def window(self) -> int: ...
    @property
    def hop(self) -> int: ...
    @property
    def samples(self) -> int: ...
    @property
    def frames(self) -> int: ...


class VisionParams(Protocol):
    """What ``palisade/tasks/vision/features.py`` calls Params."""

    @property
    def image_px(self) -> int: ...
    @property
    def channels(self) -> str: ...


class MotionParams(Protocol):
    """What ``palisade/tasks/motion/features.py`` calls Params."""

    @property
    def units(self) -> Sequence[str]: ...
    @property
    def samples(self) -> int: ...
    @property
    def frame_samples(self) -> int: ...
    @property
    def acc_offset_mg(self) -> float: ...
    @property
    def pir_offset_mg(self) -> float: ...
    @property
    def frames(self) -> int: ...


class MotionUnits(Protocol):
    """Of ``palisade/tasks/motion/threat.py``, Params: in what mg counts of a PIR are taken."""

    @property
    def pir_full_scale_counts(self) -> float: ...
    @property
    def pir_share_per_mg(self) -> float: ...


def voice_tables(params: VoiceParams) -> Record:
    """A ``pal_mfcc_tables``.

    Raises:
        PalisadeError: ``fft_length`` is not a power of two.
    """
    length = params.fft_length
    if length & (length - 1):
        raise PalisadeError(
            f"features: fft_length is {length}", "the device needs a power of two, such as 512"
        )
    # By half, as the device's transform gives the spectrum doubled.
    taper = scipy.signal.get_window("hann", params.window) / (2 * INT16_FULL_SCALE)
    cosine = np.cos(2 * np.pi * np.arange(length // 4 + 1) / length)
    cosine[-1] = 0.0
    first, bins, weights = _sparse(cepstrum.mel_filters(params))
    return {
        "window": params.window,
        "hop": params.hop,
        "fft_length": length,
        "bands": params.mel_bands,
        "coefficients": params.coefficients,
        "weights_count": len(weights),
        "energy_offset": params.energy_offset,
        "taper": taper.astype(np.float32),
        "cosine": cosine.astype(np.float32),
        "first_bin": first,
        "bins": bins,
        "weights": weights,
        "cepstral": np.ascontiguousarray(cepstrum.cepstral_matrix(params).T, np.float32),
    }


def _sparse(
    matrix: NDArray[Any],
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.float32]]:
    """Of ``[bins, bands]`` filters: where each begins, its length, and all their weights."""
    first, bins, weights = [], [], []
    for band in matrix.T:
        (places,) = np.nonzero(band)
        start, end = (places[0], places[-1] + 1) if len(places) else (1, 1)
        first.append(start)
        bins.append(end - start)
        weights.append(band[start:end])
    return (
        np.array(first, np.uint16),
        np.array(bins, np.uint16),
        np.concatenate(weights).astype(np.float32),
    )


def motion_tables(params: MotionParams, units: MotionUnits) -> Record:
    """A ``pal_traces_tables``."""
    _, lib = library.load()
    kinds = {"mg": lib.PAL_TRACE_SHAKEN, "pir": lib.PAL_TRACE_PASSIVE_INFRARED}
    mg = {"mg": 1.0, "pir": 1.0 / units.pir_share_per_mg / units.pir_full_scale_counts}
    return {
        "samples": params.samples,
        "channels": len(params.units),
        "frame_samples": params.frame_samples,
        "acc_offset_mg": params.acc_offset_mg,
        "pir_offset_mg": params.pir_offset_mg,
        "kinds": np.array([kinds[unit] for unit in params.units], np.int32),
        "mg_per_count": np.array([mg[unit] for unit in params.units], np.float32),
    }


class FrontEnd:
    """Preprocessing and front end of a task, as the device runs them.

    Attributes:
        dtype: of a raw sample.
        sample: shape of a raw sample.
        shape: of the network's input.
        plan: what is done to a sample first, or None.
    """

    kind: str
    dtype: str

    def __init__(
        self, sample: tuple[int, ...], shape: tuple[int, ...], plan: Plan | None = None
    ) -> None:
        self.sample, self.shape, self.plan = sample, shape, plan

    @property
    def tables(self) -> Record:
        """The fields of a ``pal_front_end`` that are this task's own."""
        return {}

    def record(self, scale: float, zero_point: int) -> Record:
        """A ``pal_front_end`` for a network's input of this scale and zero point."""
        _, lib = library.load()
        plan = {} if self.plan is None else {"plan": preprocess.record(self.plan)}
        return {
            "kind": getattr(lib, f"PAL_FRONT_{self.kind}"),
            "values": int(np.prod(self.sample)),
            "features": int(np.prod(self.shape)),
            "to": {"scale": scale, "zero_point": zero_point},
            **plan,
            **self.tables,
        }

    def int8(self, raw: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
        """The network's input ``[n, *shape]`` of raw samples ``[n, *sample]``.

        Raises:
            PalisadeError: The samples are of another type or shape.
            library.Fault: Plan, scale or zero point are not valid, or a feature is not finite.
        """
        self._require(raw)
        ffi, lib = library.load()
        front, needed = struct("pal_front_end", self.record(scale, zero_point)), ffi.new("size_t *")
        library.require(lib.pal_front_end_check(front, needed), "pal_front_end_check")
        scratch = library.pointer(np.zeros(needed[0] // 4 + 1, np.int32))
        raw = np.array(raw, order="C")  # preprocessing works in place
        features = np.empty((len(raw), *self.shape), np.int8)
        for one, found in zip(raw, features, strict=True):
            status = lib.pal_front_end_i8(
                front, library.pointer(one), one.size, scratch, needed[0],
                library.pointer(found), found.size,
            )  # fmt: skip
            library.require(status, "pal_front_end_i8")
        return features

    def floats(self, raw: NDArray[Any]) -> NDArray[np.float32]:
        """Features ``[n, *shape]`` before they are quantised, of raw samples ``[n, *sample]``.

        Raises:
            PalisadeError: The samples are of another type or shape.
        """
        self._require(raw)
        raw = np.ascontiguousarray(raw if self.plan is None else self.plan(raw))
        features = np.empty((len(raw), *self.shape), np.float32)
        for one, found in zip(raw, features, strict=True):
            self._floats(one, found)
        return features

    def _floats(self, one: NDArray[Any], found: NDArray[np.float32]) -> None:
        raise NotImplementedError

    def _require(self, raw: NDArray[Any]) -> None:
        if raw.dtype != self.dtype or raw.shape[1:] != self.sample:
            raise PalisadeError(
                f"samples are {raw.dtype}{list(raw.shape[1:])}, and features expects "
                f"{self.dtype}{list(self.sample)}",
                "give features and prepare the same form of sample",
            )


class Voice(FrontEnd):
    """Sound ``[samples]`` of int16 to ``(frames, coefficients, 1)``."""

    kind = "VOICE"
    dtype = "int16"

    def __init__(self, params: VoiceParams, plan: Plan | None = None) -> None:
        super().__init__((params.samples,), (params.frames, params.coefficients, 1), plan)
        self._mfcc = voice_tables(params)

    @property
    def tables(self) -> Record:
        """The field ``mfcc``."""
        return {"mfcc": self._mfcc}

    @cached_property
    def _native(self) -> tuple[Any, Any, int]:
        ffi, lib = library.load()
        tables, needed = struct("pal_mfcc_tables", self._mfcc), ffi.new("size_t *")
        library.require(lib.pal_mfcc_check(tables, needed), "pal_mfcc_check")
        return tables, library.pointer(np.zeros(needed[0], np.float32)), needed[0]

    def _floats(self, one: NDArray[Any], found: NDArray[np.float32]) -> None:
        _, lib = library.load()
        tables, scratch, count = self._native
        values, features = library.pointer(one), library.pointer(found)
        status = lib.pal_mfcc_clip(tables, values, one.size, scratch, count, features, found.size)
        library.require(status, "pal_mfcc_clip")


class Vision(FrontEnd):
    """Pictures ``[px, px, channels]`` of uint8 to the same shape."""

    kind = "VISION"
    dtype = "uint8"

    def __init__(self, params: VisionParams, plan: Plan | None = None) -> None:
        shape = (params.image_px, params.image_px, CHANNELS[params.channels])
        super().__init__(shape, shape, plan)

    def _floats(self, one: NDArray[Any], found: NDArray[np.float32]) -> None:
        _, lib = library.load()
        status = lib.pal_pixels_f32(library.pointer(one), one.size, library.pointer(found))
        library.require(status, "pal_pixels_f32")


class Motion(FrontEnd):
    """Traces ``[samples, channels]`` of int32 to ``(frames, 1, channels)``."""

    kind = "MOTION"
    dtype = "int32"

    def __init__(self, params: MotionParams, units: MotionUnits, plan: Plan | None = None) -> None:
        channels = len(params.units)
        super().__init__((params.samples, channels), (params.frames, 1, channels), plan)
        self._traces = motion_tables(params, units)

    @property
    def tables(self) -> Record:
        """The field ``traces``."""
        return {"traces": self._traces}

    def _floats(self, one: NDArray[Any], found: NDArray[np.float32]) -> None:
        _, lib = library.load()
        tables = struct("pal_traces_tables", self._traces)
        values, features = library.pointer(one), library.pointer(found)
        status = lib.pal_traces_f32(tables, values, one.size, features, found.size)
        library.require(status, "pal_traces_f32")
