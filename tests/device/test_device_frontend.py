"""Front ends in C against the TensorFlow ones and against librosa and SciPy in float64."""

from __future__ import annotations

from functools import cache
from typing import Any

import librosa
import numpy as np
import pytest
import scipy.signal
from numpy.typing import NDArray

from palisade import cepstrum
from palisade.device import frontend, library, preprocess
from palisade.device.plans import PictureParams, SoundParams, TraceParams
from palisade.device.records import struct
from palisade.errors import PalisadeError
from palisade.tasks.motion import features as motion_features
from palisade.tasks.motion import threat as motion_threat
from palisade.tasks.vision import features as vision_features
from palisade.tasks.vision import threat as vision_threat
from palisade.tasks.voice import features as voice_features
from palisade.tasks.voice import threat as voice_threat

VOICE = voice_features.Params(
    sample_rate_hz=16000, clip_ms=1000, window_ms=30, hop_ms=20, fft_length=512, mel_bands=40,
    lowest_hz=20.0, highest_hz=7600.0, coefficients=10, lifter=22, energy_offset=0.4,
)  # fmt: skip
VISION = vision_features.Params(image_px=32, channels="colour")
MOTION = motion_features.Params(
    units=["mg", "mg", "mg", "pir"],
    samples=150,
    frame_samples=4,
    acc_offset_mg=100.0,
    pir_offset_mg=250.0,
)
SENSORS = motion_threat.Params(
    units=MOTION.units,
    acc_range_mg=2000.0,
    pir_full_scale_counts=4095.0,
    pir_share_per_mg=0.001,
    sample_rate_hz=50.0,
    shift_ms=[0.0, 0.0],
)
# An input's scale and zero point, such as conversion chooses; a step of int8 is a scale.
VOICE_SCALE, VISION_SCALE, MOTION_SCALE = 0.125, 1 / 255, 0.019


def sounds(count: int) -> NDArray[np.int16]:
    """Silence, full scale, and tones with noise of any loudness."""
    rng = np.random.default_rng(20261125)
    time_s = np.arange(VOICE.samples) / VOICE.sample_rate_hz
    tone = np.sin(2 * np.pi * rng.uniform(20, 8000, (count, 1)) * time_s)
    loudness = 10.0 ** rng.uniform(-4.5, 0.3, (count, 2, 1))
    mixed = tone * loudness[:, 0] + rng.normal(size=tone.shape) * loudness[:, 1]
    mixed[:3] = [[0.0], [1.0], [-1.0]]
    mixed[3] = np.sign(tone[3])
    return np.clip(np.rint(mixed * 32768), -32768, 32767).astype(np.int16)


def pictures(count: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def traces(count: int) -> NDArray[np.int32]:
    """Rest, stops of the converters, and shaking of any strength about gravity."""
    rng = np.random.default_rng(2)
    scale = 10.0 ** rng.uniform(-1, 3.5, (count, 1, 4))
    drawn = rng.normal(size=(count, MOTION.samples, 4)) * scale + rng.uniform(
        -1000, 4000, (count, 1, 4)
    )
    drawn[0], drawn[1] = -2000, 4095
    drawn[2] = np.where(np.arange(MOTION.samples) % 2, -2000, 4095)[:, None]
    low, high = [-2000, -2000, -2000, 0], [2000, 2000, 2000, 4095]
    return np.clip(np.rint(drawn), low, high).astype(np.int32)


def quantised(features: NDArray[np.float32], scale: float, zero_point: int) -> NDArray[np.int8]:
    steps = np.rint(features / np.float32(scale)) + zero_point
    return np.clip(steps, -128, 127).astype(np.int8)


TASKS = ("voice", "vision", "motion")


@cache
def case(task: str) -> tuple[frontend.FrontEnd, NDArray[Any], float]:
    """The front end in C, raw samples, and the scale of the network's input."""
    if task == "voice":
        return frontend.Voice(VOICE), sounds(200), VOICE_SCALE
    if task == "vision":
        return frontend.Vision(VISION), pictures(1000), VISION_SCALE
    return frontend.Motion(MOTION, SENSORS), traces(1000), MOTION_SCALE


@cache
def by_tensorflow(task: str) -> NDArray[np.float32]:
    """Features of the case's samples."""
    _, raw, _ = case(task)
    if task == "voice":
        front_end: Any = voice_features.FrontEnd(VOICE)
        threat: Any = voice_threat.Threat(voice_threat.Params(reference_speech_rms=0.05))
    elif task == "vision":
        still = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
        front_end = vision_features.FrontEnd(VISION)
        threat = vision_threat.Threat(vision_threat.Params.model_validate(still))
    else:
        front_end = motion_features.FrontEnd(MOTION)
        threat = motion_threat.Threat(SENSORS)
    batches = np.array_split(raw, 10)
    return np.concatenate([np.asarray(front_end(threat.signal(batch))) for batch in batches])


@pytest.mark.parametrize("task", TASKS)
def test_the_device_gives_the_int8_features_that_the_twin_gives(task: str) -> None:
    device, raw, scale = case(task)
    expected = quantised(by_tensorflow(task), scale, -3)
    found = device.int8(raw, scale, -3)
    assert found.shape == expected.shape == (len(raw), *device.shape)
    apart = np.abs(found.astype(int) - expected)
    share = float(np.mean(apart == 0))
    least = 1.0 if task == "vision" else 0.9999
    assert apart.max() <= 1 and share >= least, f"{share:.6%} equal, {apart.max()} steps apart"
    assert len(np.unique(found)) > 100


@pytest.mark.parametrize("task", TASKS)
def test_the_device_gives_the_features_that_the_twin_gives(task: str) -> None:
    device, raw, scale = case(task)
    apart = np.abs(device.floats(raw) - by_tensorflow(task)).max() / scale
    assert apart < (1e-9 if task == "vision" else 5e-4), f"{apart:.2e} steps of int8 apart"


def cepstrum_by_librosa(raw: NDArray[np.int16], params: voice_features.Params) -> NDArray[Any]:
    """float64 throughout, ``[n, frames, coefficients, 1]``."""
    spectrum = librosa.stft(
        raw / 32768.0,
        n_fft=params.fft_length,
        hop_length=params.hop,
        win_length=params.fft_length,
        window=np.pad(
            scipy.signal.get_window("hann", params.window), (0, params.fft_length - params.window)
        ),
        center=False,
        dtype=np.complex128,
    )
    # Frames of fft_length samples, so the last ones that a window still fits into are missing.
    energy = cepstrum.mel_filters(params).astype(np.float64).T @ np.abs(spectrum) ** 2
    logs = np.log1p(energy / params.energy_offset)
    matrix = cepstrum.cepstral_matrix(params).T
    return np.swapaxes(matrix @ logs, 1, 2)[..., np.newaxis]


@pytest.mark.parametrize(
    ("fft_length", "window_ms", "hop_ms"),
    [(128, 8, 5), (256, 16, 8), (512, 30, 20), (1024, 64, 32), (2048, 64, 40), (4096, 64, 64)],
)
@pytest.mark.filterwarnings("ignore:Empty filters")  # of 128 points; their energy is 0
def test_cepstra_are_librosas_at_every_length_of_transform(
    fft_length: int, window_ms: int, hop_ms: int
) -> None:
    geometry = {"fft_length": fft_length, "window_ms": window_ms, "hop_ms": hop_ms}
    params = VOICE.model_copy(update=geometry)
    raw = sounds(20)
    found = frontend.Voice(params).floats(raw)
    expected = cepstrum_by_librosa(raw, params)
    assert expected.shape[1] >= 10
    error = np.abs(found[:, : expected.shape[1]] - expected).max()
    assert error < 5e-5, f"apart by {error:.2e} of up to {np.abs(expected).max():.1f}"


def motion_in_float64(raw: NDArray[np.int32]) -> NDArray[Any]:
    mg = np.where(np.arange(4) < 3, 1.0, 1000.0 / 4095.0)
    moving = raw * mg - (raw * mg).mean(axis=1, keepdims=True)
    frames = moving[:, : MOTION.frames * 4].reshape(len(raw), MOTION.frames, 4, 4)
    shaken = np.log1p(((frames / 100.0) ** 4).mean(axis=2)) / 4
    passive = np.arcsinh(frames.mean(axis=2) / 250.0)
    return np.where(np.arange(4) < 3, shaken, passive)[:, :, np.newaxis]


def test_motion_features_are_those_of_float64() -> None:
    raw = traces(1000)
    found = frontend.Motion(MOTION, SENSORS).floats(raw)
    np.testing.assert_allclose(found, motion_in_float64(raw), rtol=3e-6, atol=1e-7)


def test_traces_at_the_ends_of_int32_are_borne() -> None:
    raw = np.full((1, 150, 4), 2**31 - 1, np.int32)
    raw[:, ::2] = -(2**31)
    found = frontend.Motion(MOTION, SENSORS).floats(raw)
    np.testing.assert_allclose(found, motion_in_float64(raw), rtol=1e-5, atol=1e-3)


def test_digital_silence_is_all_zeros() -> None:
    silence = np.zeros((1, VOICE.samples), np.int16)
    assert not frontend.Voice(VOICE).floats(silence).any()


@pytest.mark.parametrize("zero_point", [-128, 0, 127])
def test_features_beyond_int8_saturate(zero_point: int) -> None:
    found = frontend.Voice(VOICE).int8(sounds(20), 0.01, zero_point)
    assert found.max() == 127 and (zero_point == -128 or found.min() == -128)


def with_plan(task: str) -> frontend.FrontEnd:
    """A front end with every kind of preprocessing that its samples allow."""
    if task == "voice":
        sound = SoundParams(low_pass_hz=3000.0, mu_law_bits=8, squeeze_bits=8)
        return frontend.Voice(VOICE, sound.plan(VOICE.samples, 16000.0))
    if task == "vision":
        picture = PictureParams(median=True, downsample=2, squeeze_bits=3)
        return frontend.Vision(VISION, picture.plan(32, 32, 3))
    trace = TraceParams(median=True, low_pass_hz=15.0, squeeze_bits=8)
    low, high = (-2000,) * 3 + (0,), (2000,) * 3 + (4095,)
    return frontend.Motion(MOTION, SENSORS, trace.plan(150, 50.0, low, high))


@pytest.mark.parametrize("task", TASKS)
def test_preprocessing_comes_before_the_front_end(task: str) -> None:
    device = with_plan(task)
    assert device.plan is not None
    plain, raw, scale = case(task)
    raw = raw[:50]
    given = raw.copy()
    found = device.int8(raw, scale, 5)
    np.testing.assert_array_equal(raw, given)
    np.testing.assert_array_equal(found, plain.int8(device.plan(raw), scale, 5))
    assert (found != plain.int8(raw, scale, 5)).mean() > 0.001
    np.testing.assert_array_equal(device.floats(raw), plain.floats(device.plan(raw)))


def test_a_plan_for_other_samples_is_a_fault() -> None:
    plan = SoundParams(squeeze_bits=8).plan(VOICE.samples + 1, 16000.0)
    with pytest.raises(library.Fault, match="PAL_FAULT_LENGTH"):
        frontend.Voice(VOICE, plan).int8(sounds(4), VOICE_SCALE, 0)
    plan = PictureParams(squeeze_bits=8).plan(100, 160, 1)
    with pytest.raises(library.Fault, match="PAL_FAULT_ARGUMENT"):
        frontend.Voice(VOICE, plan).int8(sounds(4), VOICE_SCALE, 0)


@pytest.mark.parametrize("task", TASKS)
def test_samples_of_another_form_are_named(task: str) -> None:
    device, raw, scale = case(task)
    for wrong in (raw[:1, :-1], raw[:1].astype(np.float32), raw[0]):
        with pytest.raises(PalisadeError, match="samples are .*, and features expects"):
            device.int8(wrong, scale, 0)


def test_a_transform_that_is_no_power_of_two_is_refused() -> None:
    with pytest.raises(PalisadeError, match="fft_length is 500: the device needs a power of two"):
        frontend.Voice(VOICE.model_copy(update={"fft_length": 500}))


def status_of(name: str, *arguments: Any) -> str:
    """The status that a function answers with; arrays are pointed to, and None is NULL."""
    ffi, lib = library.load()
    handed = [library.pointer(a) if isinstance(a, np.ndarray) else a for a in arguments]
    status = getattr(lib, name)(*[ffi.NULL if one is None else one for one in handed])
    return str(ffi.string(ffi.cast("pal_status", status)))


def clip_status(tables: Any, samples: int = 16000, features: int = 490, scratch: int = 562) -> str:
    values, found = np.ones(samples, np.int16), np.zeros(features, np.float32)
    return status_of(
        "pal_mfcc_clip", tables, values, samples, np.zeros(scratch, np.float32), scratch,
        found, features,
    )  # fmt: skip


GOOD_TABLES = frontend.voice_tables(VOICE)


def test_lengths_that_do_not_fit_are_faults() -> None:
    tables = struct("pal_mfcc_tables", GOOD_TABLES)
    assert clip_status(tables) == "PAL_OK"
    assert clip_status(tables, features=489) == "PAL_FAULT_LENGTH"
    assert clip_status(tables, features=500) == "PAL_FAULT_LENGTH"
    assert clip_status(tables, samples=479) == "PAL_FAULT_LENGTH"
    assert clip_status(tables, scratch=561) == "PAL_FAULT_LENGTH"
    frame = (tables, np.ones(480, np.int16))
    row, scratch = np.zeros(10, np.float32), np.zeros(562, np.float32)
    assert status_of("pal_mfcc_frame", *frame, 480, scratch, 562, row) == "PAL_OK"
    for count in (0, 479, 481, 2**64 - 1):
        found = status_of("pal_mfcc_frame", *frame, count, scratch, 562, row)
        assert found == "PAL_FAULT_LENGTH"


@pytest.mark.parametrize("place", [0, 1, 3, 5])
def test_null_is_a_fault(place: int) -> None:
    arguments = [
        struct("pal_mfcc_tables", GOOD_TABLES), np.ones(480, np.int16), 480,
        np.zeros(562, np.float32), 562, np.zeros(10, np.float32),
    ]  # fmt: skip
    arguments[place] = None
    assert status_of("pal_mfcc_frame", *arguments) == "PAL_FAULT_ARGUMENT"


@pytest.mark.parametrize("field", ["taper", "cosine", "first_bin", "bins", "weights", "cepstral"])
def test_a_missing_table_is_a_fault(field: str) -> None:
    record = {name: value for name, value in GOOD_TABLES.items() if name != field}
    assert clip_status(struct("pal_mfcc_tables", record)) == "PAL_FAULT_ARGUMENT"


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("field", ["taper", "cosine", "weights", "cepstral"])
def test_a_table_that_is_not_finite_is_a_fault(field: str, value: float) -> None:
    corrupt = GOOD_TABLES[field].copy()
    corrupt.flat[len(corrupt.flat) // 2] = value
    tables = struct("pal_mfcc_tables", {**GOOD_TABLES, field: corrupt})
    assert clip_status(tables) == "PAL_FAULT_NOT_FINITE"


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0}, {"window": 513}, {"hop": 0}, {"hop": 481}, {"fft_length": 64},
        {"fft_length": 500}, {"fft_length": 8192}, {"fft_length": 0}, {"bands": 0},
        {"bands": 129}, {"coefficients": 0}, {"coefficients": 41}, {"energy_offset": 0.0},
        {"energy_offset": -1.0}, {"energy_offset": np.nan}, {"energy_offset": np.inf},
        {"weights_count": 1}, {"first_bin": np.zeros(40, np.uint16)},
        {"first_bin": np.full(40, 256, np.uint16)}, {"bins": np.full(40, 65535, np.uint16)},
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_each_other_are_a_fault(wrong: dict[str, Any]) -> None:
    status = clip_status(struct("pal_mfcc_tables", {**GOOD_TABLES, **wrong}))
    assert status == ("PAL_FAULT_LENGTH" if "weights_count" in wrong else "PAL_FAULT_RANGE")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({}, "PAL_OK"),
        ({"samples": 151}, "PAL_FAULT_LENGTH"),
        ({"samples": 0}, "PAL_FAULT_RANGE"),
        ({"samples": 100001}, "PAL_FAULT_RANGE"),
        ({"channels": 0}, "PAL_FAULT_RANGE"),
        ({"channels": 17}, "PAL_FAULT_RANGE"),
        ({"frame_samples": 0}, "PAL_FAULT_RANGE"),
        ({"frame_samples": 151}, "PAL_FAULT_RANGE"),
        ({"acc_offset_mg": 0.0}, "PAL_FAULT_RANGE"),
        ({"pir_offset_mg": np.nan}, "PAL_FAULT_RANGE"),
        ({"kinds": np.int32([1, 1, 1, 3])}, "PAL_FAULT_ARGUMENT"),
        ({"kinds": np.int32([0, 1, 1, 2])}, "PAL_FAULT_ARGUMENT"),
        ({"mg_per_count": np.float32([1, 1, 1, np.inf])}, "PAL_FAULT_RANGE"),
        ({"mg_per_count": np.float32([0, 1, 1, 1])}, "PAL_FAULT_RANGE"),
        ({"acc_offset_mg": 1e-30}, "PAL_FAULT_NOT_FINITE"),
    ],
)
def test_wrong_tables_of_traces_are_a_fault(wrong: dict[str, Any], status: str) -> None:
    tables = struct("pal_traces_tables", {**frontend.motion_tables(MOTION, SENSORS), **wrong})
    raw, found = traces(3)[2], np.zeros(148, np.float32)
    assert status_of("pal_traces_f32", tables, raw, raw.size, found, found.size) == status
    to = struct("pal_quantisation", {"scale": 1.0})
    steps = np.zeros(148, np.int8)
    assert status_of("pal_traces_i8", tables, to, raw, raw.size, steps, steps.size) == status


def test_faults_of_traces_and_pixels() -> None:
    tables, raw = struct("pal_traces_tables", frontend.motion_tables(MOTION, SENSORS)), traces(3)[2]
    found = np.zeros(148, np.float32)
    name = "pal_traces_f32"
    assert status_of(name, None, raw, 600, found, 148) == "PAL_FAULT_ARGUMENT"
    assert status_of(name, tables, None, 600, found, 148) == "PAL_FAULT_ARGUMENT"
    assert status_of(name, tables, raw, 600, None, 148) == "PAL_FAULT_ARGUMENT"
    assert status_of(name, tables, raw, 599, found, 148) == "PAL_FAULT_LENGTH"
    assert status_of(name, tables, raw, 600, found, 147) == "PAL_FAULT_LENGTH"
    pixels, table = np.zeros(4, np.uint8), np.zeros(256, np.int8)
    to = struct("pal_quantisation", {"scale": 0.0})
    assert status_of("pal_pixels_f32", None, 4, found) == "PAL_FAULT_ARGUMENT"
    assert status_of("pal_pixels_f32", pixels, 0, found) == "PAL_FAULT_LENGTH"
    assert status_of("pal_pixels_f32", pixels, 2**40, found) == "PAL_FAULT_LENGTH"
    assert status_of("pal_pixels_table", to, table) == "PAL_FAULT_RANGE"
    assert status_of("pal_pixels_i8", None, pixels, 4, table) == "PAL_FAULT_ARGUMENT"
    assert status_of("pal_pixels_i8", table, pixels, 4, None) == "PAL_FAULT_ARGUMENT"


@pytest.mark.parametrize("task", TASKS)
def test_one_call_from_raw_to_int8_answers_anything(task: str) -> None:
    device, raw, scale = case(task)
    good, values = dict(device.record(scale, 0)), raw[0].copy()
    found, scratch = np.zeros(int(np.prod(device.shape)), np.int8), np.zeros(4096, np.int32)

    def status(wrong: dict[str, Any], **other: Any) -> str:
        given = {"values": values, "count": values.size, "scratch": scratch, "bytes": 16384,
                 "features": found, "features_count": found.size, **other}  # fmt: skip
        return status_of(
            "pal_front_end_i8", struct("pal_front_end", {**good, **wrong}), *given.values()
        )

    assert status({}) == "PAL_OK"
    assert status({"kind": 0}) == status({"kind": 4}) == "PAL_FAULT_ARGUMENT"
    assert status({"values": 7}) == status({"features": 7}) == "PAL_FAULT_LENGTH"
    assert status({"to": {"scale": 0.0}}) == "PAL_FAULT_RANGE"
    assert status({}, count=values.size - 1) == "PAL_FAULT_LENGTH"
    assert status({}, features_count=found.size + 1) == "PAL_FAULT_LENGTH"
    assert status({}, values=None) == status({}, features=None) == "PAL_FAULT_ARGUMENT"
    if task != "motion":
        assert status({}, bytes=8) == "PAL_FAULT_LENGTH"
        assert status({}, scratch=None) == "PAL_FAULT_ARGUMENT"
        askew = library.load()[0].cast("char *", library.pointer(scratch)) + 1
        assert status({}, scratch=askew) == "PAL_FAULT_ARGUMENT"
    if task != "vision":
        bytes_of = np.zeros(values.nbytes + 1, np.uint8)
        askew = library.load()[0].cast("char *", library.pointer(bytes_of)) + 1
        assert status({}, values=askew) == "PAL_FAULT_ARGUMENT"
    for table in device.tables:
        del good[table]
        assert status({}) == "PAL_FAULT_ARGUMENT"


class Stream:
    """An audio front end that hears one piece of sound after the other."""

    def __init__(self, frames: int, tables: Any = None) -> None:
        self.tables = struct("pal_mfcc_tables", tables or GOOD_TABLES)
        self.to = struct("pal_quantisation", {"scale": VOICE_SCALE, "zero_point": 5})
        self.tail = np.zeros(VOICE.window, np.int16)
        self.rows = np.zeros((frames, VOICE.coefficients), np.int8)
        state = {"tail": self.tail, "features": self.rows, "frames": frames}
        self.state = struct("pal_mfcc_stream", state)
        self.ready = np.zeros(1, np.uint8)

    def push(self, samples: NDArray[np.int16], tables: Any = None) -> str:
        scratch = np.zeros(562, np.float32)
        return status_of(
            "pal_mfcc_push", tables or self.tables, self.to, self.state, samples, len(samples),
            scratch, len(scratch), self.ready,
        )  # fmt: skip


@pytest.mark.parametrize("hop_ms", [5, 10, 20, 25, 30])
@pytest.mark.parametrize(("kept", "longest"), [(49, 3000), (3, 3000), (1, 400), (49, 200)])
def test_a_stream_in_any_pieces_gives_the_rows_of_a_clip(
    hop_ms: int, kept: int, longest: int
) -> None:
    heard = sounds(7)[4:].reshape(-1)
    params = VOICE.model_copy(update={"clip_ms": 3000, "hop_ms": hop_ms})
    whole = frontend.Voice(params)
    expected = whole.int8(heard[np.newaxis], VOICE_SCALE, 5)[0, :, :, 0]
    stream = Stream(kept, frontend.voice_tables(params))
    rng, at = np.random.default_rng(5), 0
    while at < len(heard):
        piece = heard[at : at + int(rng.integers(0, longest))]
        at += len(piece)
        assert stream.push(piece) == "PAL_OK"
        frames = max(0, (at - params.window) // params.hop + 1)
        assert stream.ready[0] == (frames >= kept)
        last = expected[max(0, frames - kept) : frames]
        np.testing.assert_array_equal(stream.rows[kept - len(last) :], last)
    assert frames == len(expected)


def test_a_fault_in_a_later_frame_of_a_push_begins_the_stream_anew() -> None:
    # Only loud sound overflows; the first frames are silent.
    huge = {**GOOD_TABLES, "taper": np.full(VOICE.window, 1e30, np.float32)}
    heard = np.zeros(480 + 9 * 320, np.int16)
    heard[2000:] = 20000
    stream, tables = Stream(3), struct("pal_mfcc_tables", huge)
    assert stream.push(heard[:1900], tables) == "PAL_OK" and stream.ready[0] == 1
    assert stream.push(heard, tables) == "PAL_FAULT_NOT_FINITE" and stream.ready[0] == 0
    expected = frontend.Voice(VOICE).int8(sounds(6)[5:], VOICE_SCALE, 5)[0, :3, :, 0]
    assert stream.push(sounds(6)[5][: 480 + 2 * 320]) == "PAL_OK" and stream.ready[0] == 1
    np.testing.assert_array_equal(stream.rows, expected)


def test_a_stream_begins_anew_after_a_restart_and_a_fault() -> None:
    corrupt = {**GOOD_TABLES, "taper": np.full(VOICE.window, np.nan, np.float32)}
    heard, stream = sounds(6)[5], Stream(3)
    expected = frontend.Voice(VOICE).int8(heard[np.newaxis], VOICE_SCALE, 5)[0, :3, :, 0]
    assert stream.push(heard[7000:9000]) == "PAL_OK" and stream.ready[0] == 1
    tables = struct("pal_mfcc_tables", corrupt)
    assert stream.push(heard[:500], tables) == "PAL_FAULT_NOT_FINITE"
    assert stream.push(heard[:100]) == "PAL_OK" and stream.ready[0] == 0
    assert status_of("pal_mfcc_restart", stream.state) == "PAL_OK"
    assert stream.push(heard[: 480 + 2 * 320]) == "PAL_OK" and stream.ready[0] == 1
    np.testing.assert_array_equal(stream.rows, expected)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"frames": 0}, "PAL_FAULT_RANGE"),
        ({"frames": 5000}, "PAL_FAULT_RANGE"),
        ({"held": 480}, "PAL_FAULT_RANGE"),
        ({"heard": 4}, "PAL_FAULT_RANGE"),
        ({"tail": None}, "PAL_FAULT_ARGUMENT"),
        ({"features": None}, "PAL_FAULT_ARGUMENT"),
    ],
)
def test_a_stream_whose_state_cannot_be_is_a_fault(wrong: dict[str, Any], status: str) -> None:
    stream = Stream(3)
    for field, value in wrong.items():
        setattr(stream.state, field, library.load()[0].NULL if value is None else value)
    assert stream.push(np.ones(100, np.int16)) == status


def test_a_record_with_a_field_that_c_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="no_such_field"):
        struct("pal_quantisation", {"no_such_field": 1})


def test_a_struct_keeps_what_it_points_to() -> None:
    made = struct("pal_traces_tables", {"mg_per_count": np.float32([0.25] * 100000)})
    np.full(100000, 9, np.float32)  # would take the place of what is not kept
    assert made.mg_per_count[99999] == 0.25


def test_scratch_is_as_small_as_the_plan_allows() -> None:
    plan = PictureParams(median=True).plan(64, 64, 1)
    assert preprocess.native(plan)[1] == 128
    plan = SoundParams(low_pass_hz=3000.0, low_pass_taps=31).plan(16000, 16000.0)
    assert preprocess.native(plan)[1] == 124
