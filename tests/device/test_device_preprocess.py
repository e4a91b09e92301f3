"""Squeezing and filters in C, bit for bit against NumPy, SciPy and exact fractions."""

from __future__ import annotations

import audioop
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from palisade.device import library
from palisade.device.plans import PictureParams, SoundParams, TraceParams
from palisade.device.preprocess import UNITY, Filter, Kind, Plan, low_pass_taps
from palisade.errors import PalisadeError

INPUTS = 10_000  # a function
INT16 = np.arange(-32768, 32768).astype(np.int16)


def handed(arguments: tuple[Any, ...]) -> list[Any]:
    """Arguments as C takes them: pointers to arrays, and NULL for None."""
    ffi, _ = library.load()
    pointers = [library.pointer(a) if isinstance(a, np.ndarray) else a for a in arguments]
    return [ffi.NULL if one is None else one for one in pointers]


def call(name: str, values: NDArray[Any], *arguments: Any) -> NDArray[Any]:
    """What a function makes of a copy of its values; arrays among the arguments are pointed to.

    On a fault, the values must be as they were.
    """
    found = values.copy()
    status = getattr(library.load()[1], name)(library.pointer(found), *handed(arguments))
    if status != 0:
        np.testing.assert_array_equal(found, values)
    library.require(status, name)
    return found


def drawn(rng: np.random.Generator, shape: Any, dtype: Any) -> NDArray[Any]:
    """Over the whole range, sometimes at its ends alone, sometimes all the same or small."""
    ends = np.iinfo(dtype)
    kind = rng.integers(4)
    if kind == 0:
        return np.array(rng.choice([ends.min, ends.max], shape), dtype)
    if kind == 1:
        return np.array(np.full(shape, rng.integers(ends.min, ends.max, endpoint=True)), dtype)
    low, high = (ends.min, ends.max) if kind == 2 else (max(ends.min, -20), 20)
    return np.array(rng.integers(low, high, shape, endpoint=True), dtype)


def pictures() -> Iterator[tuple[np.random.Generator, NDArray[np.uint8]]]:
    rng = np.random.default_rng(1)
    for _ in range(INPUTS):
        shape = (*rng.integers(1, 13, 2), rng.choice([1, 3]))
        yield rng, drawn(rng, shape, np.uint8)


def series(dtype: Any, most_channels: int) -> Iterator[tuple[np.random.Generator, NDArray[Any]]]:
    rng = np.random.default_rng(2)
    for _ in range(INPUTS):
        shape = (rng.integers(1, 61), rng.integers(1, most_channels, endpoint=True))
        yield rng, drawn(rng, shape, dtype)


def nearest_level(value: int, bits: int, low: int, high: int) -> int:
    """In exact fractions; a tie goes up."""
    half, steps, value = Fraction(1, 2), 2**bits - 1, min(max(value, low), high)
    level = math.floor(Fraction((value - low) * steps, high - low) + half)
    return low + math.floor(Fraction(level * (high - low), steps) + half)


@pytest.mark.parametrize("bits", range(1, 9))
def test_pixels_are_squeezed_to_the_nearest_level(bits: int) -> None:
    values = np.arange(256).astype(np.uint8)
    expected = [nearest_level(int(value), bits, 0, 255) for value in values]
    found = call("pal_squeeze_u8", values, 256, bits)
    np.testing.assert_array_equal(found, expected)
    assert len(set(found.tolist())) == 2**bits
    assert np.abs(found.astype(int) - values).max() <= 255 / (2**bits - 1) / 2 + 0.5


@pytest.mark.parametrize("bits", range(1, 16))
def test_sound_is_squeezed_to_the_nearest_level(bits: int) -> None:
    rng = np.random.default_rng(bits)
    for _ in range(10):
        low, high = (int(bound) for bound in np.sort(rng.choice(INT16, 2, replace=False)))
        values = np.append(rng.choice(INT16, INPUTS // 50), [low, high, -32768, 32767])
        expected = [nearest_level(int(value), bits, low, high) for value in values]
        found = call("pal_squeeze_i16", values.astype(np.int16), len(values), bits, low, high)
        np.testing.assert_array_equal(found, expected)
    whole = call("pal_squeeze_i16", INT16, len(INT16), bits, -32768, 32767)
    assert len(np.unique(whole)) == 2**bits
    assert whole[0] == -32768 and whole[-1] == 32767


def test_traces_are_squeezed_to_the_nearest_level_of_their_channel() -> None:
    for rng, values in series(np.int32, 3):
        bits, (count, channels) = int(rng.integers(1, 17)), values.shape
        bounds = np.sort(drawn(rng, (2, channels), np.int32), axis=0)
        low, high = bounds[0], np.maximum(bounds[1], np.minimum(bounds[0], 2**31 - 2) + 1)
        low = np.minimum(low, high - 1).astype(np.int32)
        high = high.astype(np.int32)
        found = call("pal_squeeze_i32", values, values.size, bits, channels, low, high)
        at, of = rng.integers(count), rng.integers(channels)
        expected = nearest_level(int(values[at, of]), bits, int(low[of]), int(high[of]))
        assert found[at, of] == expected


def test_blocks_become_their_mean() -> None:
    for rng, picture in pictures():
        block = int(rng.integers(1, 7))
        height, width, channels = picture.shape
        found = call("pal_downsample_u8", picture, height, width, channels, block)
        total, area = picture.astype(np.int64), np.ones_like(picture, np.int64)
        for axis, side in ((0, height), (1, width)):
            starts = np.arange(0, side, block)
            lengths = np.diff(np.append(starts, side))
            total = np.add.reduceat(total, starts, axis).repeat(lengths, axis)
            area = np.add.reduceat(area, starts, axis).repeat(lengths, axis)
        np.testing.assert_array_equal(found, np.floor(total / area + 0.5))


def test_pictures_get_the_median_of_their_neighbours() -> None:
    for _, picture in pictures():
        height, width, channels = picture.shape
        rows = np.zeros(2 * width * channels, np.uint8)
        found = call("pal_median3x3_u8", picture, height, width, channels, rows, len(rows))
        expected = scipy.ndimage.median_filter(picture, size=(3, 3, 1), mode="nearest")
        np.testing.assert_array_equal(found, expected)


def test_traces_get_the_median_of_their_neighbours_in_time() -> None:
    for _, values in series(np.int32, 4):
        found = call("pal_median3_i32", values, values.size, values.shape[1])
        expected = scipy.ndimage.median_filter(values, size=(3, 1), mode="nearest")
        np.testing.assert_array_equal(found, expected)


def companded_by_table(values: NDArray[np.int16], bits: int) -> NDArray[Any]:
    """By a list of every step in every segment."""
    bias = 128 + 2 ** (10 - bits)
    widths = [2 ** (7 + segment) // 2 ** (bits - 4) for segment in range(8)]
    starts = np.concatenate(
        [np.arange(2 ** (7 + i), 2 ** (8 + i), width) for i, width in enumerate(widths)]
    )
    middles = starts + np.repeat(widths, 2 ** (bits - 4)) // 2 - bias
    sizes = np.minimum(np.abs(values.astype(int)), 32767 - bias) + bias
    return np.sign(values.astype(int)) * middles[np.searchsorted(starts, sizes, "right") - 1]


@pytest.mark.parametrize("bits", range(4, 11))
def test_companding_gives_the_middle_of_a_step(bits: int) -> None:
    found = call("pal_mu_law_i16", INT16, len(INT16), bits)
    np.testing.assert_array_equal(found, companded_by_table(INT16, bits))
    size, error = np.abs(INT16.astype(int)), np.abs(found.astype(int) - INT16)
    assert (error <= (size + 128 + 2 ** (10 - bits)) / 2 ** (bits - 3)).all()
    assert len(np.unique(found)) == 2**bits - 1  # zero has no sign
    assert found[32768] == 0


def test_eight_bits_are_those_of_g711() -> None:
    """On the 14 bits that G.711 is defined for; Python's audioop is a reading of it."""
    values = INT16[::4]
    reference = audioop.ulaw2lin(audioop.lin2ulaw(values.tobytes(), 2), 2)
    found = call("pal_mu_law_i16", values, len(values), 8)
    np.testing.assert_array_equal(found, np.frombuffer(reference, np.int16))


def filtered(values: NDArray[Any], taps: NDArray[Any]) -> NDArray[Any]:
    """In float64, in which all these sums are exact."""
    total = scipy.ndimage.correlate1d(values.astype(np.float64), taps, axis=0, mode="nearest")
    ends = np.iinfo(values.dtype)
    return np.clip(np.floor((total + UNITY / 2) / UNITY), ends.min, ends.max)


def drawn_taps(rng: np.random.Generator) -> NDArray[np.int16]:
    half = drawn(rng, rng.integers(0, 8), np.int16)
    return np.concatenate([half, drawn(rng, 1, np.int16), half[::-1]])


@pytest.mark.parametrize(("dtype", "channels"), [(np.int16, 1), (np.int32, 4)])
def test_a_low_pass_is_a_rounded_weighted_sum(dtype: Any, channels: int) -> None:
    for rng, values in series(dtype, channels):
        taps = drawn_taps(rng)
        window = np.zeros(len(taps), np.int32)
        own = () if dtype is np.int16 else (values.shape[1],)
        name = "pal_low_pass_i16" if dtype is np.int16 else "pal_low_pass_i32"
        found = call(name, values, values.size, *own, taps, len(taps), window, len(window))
        np.testing.assert_array_equal(found, filtered(values, taps))


@pytest.mark.parametrize("cutoff_hz", [100.0, 1000.0, 7900.0])
@pytest.mark.parametrize("count", [3, 31, 255])
def test_taps_pass_what_is_constant_and_halve_at_the_cut_off(cutoff_hz: float, count: int) -> None:
    taps = np.array(low_pass_taps(cutoff_hz, 16000.0, count))
    assert taps.sum() == UNITY and len(taps) == count
    np.testing.assert_array_equal(taps, taps[::-1])
    assert np.abs(taps).max() < UNITY
    if count == 255 and cutoff_hz == 1000.0:
        gain = np.abs(np.fft.rfft(taps / UNITY, 16000))
        assert gain[1000] == pytest.approx(0.5, abs=0.01)
        assert gain[1200:].max() < 0.01 and gain[:800].min() > 0.99


@pytest.mark.parametrize("cutoff_hz", [0.0, 8000.0, 9000.0])
def test_a_cut_off_beyond_the_signal_is_refused(cutoff_hz: float) -> None:
    with pytest.raises(PalisadeError, match="low_pass_hz is .* above 0 and below 8000"):
        low_pass_taps(cutoff_hz, 16000.0, 31)


U8, I16, I32 = np.ones(12, np.uint8), np.ones(12, np.int16), np.ones(12, np.int32)
TAPS, ASKEW = np.int16([1, 2, 1]), np.int16([1, 2, 3])
LOW, HIGH = np.int32([0, 5]), np.int32([1, 5])
FAULTS: dict[str, list[tuple[NDArray[Any], tuple[Any, ...]]]] = {
    "pal_squeeze_u8 RANGE": [(U8, (12, 0)), (U8, (12, 9)), (U8, (12, -(2**31)))],
    "pal_squeeze_u8 LENGTH": [(U8, (0, 4)), (U8, (2**20 + 1, 4)), (U8, (2**63, 4))],
    "pal_squeeze_i16 RANGE": [
        (I16, (12, 0, 0, 1)),
        (I16, (12, 16, 0, 1)),
        (I16, (12, 8, 1, 1)),
        (I16, (12, 8, -32769, 1)),
        (I16, (12, 8, 0, 32768)),
    ],
    "pal_squeeze_i32 RANGE": [
        (I32, (12, 17, 2, LOW, HIGH)),
        (I32, (12, 8, 2, LOW, HIGH)),
        (I32, (12, 8, 17, LOW, HIGH)),
        (I32, (12, 8, 0, LOW, HIGH)),
    ],
    "pal_squeeze_i32 LENGTH": [(I32, (11, 8, 2, LOW, HIGH))],
    "pal_squeeze_i32 ARGUMENT": [
        (I32, (12, 8, 1, None, HIGH)),
        (I32, (12, 8, 1, LOW, None)),
    ],
    "pal_downsample_u8 RANGE": [(U8, (3, 4, 1, 0)), (U8, (3, 4, 1, 65)), (U8, (3, 4, 17, 2))],
    "pal_downsample_u8 LENGTH": [
        (U8, (0, 4, 1, 2)),
        (U8, (3, 0, 1, 2)),
        (U8, (4097, 1, 1, 2)),
        (U8, (2**31, 2**31, 4, 2)),
        (U8, (4096, 4096, 1, 2)),
    ],
    "pal_median3x3_u8 LENGTH": [(U8, (3, 4, 1, U8, 7)), (U8, (0, 4, 1, U8, 12))],
    "pal_median3x3_u8 ARGUMENT": [(U8, (3, 4, 1, None, 8))],
    "pal_median3_i32 LENGTH": [(I32, (12, 5)), (I32, (0, 1))],
    "pal_median3_i32 RANGE": [(I32, (12, 0))],
    "pal_mu_law_i16 RANGE": [(I16, (12, 3)), (I16, (12, 11))],
    "pal_low_pass_i16 LENGTH": [
        (I16, (12, TAPS, 2, I32, 12)),
        (I16, (12, TAPS, 0, I32, 12)),
        (I16, (12, TAPS, 257, I32, 300)),
        (I16, (12, TAPS, 3, I32, 2)),
    ],
    "pal_low_pass_i16 ARGUMENT": [
        (I16, (12, ASKEW, 3, I32, 12)),
        (I16, (12, None, 3, I32, 12)),
        (I16, (12, TAPS, 3, None, 12)),
    ],
    "pal_low_pass_i32 LENGTH": [(I32, (12, 5, TAPS, 3, I32, 12)), (I32, (12, 2, TAPS, 3, I32, 2))],
    "pal_low_pass_i32 ARGUMENT": [(I32, (12, 2, ASKEW, 3, I32, 12))],
}


@pytest.mark.parametrize("case", FAULTS)
def test_wrong_arguments_are_a_fault_and_change_nothing(case: str) -> None:
    name, status = case.split()
    for values, arguments in FAULTS[case]:
        with pytest.raises(library.Fault, match=f"PAL_FAULT_{status}"):
            call(name, values, *arguments)


@pytest.mark.parametrize("name", sorted({case.split()[0] for case in FAULTS}))
def test_no_sample_at_all_is_a_fault(name: str) -> None:
    arguments = next(cases[0][1] for case, cases in FAULTS.items() if case.split()[0] == name)
    ffi, lib = library.load()
    assert getattr(lib, name)(ffi.NULL, *handed(arguments)) != 0


def picture_by_hand(raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    expected = scipy.ndimage.median_filter(raw, size=(3, 3, 1), mode="nearest")
    expected = call("pal_downsample_u8", expected, *raw.shape, 3)
    return call("pal_squeeze_u8", expected, expected.size, 5)


def sound_by_hand(raw: NDArray[np.int16]) -> NDArray[np.int16]:
    taps = np.array(low_pass_taps(3000.0, 16000.0, 15))
    expected = filtered(raw, taps).astype(np.int16)
    expected = companded_by_table(expected, 8).astype(np.int16)
    return call("pal_squeeze_i16", expected, expected.size, 9, -32768, 32767)


def trace_by_hand(raw: NDArray[np.int32]) -> NDArray[np.int32]:
    expected = scipy.ndimage.median_filter(raw, size=(3, 1), mode="nearest")
    expected = filtered(expected, np.array(low_pass_taps(10.0, 50.0, 7))).astype(np.int32)
    low, high = np.int32([-2000, 0]), np.int32([2000, 4095])
    return call("pal_squeeze_i32", expected, expected.size, 6, 2, low, high)


PLANS: dict[str, tuple[Plan, Callable[[Any], Any]]] = {
    "picture": (
        PictureParams(median=True, downsample=3, squeeze_bits=5).plan(10, 8, 3),
        picture_by_hand,
    ),
    "sound": (
        SoundParams(low_pass_hz=3000.0, low_pass_taps=15, mu_law_bits=8, squeeze_bits=9).plan(
            160, 16000.0
        ),
        sound_by_hand,
    ),
    "trace": (
        TraceParams(median=True, low_pass_hz=10.0, low_pass_taps=7, squeeze_bits=6).plan(
            40, 50.0, (-2000, 0), (2000, 4095)
        ),
        trace_by_hand,
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_does_its_filters_in_order_and_leaves_its_input(name: str) -> None:
    plan, by_hand = PLANS[name]
    rng = np.random.default_rng(3)
    raw = np.stack([drawn(rng, plan.shape, plan.dtype) for _ in range(200)])
    given = raw.copy()
    found = plan(raw)
    np.testing.assert_array_equal(raw, given)
    np.testing.assert_array_equal(found, [by_hand(one) for one in raw])


def test_by_default_nothing_is_done() -> None:
    plans = [
        PictureParams().plan(16, 16, 1),
        SoundParams().plan(100, 16000.0),
        TraceParams().plan(20, 50.0, (-5,), (5,)),
    ]
    rng = np.random.default_rng(4)
    for plan in plans:
        raw = drawn(rng, (5, *plan.shape), plan.dtype)
        assert plan.filters == ()
        np.testing.assert_array_equal(plan(raw), raw)


def test_other_samples_than_the_plan_is_for_are_named() -> None:
    plan = SoundParams(mu_law_bits=8).plan(100, 16000.0)
    with pytest.raises(PalisadeError, match=r"samples are int16\[99\], and .* int16\[100\]"):
        plan(np.zeros((1, 99), np.int16))
    with pytest.raises(PalisadeError, match=r"samples are float32\[100\]"):
        plan(np.zeros((1, 100), np.float32))


SAMPLES = {"uint8": (4, 4, 1), "int16": (16,), "int32": (8, 2)}
FITTING = {
    "uint8": {Kind.SQUEEZE, Kind.DOWNSAMPLE, Kind.MEDIAN},
    "int16": {Kind.SQUEEZE, Kind.MU_LAW, Kind.LOW_PASS},
    "int32": {Kind.SQUEEZE, Kind.MEDIAN, Kind.LOW_PASS},
}


def plan_of(dtype: str, *filters: Filter) -> Plan:
    channels = SAMPLES[dtype][-1] if dtype == "int32" else 1
    return Plan(dtype, SAMPLES[dtype], (0,) * channels, (255,) * channels, filters)


@pytest.mark.parametrize("dtype", SAMPLES)
@pytest.mark.parametrize("kind", Kind)
def test_a_filter_works_on_its_own_kinds_of_sample_alone(dtype: str, kind: Kind) -> None:
    plan = plan_of(dtype, Filter(kind, 4, (1, 2, 1)))
    raw = np.ones((1, *plan.shape), dtype)
    if kind in FITTING[dtype]:
        plan(raw)
    else:
        with pytest.raises(library.Fault, match="PAL_FAULT_ARGUMENT"):
            plan(raw)


@pytest.mark.parametrize(
    ("plan", "status"),
    [
        (plan_of("uint8", *[Filter(Kind.SQUEEZE, 4)] * 9), "RANGE"),
        (plan_of("uint8", Filter(Kind.SQUEEZE, 9)), "RANGE"),
        (plan_of("uint8", Filter(Kind.DOWNSAMPLE, 65)), "RANGE"),
        (plan_of("int16", Filter(Kind.MU_LAW, 3)), "RANGE"),
        (plan_of("int16", Filter(Kind.LOW_PASS, taps=(1, 1))), "LENGTH"),
        (plan_of("int16", Filter(Kind.LOW_PASS, taps=(1, 1, 2))), "ARGUMENT"),
        (Plan("int16", (0,), (0,), (1,), ()), "LENGTH"),
        (Plan("int16", (9,), (1,), (1,), ()), "RANGE"),
        (Plan("int32", (9, 17), (0,) * 17, (1,) * 17, ()), "RANGE"),
        (Plan("uint8", (4096, 4096, 1), (0,), (255,), ()), "LENGTH"),
    ],
)
def test_a_plan_that_cannot_be_is_a_fault(plan: Plan, status: str) -> None:
    with pytest.raises(library.Fault, match=f"PAL_FAULT_{status}"):
        plan(np.zeros((1, *plan.shape), plan.dtype))


@pytest.mark.parametrize(
    ("params", "values", "reason"),
    [
        (PictureParams, {"downsample": 1}, r"must be 0 \(off\), or from 2 to 64"),
        (PictureParams, {"squeeze_bits": 9}, r"must be 0 \(off\), or from 1 to 8"),
        (SoundParams, {"mu_law_bits": 3}, r"must be 0 \(off\), or from 4 to 10"),
        (SoundParams, {"low_pass_taps": 30}, "must be odd"),
        (TraceParams, {"squeeze_bits": -1}, r"must be 0 \(off\), or from 1 to 16"),
        (TraceParams, {"mu_law_bits": 8}, "not permitted"),
    ],
)
def test_params_out_of_range_are_refused(params: Any, values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        params(**values)
