"""An emulated Cortex-M4F gives the host's bits, and its instructions are counted."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.device import emulation, frontend, library
from palisade.device.emulation import Machine
from palisade.device.plans import PictureParams, SoundParams, TraceParams
from palisade.errors import PalisadeError
from palisade.tasks.motion import features as motion_features
from palisade.tasks.motion import threat as motion_threat
from palisade.tasks.vision import features as vision_features
from palisade.tasks.voice import features as voice_features

VOICE = voice_features.Params(
    sample_rate_hz=16000, clip_ms=1000, window_ms=30, hop_ms=20, fft_length=512, mel_bands=40,
    lowest_hz=20.0, highest_hz=7600.0, coefficients=10, lifter=22, energy_offset=0.4,
)  # fmt: skip
VISION = vision_features.Params(image_px=24, channels="colour")
MOTION = motion_features.Params(
    units=["mg", "pir"], samples=150, frame_samples=4, acc_offset_mg=100.0, pir_offset_mg=250.0
)
SENSORS = motion_threat.Params(
    units=MOTION.units, acc_range_mg=2000.0, pir_full_scale_counts=4095.0, pir_share_per_mg=0.001,
    sample_rate_hz=50.0, shift_ms=[0.0, 0.0],
)  # fmt: skip
SCALES = {"VOICE": 0.125, "VISION": 1 / 255, "MOTION": 0.019}
SOUND = SoundParams(low_pass_hz=3000.0, mu_law_bits=8, squeeze_bits=9)
PICTURE = PictureParams(median=True, downsample=2, squeeze_bits=4)
TRACE = TraceParams(median=True, low_pass_hz=15.0, squeeze_bits=9)

emulated = pytest.mark.skipif(
    emulation.missing() is not None, reason=f"not emulated: {emulation.missing()}"
)


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


def voice(clip_ms: int, *, filtered: bool = False) -> frontend.FrontEnd:
    params = VOICE.model_copy(update={"clip_ms": clip_ms})
    return frontend.Voice(params, SOUND.plan(params.samples, 16000.0) if filtered else None)


def vision() -> frontend.FrontEnd:
    return frontend.Vision(VISION, PICTURE.plan(24, 24, 3))


def motion(*, filtered: bool = False) -> frontend.FrontEnd:
    plan = TRACE.plan(150, 50.0, (-2000, 0), (2000, 4095))
    return frontend.Motion(MOTION, SENSORS, plan if filtered else None)


def drawn(device: frontend.FrontEnd, count: int) -> NDArray[Any]:
    """Noise of any loudness, and the ends of the sensor's type."""
    rng, ends = np.random.default_rng(20261125), np.iinfo(device.dtype)
    loudest = min(ends.max, 4000) if device.dtype == "int32" else ends.max
    loudness = loudest * 10.0 ** rng.uniform(-4, 0, (count,) + (1,) * len(device.sample))
    raw = rng.normal(size=(count, *device.sample)) * loudness + (128 if ends.min == 0 else 0)
    raw = np.clip(np.rint(raw), ends.min, ends.max).astype(device.dtype)
    raw[0], raw[1] = ends.min, ends.max
    raw[2] = rng.choice([ends.min, ends.max], device.sample)
    return raw


def int8(machine: Machine, device: frontend.FrontEnd, raw: NDArray[Any]) -> NDArray[np.int8]:
    """The network's inputs of raw samples, as the microcontroller gives them."""
    front = machine.struct("pal_front_end", device.record(SCALES[device.kind], -3))
    scratch, count = machine.array(np.zeros(1024, np.int32)), int(np.prod(device.shape))
    values, found = machine.array(raw[0]), machine.array(np.zeros(count, np.int8))
    features = []
    for one in raw:
        machine.write(values, one)
        done = machine.call(
            "pal_front_end_i8", front, values, one.size, scratch, 4096, found, count
        )
        assert done.status == 0
        features.append(machine.read(found, count, np.int8).reshape(device.shape))
    return np.array(features)


@emulated
@pytest.mark.parametrize(
    ("device", "count"),
    [
        (voice(30), 1000),
        (voice(1000), 60),
        (voice(250, filtered=True), 60),
        (vision(), 60),
        (motion(), 1000),
        (motion(filtered=True), 100),
    ],
    ids=["voice-frames", "voice", "voice-filtered", "vision", "motion", "motion-filtered"],
)
def test_int8_features_are_the_hosts(
    machine: Machine, device: frontend.FrontEnd, count: int
) -> None:
    raw = drawn(device, count)
    expected = device.int8(raw, SCALES[device.kind], -3)
    assert len(np.unique(expected)) >= 16
    np.testing.assert_array_equal(int8(machine, device, raw), expected)


@emulated
def test_structs_are_as_large_as_the_cross_compiler_has_them(tmp_path: Path) -> None:
    ffi, _ = library.load()
    structs = [name for name in ffi.list_types()[0] if ffi.typeof(name).kind == "struct"]
    source = [f"#include <palisade/{header.name}>" for header in library.headers()]
    source += [f"char size_of_{name}[sizeof({name})];" for name in structs]
    (tmp_path / "sizes.c").write_text("\n".join(source) + "\n")
    include, made = f"-I{library.DEVICE / 'include'}", str(tmp_path / "sizes.o")
    command = [f"{emulation.CROSS}-gcc", *emulation.PROCESSOR, include, "-c", "-o", made]
    subprocess.run([*command, str(tmp_path / "sizes.c")], check=True)
    done = subprocess.run(
        [f"{emulation.CROSS}-nm", "-S", made], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    sizes = {row[3].removeprefix("size_of_"): int(row[1], 16) for row in rows}
    assert len(sizes) > 10
    assert {name: emulation.size_bytes(name) for name in structs} == sizes


@emulated
def test_a_struct_is_laid_out_as_the_header_says(machine: Machine) -> None:
    record = {"scale": 0.5, "zero_point": -3}
    front = machine.struct("pal_front_end", {"kind": 2, "features": 7, "to": record})
    words = machine.read(front, emulation.size_bytes("pal_front_end") // 4, "<u4")
    assert words[:5].tolist() == [2, 0, 7, 0x3F000000, 2**32 - 3]


@emulated
@pytest.mark.nightly
def test_int8_features_of_a_thousand_whole_clips_are_the_hosts(machine: Machine) -> None:
    device = voice(1000)
    raw = drawn(device, 1000)
    expected = device.int8(raw, SCALES["VOICE"], -3)
    np.testing.assert_array_equal(int8(machine, device, raw), expected)


@emulated
@pytest.mark.parametrize("name", ["log", "log1p", "exp", "sqrt", "asinh"])
def test_elementary_functions_have_the_hosts_bits(machine: Machine, name: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 2**32, 2000, dtype=np.uint32).view(np.float32)
    ordinary = np.float32(rng.normal(size=2000) * 10.0 ** rng.uniform(-6, 2, 2000))
    edges = np.float32([0, np.inf, -np.inf, np.nan, 1, 2**-149, 2**-126, -1, 88.7, -104])
    values = np.concatenate([values, ordinary, edges])
    function = getattr(library.load()[1], f"pal_{name}_f32")
    here = np.float32([function(float(one)) for one in values])
    there = np.float32([machine.call(f"pal_{name}_f32", float(one)).real for one in values])
    np.testing.assert_array_equal(there.view(np.uint32), here.view(np.uint32))


@emulated
def test_instructions_repeat_and_grow_with_the_work(machine: Machine) -> None:
    pixels = machine.array(np.arange(400).astype(np.uint8))

    def instructions(count: int) -> int:
        return machine.call("pal_squeeze_u8", pixels, count, 4, counting=True).instructions

    few, more, most = (instructions(count) for count in (100, 200, 300))
    assert more - few == most - more == instructions(200) - few
    assert 500 < more - few < 2500  # a dozen or so a pixel, with two divisions
    assert machine.call("pal_squeeze_u8", pixels, 100, 4).instructions == 0


@emulated
def test_a_frame_of_sound_is_cheap(machine: Machine) -> None:
    """At 50 frames a second, below 2 million instructions a second."""
    front = frontend.voice_tables(VOICE)
    tables = machine.struct("pal_mfcc_tables", front)
    samples = machine.array(drawn(voice(30), 4)[3])
    scratch, row = machine.array(np.zeros(600, np.float32)), machine.array(np.zeros(10, np.float32))
    done = machine.call("pal_mfcc_frame", tables, samples, 480, scratch, 600, row, counting=True)
    assert done.status == 0 and 20_000 < done.instructions < 40_000


@emulated
def test_a_fault_is_the_hosts(machine: Machine) -> None:
    status = machine.call("pal_squeeze_u8", 0, 4, 4).status
    assert status == library.load()[1].PAL_FAULT_ARGUMENT


@emulated
def test_an_unknown_field_or_function_is_named(machine: Machine) -> None:
    with pytest.raises(KeyError, match="no_such_field"):
        machine.struct("pal_quantisation", {"no_such_field": 1})
    with pytest.raises(KeyError, match="pal_none"):
        machine.call("pal_none")


@emulated
def test_what_does_not_fit_into_ram_is_refused(machine: Machine) -> None:
    with pytest.raises(MemoryError, match="do not fit into the emulated RAM"):
        machine.array(np.zeros(emulation.RAM_BYTES, np.uint8))


def test_a_machine_without_the_tools_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PalisadeError, match="cross compiler .* apt-get install gcc-arm-none-eabi"):
        Machine()
