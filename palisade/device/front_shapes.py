"""Front ends and filters drawn at random, and runs of them on values that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import frontend, library, preprocess, work
from palisade.device.case import Case, Rng, whole
from palisade.device.preprocess import Filter, Kind, Plan

RAILS = {"uint8": (0, 255), "int16": (-32768, 32767), "int32": (-4095, 4095)}


@dataclass(frozen=True)
class Sound:
    """What ``frontend.voice_tables`` asks of params."""

    sample_rate_hz: int
    window: int
    hop: int
    fft_length: int
    mel_bands: int
    coefficients: int
    energy_offset: float = 0.4
    lowest_hz: float = 20.0
    highest_hz: float = 7600.0
    lifter: int = 22
    samples: int = 0
    frames: int = 0


@dataclass(frozen=True)
class Traces:
    """What ``frontend.motion_tables`` asks of params."""

    units: tuple[str, ...]
    samples: int
    frame_samples: int
    acc_offset_mg: float = 100.0
    pir_offset_mg: float = 250.0
    pir_full_scale_counts: float = 4095.0
    pir_share_per_mg: float = 0.001
    frames: int = 0


def sound(rng: Rng, samples: int) -> NDArray[np.int16]:
    """Noise as loud as speech: what is quieter takes a shorter way through the logarithm."""
    level = 32767 * 10 ** rng.uniform(-1.3, -0.7)
    return np.clip(rng.normal(0, level, samples), -32768, 32767).astype(np.int16)


def geometry(rng: Rng) -> dict[str, Any]:
    """A ``pal_mfcc_tables``."""
    length = int(rng.choice([256, 512, 1024]))
    window = whole(rng, length // 2, length)
    bands = whole(rng, 10, length // 12)
    return dict(
        frontend.voice_tables(
            Sound(
                sample_rate_hz=16000,
                window=window,
                hop=whole(rng, window // 3, window),
                fft_length=length,
                mel_bands=bands,
                coefficients=whole(rng, 4, min(bands, 30)),
            )
        )
    )


def scaled(rng: Rng, low: float, high: float) -> dict[str, Any]:
    """A ``pal_quantisation`` with a scale between two bounds."""
    return {"scale": float(rng.uniform(low, high)), "zero_point": whole(rng, -20, 20)}


def clip(rng: Rng) -> Case:
    """A clip of few frames through the front end."""
    tables, frames = geometry(rng), whole(rng, 1, 4)
    samples = tables["window"] + (frames - 1) * tables["hop"]
    _, lib = library.load()
    record = {
        "kind": lib.PAL_FRONT_VOICE,
        "values": samples,
        "features": frames * tables["coefficients"],
        "to": scaled(rng, 0.1, 0.2),
        "mfcc": tables,
    }
    return of_front_end(record, sound(rng, samples))


def push(rng: Rng) -> Case:
    """New frames of a stream."""
    tables, frames, rows = geometry(rng), whole(rng, 1, 4), whole(rng, 2, 60)
    to, heard = scaled(rng, 0.1, 0.2), sound(rng, tables["window"])
    new = sound(rng, frames * tables["hop"])
    return Case(
        work.PUSH,
        work.push(tables, frames, rows),
        lambda trial: trial.push(tables, to, rows, heard, new).instructions,
    )


def picture(rng: Rng) -> Case:
    """A picture through the front end."""
    _, lib = library.load()
    side = whole(rng, 16, 64)
    pixels = side * side
    record = {
        "kind": lib.PAL_FRONT_VISION,
        "values": pixels,
        "features": pixels,
        "to": {"scale": 1 / 255, "zero_point": whole(rng, -3, 3)},
    }
    return of_front_end(record, rng.integers(0, 256, (side, side, 1)).astype(np.uint8))


def trace(rng: Rng) -> Case:
    """A trace through the front end, strong: what rests takes shorter ways."""
    _, lib = library.load()
    units = tuple(rng.choice(["mg", "pir"], whole(rng, 1, 5)).tolist())
    params = Traces(units, whole(rng, 40, 200), whole(rng, 1, 6))
    tables = frontend.motion_tables(params, params)
    shape = (params.samples, len(units))
    spread = 10 ** rng.uniform(2.2, 2.7, len(units))
    raw = np.clip(rng.normal(0, spread, shape).cumsum(axis=0) / 3, -4095, 4095).astype(np.int32)
    frames = params.samples // params.frame_samples
    record = {
        "kind": lib.PAL_FRONT_MOTION,
        "values": raw.size,
        "features": frames * len(units),
        "to": scaled(rng, 0.015, 0.03),
        "traces": tables,
    }
    return of_front_end(record, raw)


def of_front_end(record: dict[str, Any], raw: NDArray[Any]) -> Case:
    """A sample through a front end with a plan that changes nothing."""
    channels = 1 if raw.ndim == 1 else raw.shape[-1]
    low, high = ((one,) * channels for one in RAILS[raw.dtype.name])
    plan = preprocess.record(Plan(raw.dtype.name, raw.shape, low, high, ()))
    record = {**record, "plan": plan}
    function, units = work.front_end(record)
    return Case(function, units, lambda trial: trial.front_end(record, raw).instructions)


def plans(rng: Rng, repeats: int) -> Iterator[Plan]:
    """Plans of one filter each, of every kind that a sample may go through."""
    for _ in range(repeats):
        for dtype, kinds in _FILTERS.items():
            shape = _SHAPES[dtype](rng)
            channels = 1 if len(shape) == 1 else shape[-1]
            low, high = ((one,) * channels for one in RAILS[dtype])
            for kind in kinds:
                yield Plan(dtype, shape, low, high, (_filter(rng, kind),))


_FILTERS = {
    "uint8": (Kind.SQUEEZE, Kind.DOWNSAMPLE, Kind.MEDIAN),
    "int16": (Kind.SQUEEZE, Kind.MU_LAW, Kind.LOW_PASS),
    "int32": (Kind.SQUEEZE, Kind.MEDIAN, Kind.LOW_PASS),
}
_SHAPES: dict[str, Callable[[Rng], tuple[int, ...]]] = {
    "uint8": lambda rng: (whole(rng, 12, 30), whole(rng, 12, 30), whole(rng, 1, 3)),
    "int16": lambda rng: (whole(rng, 200, 800),),
    "int32": lambda rng: (whole(rng, 60, 150), whole(rng, 1, 5)),
}


def _filter(rng: Rng, kind: Kind) -> Filter:
    if kind is Kind.LOW_PASS:
        return Filter(kind, taps=preprocess.low_pass_taps(15.0, 50.0, 2 * whole(rng, 3, 20) + 1))
    if kind is Kind.DOWNSAMPLE:
        return Filter(kind, whole(rng, 2, 8))
    return Filter(kind, 0 if kind is Kind.MEDIAN else whole(rng, 4, 8))


def filtered(rng: Rng, plan: Plan) -> Case:
    """Values all over the sensor's range through a plan of one filter."""
    low, high = RAILS[plan.dtype]
    raw = rng.integers(low, high + 1, plan.shape).astype(plan.dtype)
    ((function, units),) = work.preprocess(plan)
    record = preprocess.record(plan)
    return Case(function, units, lambda trial: trial.preprocess(record, raw).instructions)
