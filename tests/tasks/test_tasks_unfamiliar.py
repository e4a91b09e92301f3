"""Unfamiliar inputs: what a sensor could deliver, of several kinds, the same by seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade import tasks
from palisade.evaluation import unfamiliar

SHAPES: dict[str, tuple[tuple[int, ...], Any]] = {
    "voice": ((16000,), np.int16),
    "vision": ((64, 64, 1), np.uint8),
    "motion": ((150, 4), np.int32),
}


@pytest.mark.parametrize("key", SHAPES)
def test_kinds_differ_and_repeat_by_seed(key: str) -> None:
    task, (shape, dtype) = tasks.load(key, "unfamiliar"), SHAPES[key]
    first, again = (unfamiliar.draw(task, shape, 5, seed=3) for _ in range(2))
    other = unfamiliar.draw(task, shape, 5, seed=4)
    assert len(first) >= 4
    for kind, x in first.items():
        assert (x.shape, x.dtype) == ((5, *shape), dtype)
        assert np.array_equal(x, again[kind])
        assert not np.array_equal(x, other[kind])
        assert len({one.tobytes() for one in x}) == 5


def test_sounds_are_as_loud_as_speech_and_do_not_clip() -> None:
    task = tasks.load("voice", "unfamiliar")
    for x in unfamiliar.draw(task, (16000,), 20, seed=1).values():
        rms = np.sqrt(np.mean((x / 32768.0) ** 2, axis=1))
        assert 0.015 < rms.min() < rms.max() < 0.13
        assert np.mean(np.abs(x) == 32767) < 0.01


def test_pictures_use_the_range_of_a_camera() -> None:
    task = tasks.load("vision", "unfamiliar")
    for x in unfamiliar.draw(task, (64, 64, 3), 20, seed=1).values():
        assert np.all(x[..., 0] == x[..., 2])
        deviation = x.reshape(20, -1).std(axis=1)
        assert 15 < deviation.min() < deviation.max() < 70


def test_a_device_without_an_accelerometer_gets_the_pir_alone() -> None:
    task = tasks.load("motion", "unfamiliar")
    dice = np.random.default_rng(0)
    assert task.draw("strobe", (55, 1), dice).shape == (55, 1)
