"""How easy data is for a linear model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.hardness import linear_accuracy
from palisade.splits import Split


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def halves(x: NDArray[np.float64]) -> tuple[Split, Split]:
    """Two classes in turn, half to learn from and half to be tested on."""
    names = np.array([str(n) for n in range(len(x))])
    whole = Split(x, np.arange(len(x)) % 2, names, names, ("yes", "no"))
    return whole.take(slice(0, len(x) // 2)), whole.take(slice(len(x) // 2, None))


def floats(x: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(x, dtype=np.float32)


def test_it_is_high_where_means_tell_the_classes_apart_and_low_where_not() -> None:
    noise = np.random.default_rng(0).normal(size=(400, 3))
    told = noise + 10 * (np.arange(400) % 2)[:, None]
    assert linear_accuracy(*halves(told), floats) == 1.0
    assert linear_accuracy(*halves(noise), floats) == pytest.approx(0.5, abs=0.12)


def test_it_is_measured_on_examples_that_were_not_learned() -> None:
    """More features than examples: what is learned is known by heart."""
    noise = np.random.default_rng(0).normal(size=(120, 500))
    assert linear_accuracy(*halves(noise), floats) < 0.75


def test_features_of_any_scale_count_alike() -> None:
    noise = np.random.default_rng(0).normal(size=(400, 2)) * [1e6, 1e-6]
    told = noise + 5e-6 * (np.arange(400) % 2)[:, None]
    assert linear_accuracy(*halves(told), floats) > 0.95
