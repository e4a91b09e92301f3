"""Bytes and instructions of a guard and front end, against sums by hand and all ways of a tree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from palisade.cost import figures
from palisade.cost.figures import Subject
from palisade.device import emulation, frontend, guard_shapes, measured, work
from palisade.device.measured import LISTEN_SOURCES, Measured
from palisade.device.plans import SoundParams
from palisade.errors import PalisadeError
from palisade.guard.tree import Tree
from palisade.tasks.vision import features as vision_features
from palisade.tasks.voice import features as voice_features
from tests.guard import drawn

VOICE = voice_features.Params(
    sample_rate_hz=16000, clip_ms=1000, window_ms=30, hop_ms=20, fft_length=512, mel_bands=40,
    lowest_hz=20.0, highest_hz=7600.0, coefficients=10, lifter=22, energy_offset=0.4,
)  # fmt: skip
PLAIN = SoundParams().plan(VOICE.samples, 16000.0)
MUFFLED = SoundParams(low_pass_hz=3000.0, squeeze_bits=9).plan(VOICE.samples, 16000.0)


@pytest.fixture(scope="module")
def found() -> Measured:
    return measured.load()


def subject(front_end: frontend.FrontEnd, share: float = 1.0, seed: int = 70) -> Subject:
    rng = np.random.default_rng(seed)
    guard = guard_shapes.guard(rng, scores=True, network=True)
    return Subject(front_end.record(0.125, 5), front_end.plan, guard, 54544, 11520, 10**6, share)


def test_tables_of_the_front_end_are_all_counted(found: Measured) -> None:
    front_end = frontend.Voice(VOICE, PLAIN)
    mfcc = front_end.record(0.125, 5)["mfcc"]
    floats = 480 + 129 + mfcc["weights_count"] + 400
    bounds = 2 * 4  # of the plan, for one channel
    structs = ("pal_front_end", "pal_mfcc_tables", "pal_preprocess_plan")
    expected = 4 * floats + 4 * 40 + bounds + sum(found.struct_bytes[name] for name in structs)
    assert figures.flash_bytes(subject(front_end), found)["front_end_tables"] == expected
    filters = figures.flash_bytes(subject(frontend.Voice(VOICE, MUFFLED)), found)
    assert filters["front_end_tables"] == expected + 2 * found.struct_bytes["pal_filter"] + 2 * 31


def test_structs_are_as_large_as_on_the_processor(found: Measured) -> None:
    assert found.struct_bytes == {name: emulation.size_bytes(name) for name in found.struct_bytes}


def test_every_byte_of_code_is_the_guards_the_images_or_the_front_ends(found: Measured) -> None:
    parts = figures.flash_bytes(subject(frontend.Voice(VOICE, PLAIN)), found)
    code = parts["guard_code"] + parts["image_code"] + parts["front_end_code"]
    code += parts["listen_code"] - found.listen_helper_bytes
    assert code == sum(found.section_bytes.values())
    assert {*figures.GUARD_SOURCES, *figures.IMAGE_SOURCES} < set(found.section_bytes)
    apart = (figures.GUARD_SOURCES, figures.IMAGE_SOURCES, LISTEN_SOURCES)
    assert len({name for some in apart for name in some}) == sum(map(len, apart))


def test_a_stream_keeps_what_the_next_frame_needs(found: Measured) -> None:
    parts = figures.ram_bytes(subject(frontend.Voice(VOICE, PLAIN)), found)
    structs = sum(
        found.struct_bytes[name]
        for name in ("pal_state", "pal_verdict", "pal_mfcc_stream", "pal_heard")
    )
    assert parts["guard_state"] == structs + 2 * 480 + 490
    assert parts["front_end_scratch"] == 4 * (512 + 40 + 10)
    assert parts["arena"] == 11520


def test_only_new_frames_are_counted_at_the_stride(found: Measured) -> None:
    whole = figures.instructions(subject(frontend.Voice(VOICE, PLAIN)), found)
    parts = figures.instructions(subject(frontend.Voice(VOICE, PLAIN), 0.3), found)
    assert parts["front_end"] == whole["front_end"]
    frame = whole["front_end"] / 49
    assert 15 * frame < parts["front_end_new"] < 18 * frame
    assert figures.an_inference(parts) == pytest.approx(
        sum(parts.values()) - parts["front_end"] - parts["attest"]
    )


def test_filters_before_the_front_end_cost_as_well(found: Measured) -> None:
    plain = figures.instructions(subject(frontend.Voice(VOICE, PLAIN), 0.5), found)
    muffled = figures.instructions(subject(frontend.Voice(VOICE, MUFFLED), 0.5), found)
    more = muffled["front_end"] - plain["front_end"]
    assert more > 16000 * 31 * 5  # some instructions a tap
    assert muffled["front_end_new"] - plain["front_end_new"] == pytest.approx(more / 2)


def test_a_sensor_without_a_stream_takes_whole_samples(found: Measured) -> None:
    front_end = frontend.Vision(vision_features.Params(image_px=32, channels="grey"))
    parts = figures.instructions(subject(front_end), found)
    assert parts["front_end_new"] == parts["front_end"]
    with pytest.raises(PalisadeError, match=r"new_share is 0.5: .* takes whole samples: set 1.0"):
        figures.instructions(subject(front_end, 0.5), found)


def ways(tree: Tree, node: int = 0) -> Iterator[list[int]]:
    """The features asked for on each way to a leaf."""
    if node < 0 or not len(tree.feature):
        yield []
        return
    for side in (tree.left, tree.right):
        for rest in ways(tree, int(side[node])):
            yield [int(tree.feature[node]), *rest]


def test_the_trees_dearest_way_is_the_dearest_of_all(found: Measured) -> None:
    rng = np.random.default_rng(71)
    for _ in range(15):
        guard = drawn.guard(rng)
        assert guard.tree is not None
        grid = guard.engineered

        def price(way: list[int], guard: object = guard) -> float:
            return found.price(work.LOOK, work.look(guard, way))  # type: ignore[arg-type]

        dearest = work.dearest_way(guard.tree, grid, lambda units: found.price(work.LOOK, units))
        assert price(dearest) == pytest.approx(max(price(way) for way in ways(guard.tree)))
