"""Elementary functions in float32 against NumPy in float64, over all kinds of float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.device import library

EXACT: dict[str, tuple[Callable[[Any], Any], float]] = {  # and the error that numeric.h states
    "pal_log_f32": (np.log, 0.9),
    "pal_log1p_f32": (np.log1p, 0.9),
    "pal_exp_f32": (np.exp, 1.1),
    "pal_sqrt_f32": (np.sqrt, 0.5),
    "pal_asinh_f32": (np.arcsinh, 1.8),
}
CANONICAL_NAN = 0x7FC00000


def of_all_kinds(count: int = 100_000) -> NDArray[np.float32]:
    """Random bit patterns, values of ordinary size, and the edges of float32."""
    rng = np.random.default_rng(20261125)
    patterns = rng.integers(0, 2**32, count, dtype=np.uint32).view(np.float32)
    ordinary = np.float32(rng.normal(0, 1, count) * 10.0 ** rng.uniform(-8, 3, count))
    tiny, large = np.float32(2**-149), np.finfo(np.float32).max
    edges = [0.0, tiny, 2**-126, 2**-126 - tiny, 0.5, 1.0, 2**0.5, 2.0, 88.7, 104.0, large, np.inf]
    near = np.nextafter(np.float32(edges), np.float32(0))
    ends = np.concatenate([np.float32(edges), near, np.float32([np.nan])])
    both = np.concatenate([patterns, ordinary, ends])
    return np.concatenate([both, -both])


def called(name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    function = getattr(library.load()[1], name)
    return np.array([function(float(one)) for one in values], np.float32)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_function_is_as_exact_as_its_header_says(name: str) -> None:
    reference, most_ulp = EXACT[name]
    values = of_all_kinds()
    found, exact = called(name, values), reference(values.astype(np.float64))
    rounded = exact.astype(np.float32)
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(found[~finite], rounded[~finite])
    bits = found[np.isnan(exact)].view(np.uint32)
    assert len(bits) > 100 and (bits == CANONICAL_NAN).all()
    # The spacing of float32 below the true value's power of two; 2^-149 among the subnormal.
    spacing = np.exp2(np.maximum(np.frexp(exact[finite])[1] - 24, -149).astype(np.float64))
    error_ulp = np.abs(found[finite] - exact[finite]) / spacing
    assert error_ulp.max() <= most_ulp, f"{name} errs by {error_ulp.max():.3f} ulp"
    zero = finite & (exact == 0)
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(exact[zero]))


def test_rounding_goes_to_the_nearest_and_from_ties_to_even() -> None:
    values = of_all_kinds()
    halves = np.arange(-5000, 5000).astype(np.float32) / 2
    bounds = np.float32([2**31, -(2**31), 2**31 - 128, 2**23 + 1, 2**22 + 0.5, -(2**22) - 0.5])
    values = np.concatenate([values, halves, bounds])
    function = library.load()[1].pal_round_half_even
    found = np.array([function(float(one)) for one in values])
    exact = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf).astype(np.float64)
    np.testing.assert_array_equal(found, np.clip(np.rint(exact), -(2**31), 2**31 - 1))


def test_only_infinities_and_nan_are_not_finite() -> None:
    values = of_all_kinds(1000)
    function = library.load()[1].pal_is_finite
    found = [bool(function(float(one))) for one in values]
    np.testing.assert_array_equal(found, np.isfinite(values))


def quantised(values: NDArray[np.float32], scale: float, zero_point: int) -> NDArray[np.int8]:
    ffi, lib = library.load()
    to = ffi.new("pal_quantisation *", {"scale": scale, "zero_point": zero_point})
    found = np.zeros(len(values), np.int8)
    status = lib.pal_quantise_i8(to, library.pointer(values), len(values), library.pointer(found))
    library.require(status, "pal_quantise_i8")
    return found


@pytest.mark.parametrize("zero_point", [-128, -3, 0, 127])
@pytest.mark.parametrize("scale", [1 / 255, 0.5, 1e-30, 3e38])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_quantising_rounds_and_saturates_as_numpy_does(scale: float, zero_point: int) -> None:
    values = of_all_kinds(5000)
    ties = np.float32(np.arange(-600, 600) / 2) * np.float32(scale)
    values = np.concatenate([values[np.isfinite(values)], ties[np.isfinite(ties)]])
    steps = np.rint(values / np.float32(scale))
    expected = np.clip(steps.astype(np.float64) + zero_point, -128, 127).astype(np.int8)
    np.testing.assert_array_equal(quantised(values, scale, zero_point), expected)


@pytest.mark.parametrize(
    ("scale", "zero_point"),
    [(0.0, 0), (-1.0, 0), (np.inf, 0), (np.nan, 0), (1.0, 128), (1.0, -129)],
)
def test_a_scale_or_zero_point_that_cannot_be_is_a_fault(scale: float, zero_point: int) -> None:
    with pytest.raises(library.Fault, match="PAL_FAULT_RANGE"):
        quantised(np.zeros(1, np.float32), scale, zero_point)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_not_quantised(value: float) -> None:
    with pytest.raises(library.Fault, match="PAL_FAULT_NOT_FINITE"):
        quantised(np.float32([0, value]), 1.0, 0)
