"""Attacks before a camera: area, ink, codec, light, and what is printed."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.workspace import ROOT
from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.physical import aims, draws
from palisade.physical.contest import Contest
from palisade.physical.target import DEFENDED, Target
from palisade.splits import Split
from palisade.stage import checked, lookup, read_yaml
from palisade.tasks.vision import threat
from palisade.tasks.vision.distortion import optics
from palisade.tasks.vision.physical import attacks, camera, light, patches, prints, room
from palisade.tasks.vision.physical.params import Params
from palisade.tasks.vision.physical.prints import Layout
from palisade.tasks.vision.samples.pixels import to_float

SIDE_PX = 64
LABELS = ("nobody", "person")


def params(**changes: object) -> Params:
    tree = lookup(read_yaml(ROOT / "tests/smoke/params.yaml"), "physical.vision")
    found: Params = checked(Params, {**tree, **changes}, "params")
    return found


def pictures(count: int) -> Split:
    dice = np.random.default_rng(count)
    coarse = dice.integers(0, 256, (count, 8, 8, 1))
    x = np.asarray(np.kron(coarse, np.ones((1, 8, 8, 1))), np.uint8)
    names = np.array([f"picture{number}" for number in range(count)])
    return Split(x, np.arange(count) % 2, names, names, LABELS)


@pytest.fixture(scope="module")
def contest() -> Contest[Params]:
    """Four pictures, against two linear classes."""
    weights = tf.constant(np.random.default_rng(0).standard_normal((SIDE_PX**2, 2)), tf.float32)
    tree = threat.Params(shift_share=0.0, rotation_deg=0.0, zoom=[1.0, 1.0], mirror=False)
    target = Target(
        name=DEFENDED,
        aims=(
            aims.oblivious(lambda x: tf.matmul(tf.reshape(x, [-1, SIDE_PX**2]), weights) / SIDE_PX),
        ),
        threat=threat.Threat(tree),
        device=None,  # type: ignore[arg-type]  # nothing here is judged
    )
    return Contest(target, pictures(4), pictures(8), params(), 7)


@pytest.mark.parametrize("area", [0.02, 0.05, 0.10])
@pytest.mark.parametrize("count", [1, 4])
def test_prints_cover_their_share_of_the_picture_turned_or_not(area: float, count: int) -> None:
    of = Layout(SIDE_PX, 1, area, count)
    steady = params().prints.model_copy(update={"scale": [1.0, 1.0], "shift_share": 0.0})
    places = tf.constant(of.places(np.random.default_rng(3), 6))
    _, covered = prints.seen(
        tf.zeros([6, SIDE_PX, SIDE_PX, 1]),
        tf.ones([1, *of.shape]),
        places,
        draws.pair(7, "seen"),
        layout=of,
        params=steady,
    )
    share = np.asarray(covered).mean(axis=(1, 2, 3))
    assert share == pytest.approx(area, rel=0.03)


def test_a_print_shows_where_it_is_placed_and_the_rest_stays(contest: Contest[Params]) -> None:
    of = Layout(SIDE_PX, 1, 0.05, 1)
    still = params().prints.model_copy(
        update={
            "scale": [1.0, 1.0],
            "shift_share": 0.0,
            "rotation_deg": 0.0,
            "brightness": [1.0, 1.0],
        }
    )
    ink = np.zeros((1, *of.shape), np.float32)
    ink[0, 0, : of.dots // 2] = 1.0  # white above, black below
    shown, covered = prints.seen(
        tf.fill([1, SIDE_PX, SIDE_PX, 1], 0.5),
        tf.constant(ink),
        tf.constant([[[20.0, 40.0]]]),
        draws.pair(7, "seen"),
        layout=of,
        params=still,
    )
    picture = np.asarray(shown)[0, ..., 0]
    assert picture[16, 40] > 0.9 and picture[25, 40] < 0.1
    assert (picture[np.asarray(covered)[0, ..., 0] == 0] == 0.5).all()


def test_what_is_crafted_can_be_printed(contest: Contest[Params]) -> None:
    of = patches.layout(contest, 5.0, 1)
    ink, paper = contest.params.prints.grey
    for made in (
        patches.own(contest, of, *contest.target.aims),
        patches.universal(contest, of, attacks.HIDING, contest.known, *contest.target.aims),
    ):
        assert made.min() >= ink and made.max() <= paper


def still(contest: Contest[Params]) -> aims.Aim:
    """An aim that climbs nothing: it keeps what it begins with."""
    (aim,) = contest.target.aims
    return replace(aim, evade=lambda x, y: 0.0 * aim.evade(x, y), resumes=True)


def test_a_second_aim_begins_with_the_prints_of_the_first(contest: Contest[Params]) -> None:
    plain = params(prints={**contest.params.prints.model_dump(), "smoothness": 0.0})
    one = Contest(contest.target, contest.scored, contest.known, plain, 7)
    of, (aim,), second = patches.layout(one, 5.0, 1), one.target.aims, still(one)
    first = patches.own(one, of, aim)
    assert np.array_equal(patches.own(one, of, second, first), first)
    first = patches.universal(one, of, attacks.HIDING, one.known, aim)
    again = patches.universal(one, of, attacks.HIDING, one.known, second, first)
    assert np.array_equal(again, first)


def test_smoothness_takes_edges_out_of_a_print(contest: Contest[Params]) -> None:
    smooth = Contest(
        contest.target,
        contest.scored,
        contest.known,
        params(steps=9, prints={**contest.params.prints.model_dump(), "smoothness": 10.0}),
        7,
    )
    of = patches.layout(contest, 10.0, 1)
    rough = Contest(contest.target, contest.scored, contest.known, params(steps=9), 7)
    edges = [
        float(prints.roughness(tf.constant(patches.own(one, of, *one.target.aims))))
        for one in (rough, smooth)
    ]
    assert edges[1] < 0.75 * edges[0]


def test_the_codec_of_crafting_is_close_to_libjpeg() -> None:
    picture = to_float(pictures(1).x)
    blurred = camera.blurred(
        tf.constant(picture),
        draws.pair(7),
        params().prints.model_copy(update={"blur_px": [1.0, 1.0]}),
    )
    for quality in (50.0, 75.0, 95.0):
        ours = np.asarray(camera.compressed(blurred, tf.constant([quality])))[0]
        theirs = optics.jpeg(np.asarray(blurred)[0], int(quality))
        assert np.abs(ours - theirs).mean() < 1.0 / 255


def test_scoring_draws_other_views_than_crafting(contest: Contest[Params]) -> None:
    of = patches.layout(contest, 5.0, 1)
    grey = patches.blank(contest, of)
    once = patches.photographed(contest, of, grey, "print")
    again = patches.photographed(contest, of, grey, "print")
    other = patches.photographed(contest, of, grey, "another attack")
    assert np.array_equal(once, again) and not np.array_equal(once, other)


def test_a_shadow_takes_no_more_light_than_it_may_and_adds_none(contest: Contest[Params]) -> None:
    family = light.shadow(contest.params.light, 0.6)
    for shaded in light.tried(contest, family, "shadow"):
        assert (shaded <= contest.scored.x).all() and (shaded < contest.scored.x).any()
        bright = contest.scored.x > 100
        assert (shaded[bright] > 0.55 * 100).all()


def test_tries_differ_and_more_of_them_hold_all_of_fewer(contest: Contest[Params]) -> None:
    def tried(tries: int) -> list[np.ndarray]:
        tree = contest.params.light.model_copy(update={"tries": tries})
        more = contest.params.model_copy(update={"light": tree})
        one = Contest(contest.target, contest.scored, contest.known, more, 7)
        return list(light.tried(one, light.exposure(tree, 1.0), "exposure"))

    few, many = tried(2), tried(6)
    assert len(few) == 2 and len(many) == 6
    assert all(np.array_equal(mine, other) for mine, other in zip(few, many, strict=False))
    assert not any(np.array_equal(many[0], other) for other in many[1:])


@dataclass(frozen=True)
class Asked(Target):
    """A model that a dark corner fools, and a guard that a dark picture alarms."""

    @property
    def ask(self) -> Any:
        def answer(raw: NDArray[np.uint8]) -> Any:
            corner, whole = raw[:, :4, :4].mean(axis=(1, 2, 3)), raw.mean(axis=(1, 2, 3))
            return None, SimpleNamespace(label=(corner < 40).astype(int), accepted=whole > 60)

        return answer


def test_of_light_the_worst_try_of_each_picture_counts(contest: Contest[Params]) -> None:
    target = contest.target
    asked = Asked(target.name, target.aims, target.threat, target.device)
    light_ = contest.params.light.model_copy(update={"tries": 3})
    one = replace(contest, target=asked, params=contest.params.model_copy(update={"light": light_}))
    allowed = np.tile([True, False], (len(one.scored), 1))
    levels = iter(np.repeat([0.9, 0.1, 0.05], len(one.scored)))

    def dimmed(x: Any, draw: Any) -> Any:
        return np.full_like(x, next(levels))

    dark = light.worst(one, dimmed, "dimmed", allowed)
    assert np.all(dark == round(0.1 * 255))  # the first that is wrong, as none is believed

    def corner(x: Any, draw: Any) -> Any:
        found = np.full_like(x, 0.9)
        found[:4, :4] = draw.choice([0.0, 1.0])
        return found

    found = light.worst(one, corner, "corner", allowed)
    first = list(light.tried(one, corner, "corner"))
    fooled = np.stack([one_try[:, 0, 0, 0] == 0 for one_try in first]).any(axis=0)
    assert fooled.any() and np.array_equal(found[:, 0, 0, 0] == 0, fooled)


def test_prints_for_the_room_have_the_size_that_the_protocol_says(
    contest: Contest[Params],
) -> None:
    found, told = room.contents(contest), room.protocol(contest)
    dpi = contest.params.sheet.dpi
    sides = re.findall(r"\| (\S+\.png) \| (\d+) mm \|", told)
    assert len(sides) == len(found) - 1 and "prints.pdf" in found
    for name, mm in sides:
        with Image.open(io.BytesIO(found[name])) as picture:
            assert picture.size[0] == picture.size[1]
            assert picture.size[0] == pytest.approx(int(mm) / 25.4 * dpi, abs=0.51 / 25.4 * dpi + 1)
            assert picture.info["dpi"][0] == pytest.approx(dpi, rel=0.001)
            assert picture.getextrema()[1] <= 0.9 * 255 + 0.5
    points = float(re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+)", found["prints.pdf"])[0])
    of = patches.layout(contest, contest.params.reference_percent, 1)
    assert points / 72 * 25.4 == pytest.approx(room.side_mm(of, contest.params.sheet), abs=0.2)


def test_a_person_that_is_no_class_is_named(contest: Contest[Params]) -> None:
    with pytest.raises(PalisadeError, match="person is 'visitor'"):
        attacks.person(
            Contest(contest.target, contest.scored, contest.known, params(person="visitor"), 7)
        )
