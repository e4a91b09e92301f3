"""The differentiable twin: C's results forwards, and the gradients that an attack needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.backend import tf
from palisade.device.plans import PictureParams, SoundParams, TraceParams
from palisade.device.preprocess import UNITY, Filter, Kind, Plan
from palisade.preprocessing import FullScale, PerCount, Twin
from palisade.tasks.motion import threat as motion_threat
from palisade.tasks.vision import threat as vision_threat
from palisade.tasks.voice import threat as voice_threat

SAMPLES, RATE_HZ = 400, 16000.0
PIR_MG = 1000.0 / 4095.0
LOW, HIGH = (-2000, -2000, 0), (2000, 2000, 4095)


def sound_plan(**filters: Any) -> Plan:
    return SoundParams(**filters).plan(SAMPLES, RATE_HZ)


def picture_plan(**filters: Any) -> Plan:
    return PictureParams(**filters).plan(14, 11, 3)


def trace_plan(**filters: Any) -> Plan:
    return TraceParams(**filters).plan(60, 50.0, LOW, HIGH)


def task_of(plan: Plan) -> tuple[Any, Twin]:
    """The threat of the plan's task, and the plan's twin."""
    if plan.dtype == "int16":
        sound = voice_threat.Params(reference_speech_rms=0.05)
        return voice_threat.Threat(sound), Twin(plan, FullScale(32768.0))
    if plan.dtype == "uint8":
        still = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
        seen = vision_threat.Params.model_validate(still)
        return vision_threat.Threat(seen), Twin(plan, FullScale(255.0))
    sensors = motion_threat.Params(
        units=["mg", "mg", "pir"], acc_range_mg=2000.0, pir_full_scale_counts=4095.0,
        pir_share_per_mg=0.001, sample_rate_hz=50.0, shift_ms=[0.0, 0.0],
    )  # fmt: skip
    return motion_threat.Threat(sensors), Twin(plan, PerCount([1.0, 1.0, PIR_MG]))


def signals(plan: Plan, count: int) -> NDArray[np.float32]:
    """Anything that an attack may hand over: between counts, on ties, and beyond the sensor."""
    rng = np.random.default_rng(20261125)
    full = {"uint8": 255.0, "int16": 32768.0}.get(plan.dtype, 1.0)
    low, high = np.array(plan.low) / full, np.array(plan.high) / full
    if plan.dtype == "int32":
        low, high = low * [1, 1, PIR_MG], high * [1, 1, PIR_MG]
    if plan.dtype == "int16":
        low, high = low[0], high[0]
    span = high - low
    size = (count, *plan.shape)
    loudness = 10.0 ** rng.uniform(-3, 0, (count,) + (1,) * len(plan.shape))
    drawn = low + span * (0.5 + rng.uniform(-0.55, 0.55, size) * loudness)
    drawn[: count // 4] = low + span * rng.choice([-0.01, 0.0, 0.5, 1.0, 1.01], size)[: count // 4]
    drawn[1::4] = np.round(drawn[1::4] * full * 2) / 2 / full
    return drawn.astype(np.float32)


PLANS = [
    sound_plan(squeeze_bits=1),
    sound_plan(squeeze_bits=11),
    *[sound_plan(mu_law_bits=bits) for bits in (4, 7, 8, 10)],
    sound_plan(low_pass_hz=3000.0, low_pass_taps=31),
    sound_plan(low_pass_hz=500.0, low_pass_taps=255),
    sound_plan(low_pass_hz=7000.0, low_pass_taps=3, mu_law_bits=8, squeeze_bits=9),
    *[picture_plan(squeeze_bits=bits) for bits in (1, 3, 8)],
    *[picture_plan(downsample=side) for side in (2, 3, 20)],
    picture_plan(median=True),
    picture_plan(median=True, downsample=2, squeeze_bits=4),
    trace_plan(squeeze_bits=1),
    trace_plan(squeeze_bits=16),
    trace_plan(median=True),
    trace_plan(low_pass_hz=10.0, low_pass_taps=7),
    trace_plan(median=True, low_pass_hz=15.0, low_pass_taps=255, squeeze_bits=6),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.dtype}-{len(plan.filters)}")
def test_forwards_the_twin_is_the_device(plan: Plan) -> None:
    threat, twin = task_of(plan)
    x = signals(plan, 1000)
    expected = np.asarray(threat.signal(plan(threat.realise(x))))
    for found in (twin(tf.constant(x)), tf.function(twin)(tf.constant(x))):
        assert found.dtype == tf.float32
        np.testing.assert_array_equal(found, expected)


def test_saturation_at_the_ends_of_int32_is_the_same() -> None:
    """Taps of gain 2 on the largest counts; a task's own taps have gain 1."""
    ends = (-(2**31), 2**31 - 1)
    taps = (UNITY // 2, UNITY - 1, UNITY // 2)
    filters = (Filter(Kind.LOW_PASS, taps=taps), Filter(Kind.SQUEEZE, 16))
    plan = Plan("int32", (20, 1), ends[:1], ends[1:], filters)
    raw = np.random.default_rng(1).choice(ends, (1000, 20, 1)).astype(np.int32)
    found = Twin(plan, PerCount([1.0]))(tf.constant(raw.astype(np.float32)))
    counts = np.clip(raw.astype(np.float32).astype(np.int64), *ends).astype(np.int32)
    np.testing.assert_array_equal(found, plan(counts).astype(np.float32))


def test_without_filters_a_signal_is_left_as_it_is() -> None:
    for plan in (sound_plan(), picture_plan(), trace_plan()):
        x = tf.constant(signals(plan, 10))
        assert task_of(plan)[1](x) is x


def gradient(plan: Plan, x: NDArray[np.float32], upstream: NDArray[Any]) -> NDArray[Any]:
    _, twin = task_of(plan)
    at = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(at)
        total = tf.reduce_sum(twin(at) * upstream.astype(np.float32))
    return np.asarray(tape.gradient(total, at))


def within(plan: Plan, count: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Signals that the sensor delivers, no two values alike, and weights of their results."""
    rng = np.random.default_rng(7)
    counts = [
        np.linspace(plan.low[-1] + 1, plan.high[-1] - 1, np.prod(plan.shape)) for _ in range(count)
    ]
    drawn = np.stack([rng.permutation(one).reshape(plan.shape) for one in counts])
    threat, _ = task_of(plan)
    raw = np.clip(np.rint(drawn), plan.low, plan.high).astype(plan.dtype)
    return np.asarray(threat.signal(raw)), rng.normal(size=raw.shape)


@pytest.mark.parametrize(
    "plan",
    [
        sound_plan(squeeze_bits=2),
        sound_plan(mu_law_bits=4),
        picture_plan(squeeze_bits=1),
        trace_plan(squeeze_bits=3),
    ],
)
def test_backwards_rounding_to_levels_is_the_identity(plan: Plan) -> None:
    x, upstream = within(plan, 20)
    np.testing.assert_allclose(gradient(plan, x, upstream), upstream, rtol=1e-6)


def test_backwards_a_block_mean_shares_out() -> None:
    plan = picture_plan(downsample=3)
    x, upstream = within(plan, 20)
    expected, area = upstream, np.ones_like(upstream)
    for axis, side in ((1, 14), (2, 11)):
        starts = np.arange(0, side, 3)
        lengths = np.diff(np.append(starts, side))
        expected = np.add.reduceat(expected, starts, axis).repeat(lengths, axis)
        area = np.add.reduceat(area, starts, axis).repeat(lengths, axis)
    np.testing.assert_allclose(gradient(plan, x, upstream), expected / area, rtol=1e-5, atol=1e-6)


def test_backwards_a_low_pass_filters_again() -> None:
    plan = sound_plan(low_pass_hz=3000.0, low_pass_taps=15)
    x, upstream = within(plan, 20)
    x = x / 4  # so that nothing saturates
    taps = np.array(plan.filters[0].taps) / UNITY
    spread = np.stack([np.convolve(one, taps, "full") for one in upstream])
    expected = spread[:, 7:-7].copy()
    expected[:, 0] += spread[:, :7].sum(axis=1)  # the edge stands for what is beyond it
    expected[:, -1] += spread[:, -7:].sum(axis=1)
    np.testing.assert_allclose(gradient(plan, x, upstream), expected, rtol=1e-5, atol=1e-6)


def test_backwards_what_saturates_has_no_gradient() -> None:
    taps = (UNITY - 1, UNITY - 1, UNITY - 1)
    plan = Plan("int16", (9,), (-32768,), (32767,), (Filter(Kind.LOW_PASS, taps=taps),))
    assert not gradient(plan, np.full((1, 9), 0.5, np.float32), np.ones((1, 9))).any()
    assert gradient(plan, np.full((1, 9), 0.1, np.float32), np.ones((1, 9))).all()


@pytest.mark.parametrize("plan", [picture_plan(median=True), trace_plan(median=True)])
def test_backwards_a_median_goes_to_the_value_that_it_chose(plan: Plan) -> None:
    shape = (6, 6, 1) if plan.dtype == "uint8" else (60, 3)
    low, high = plan.low[: shape[-1]], plan.high[: shape[-1]]
    plan = Plan(plan.dtype, shape, (0,) * len(low), (255,) * len(high), plan.filters)
    rng = np.random.default_rng(8)
    for _ in range(30):
        raw = np.stack([rng.permutation(180)[: np.prod(shape)].reshape(shape)])  # no two alike
        upstream = rng.normal(size=raw.shape)
        threat, _ = task_of(plan)
        found = gradient(plan, np.asarray(threat.signal(raw.astype(plan.dtype))), upstream)
        chosen = plan(raw.astype(plan.dtype))
        expected = np.array([upstream[chosen == value].sum() for value in raw.flat])
        np.testing.assert_allclose(found, expected.reshape(raw.shape), rtol=1e-5, atol=1e-6)


def test_an_attack_sees_through_all_filters_at_once() -> None:
    """Where the mean of the results goes, a small step against the gradient takes it."""
    plans = (
        sound_plan(low_pass_hz=3000.0, mu_law_bits=8, squeeze_bits=9),
        picture_plan(median=True, downsample=2, squeeze_bits=5),
        trace_plan(median=True, low_pass_hz=10.0, squeeze_bits=9),
    )
    for plan in plans:
        _, twin = task_of(plan)
        x, _ = within(plan, 50)
        x = 0.9 * x + 0.05 * x.mean()
        slope = gradient(plan, x, np.ones_like(x))
        assert np.isfinite(slope).all() and np.abs(slope).mean() > 0.1
        step = np.float32(0.05) * x.std() * np.sign(slope)
        assert np.mean(twin(x + step)) > np.mean(twin(x)) > np.mean(twin(x - step))
