"""Field copies of the test set."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.splits import Split
from palisade.tasks.voice.distortion import corrupt
from palisade.tasks.voice.distortion.corrupt import KINDS, SEVERITIES, Params
from palisade.tasks.voice.distortion.signals import Scene

RATE_HZ = 16000
LABELS = ("bed", "cat", "_unknown_", "_silence_")


def params(clips: int) -> Params:
    return Params(sample_rate_hz=RATE_HZ, clips=clips)


def held_out(counts: tuple[int, ...] = (6, 4, 8, 2)) -> Split:
    """Filtered noise bursts, so that each has low and high frequencies to lose."""
    draw = np.random.default_rng(5)
    n = sum(counts)
    envelope = np.exp(-(((np.arange(RATE_HZ) - 8000) / 3000) ** 2))
    smooth = np.convolve(draw.normal(0, 1, n * RATE_HZ), np.ones(4), "same").reshape(n, RATE_HZ)
    y = np.repeat(np.arange(len(counts)), counts)
    names = np.array([f"clip{place}" for place in range(n)])
    x = (smooth * envelope * 1500).astype(np.int16)
    return Split(x, y, names, np.array([f"speaker{n % 5}" for n in range(n)]), LABELS)


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def distances(field: Split, test: Split) -> dict[str, list[float]]:
    """Mean L2 distance from the originals, relative to their norm, by kind and severity."""
    originals = {str(name): x.astype(np.float64) for name, x in zip(test.ids, test.x, strict=True)}
    found: dict[tuple[str, str], list[float]] = {}
    for name, x in zip(field.ids, field.x, strict=True):
        kind, severity, clip = str(name).split("/", 2)
        change = np.linalg.norm(x - originals[clip]) / np.linalg.norm(originals[clip])
        found.setdefault((kind, severity), []).append(float(change))
    return {kind: [float(np.mean(found[kind, s])) for s in "123"] for kind in SEVERITIES}


def test_every_clip_comes_in_every_kind_and_severity() -> None:
    test = held_out()
    field = corrupt.corrupt(test, params(10), seed=1)
    assert len(field) == 10 * len(SEVERITIES) * 3
    assert field.x.dtype == np.int16
    assert len(set(field.ids)) == len(field)
    label = dict(zip(test.ids, test.y, strict=True))
    group = dict(zip(test.ids, test.groups, strict=True))
    cells: dict[str, set[str]] = {}
    for name, y, speaker in zip(field.ids, field.y, field.groups, strict=True):
        kind, severity, clip = str(name).split("/", 2)
        assert label[clip] == y
        assert group[clip] == speaker
        cells.setdefault(f"{kind}/{severity}", set()).add(clip)
    assert set(cells) == {f"{kind}/{severity}" for kind in KINDS for severity in (1, 2, 3)}
    assert len({frozenset(clips) for clips in cells.values()}) == 1
    assert set(SEVERITIES) == set(KINDS)


def test_a_larger_severity_is_farther_from_the_original() -> None:
    test = held_out()
    far = distances(corrupt.corrupt(test, params(len(test)), seed=1), test)
    # A shift of noise is as far as any other, whatever the lag: see the next test.
    for kind in set(SEVERITIES) - {"time_shift"}:
        assert 0.01 < far[kind][0] < far[kind][1] < far[kind][2], kind


def test_time_shift_is_later_by_its_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrupt, "BATCH", 3)
    test = held_out()
    field = corrupt.corrupt(test, params(len(test)), seed=1)
    shifted = {str(name): x for name, x in zip(field.ids, field.x, strict=True)}
    for severity, late_ms in enumerate(SEVERITIES["time_shift"], start=1):
        late = round(late_ms * 16)
        moved = shifted[f"time_shift/{severity}/clip3"]
        assert not moved[:late].any()
        assert np.array_equal(moved[late:], test.x[3][:-late])


def test_values_of_the_severities_are_what_is_measured() -> None:
    test = held_out()
    field = corrupt.corrupt(test, params(len(test)), seed=1)
    far = distances(field, test)
    for kind in ("noise", "babble"):
        assert -20 * np.log10(far[kind]) == pytest.approx(SEVERITIES[kind], abs=0.2)
    for severity, gain_db in enumerate(SEVERITIES["quiet"], start=1):
        mine = np.array([str(name).startswith(f"quiet/{severity}/") for name in field.ids])
        level = np.sqrt(
            np.mean(field.x[mine].astype(float) ** 2) / np.mean(test.x.astype(float) ** 2)
        )
        assert 20 * np.log10(level) == pytest.approx(gain_db, abs=0.3)


def test_babble_is_made_of_unknown_words_alone() -> None:
    """A command said in the background is another test, with another right answer."""
    test = held_out()
    mute = np.where((test.y == LABELS.index("_unknown_"))[:, None], 0, test.x)
    silent = Split(mute.astype(np.int16), test.y, test.ids, test.groups, LABELS)
    field = corrupt.corrupt(silent, params(len(test)), seed=1)
    babble = np.array([str(name).startswith("babble/3/") for name in field.ids])
    assert np.array_equal(field.x[babble], silent.x)


def test_the_same_clips_whatever_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrupt, "BATCH", 3)
    alone = corrupt.corrupt(held_out(), params(8), seed=1)
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    together = corrupt.corrupt(held_out(), params(8), seed=1)
    assert alone.x.tobytes() == together.x.tobytes()
    assert alone.ids.tobytes() == together.ids.tobytes()


@pytest.mark.parametrize("clips", [1, 7, 10, 19, 20, 400])
def test_classes_are_chosen_in_proportion(clips: int) -> None:
    test = held_out()
    chosen = test.take(corrupt.stratified(test, clips, seed=1))
    assert len(chosen) == min(clips, len(test))
    share = np.array([6, 4, 8, 2]) * min(clips, 20) / 20
    counts = np.bincount(chosen.y, minlength=4)
    assert np.all(np.abs(counts - share) < 1)


def test_shares_are_rounded_by_largest_remainder() -> None:
    """Seven of twenty: 2.1, 1.4, 2.8 and 0.7 clips."""
    test = held_out()
    chosen = test.y[corrupt.stratified(test, 7, seed=1)]
    assert np.bincount(chosen, minlength=4).tolist() == [2, 1, 3, 1]


def test_the_choice_is_drawn_from_the_seed_and_not_from_the_order() -> None:
    test = held_out()
    mine = set(test.ids[corrupt.stratified(test, 10, seed=1)])
    assert mine != set(test.ids[corrupt.stratified(test, 10, seed=2)])
    back = test.take(np.arange(len(test))[::-1])
    assert mine == set(back.ids[corrupt.stratified(back, 10, seed=1)])


def test_one_clip_can_be_corrupted_at_any_value() -> None:
    x = held_out().x[0].astype(np.float32) / 32768
    scene = Scene(RATE_HZ, np.zeros((1, RATE_HZ), np.int16))
    clipped = corrupt.distort(x, "clipping", 0.25, scene, seed=1, name="a")
    assert np.mean(clipped != x) == pytest.approx(0.25, abs=0.01)
