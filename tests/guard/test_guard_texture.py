"""Texture counts what it says, is a Mahalanobis distance, and tells the unlike from the like."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import mahalanobis

from palisade.errors import PalisadeError
from palisade.guard import making, texture
from palisade.guard.calibration import auroc
from palisade.guard.engineered import Engineered
from palisade.guard.making import TextureParams

Int8s = NDArray[np.int8]


def form(height: int, width: int, channels: int = 1) -> Engineered:
    return Engineered(height=height, width=width, channels=channels, rows=1, columns=1)


def pictures(seed: int, n: int, smoothness: int) -> Int8s:
    """``[n, 16, 16, 1]`` noise of one mean and spread, the smoother the wider its running mean."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, 16, 15 + smoothness))
    mean = np.lib.stride_tricks.sliding_window_view(noise, smoothness, axis=2).mean(axis=3)
    scaled = 25 * mean / mean.std() + rng.normal(0, 10, (n, 1, 1))
    return np.clip(np.rint(scaled), -128, 127).astype(np.int8)[..., np.newaxis]


def test_counts_are_those_counted_by_hand() -> None:
    x = np.array([[0, 5], [1, -100], [-128, 127]], np.int8)[np.newaxis]
    found = texture.counts(form(3, 2), x, octaves=2, stride=1)
    assert found.shape == (1, 32) == (1, texture.size(form(3, 2), 2))
    # By the number of bits: 0, 1, 2 to 3, 4 to 7, ... 64 to 127.
    assert found.reshape(4, 8).tolist() == [
        [0, 1, 0, 0, 0, 0, 0, 1],  # down: 1 and 129, 105 and 227, of which two are too large
        [0, 0, 0, 0, 0, 0, 0, 1],  # two down: 128, 122
        [0, 0, 0, 1, 0, 0, 0, 1],  # across: 5, 101, 255
        [0, 0, 0, 0, 0, 0, 0, 0],  # two across: there are none
    ]


@pytest.mark.parametrize(("stride", "octaves"), [(1, 3), (2, 2), (3, 4), (200, 1)])
def test_counts_are_those_of_a_walk_over_all_elements(stride: int, octaves: int) -> None:
    x = np.random.default_rng(1).integers(-128, 128, (7, 11, 2)).astype(np.int8)
    expected = np.zeros((2, octaves, 2, 9), int)
    for place in np.ndindex(7, 11, 2):
        for axis, octave in np.ndindex(2, octaves):
            before = list(place)
            before[axis] -= 2**octave
            if before[axis] >= 0 and place[0] % stride == place[1] % stride == 0:
                bits = abs(int(x[place]) - int(x[tuple(before)])).bit_length()
                expected[axis, octave, place[2], bits] += 1
    found = texture.counts(form(7, 11, 2), x[np.newaxis], octaves=octaves, stride=stride)
    np.testing.assert_array_equal(found[0], expected[..., :8].ravel())


def test_an_axis_of_length_one_has_no_differences() -> None:
    x = np.random.default_rng(2).integers(-128, 128, (3, 20, 1, 4)).astype(np.int8)
    assert texture.counts(form(20, 1, 4), x, octaves=2, stride=1).shape == (3, 64)


def test_a_score_is_the_squared_mahalanobis_distance_in_256ths() -> None:
    shape = form(16, 16)
    train, fresh = pictures(3, 2000, 4), pictures(4, 200, 3)
    seen = texture.counts(shape, train, octaves=2, stride=1)
    table = texture.fit(seen, octaves=2, stride=1)
    found = texture.score(table, shape, fresh) / 256
    deviation = np.maximum(seen.std(axis=0), texture.LEAST_DEVIATION)
    spread = np.cov(seen / deviation, rowvar=False, bias=True) * (1 - texture.SHRINKAGE)
    inverse = np.linalg.inv(spread + texture.SHRINKAGE * np.eye(len(spread)))
    some = texture.counts(shape, fresh, octaves=2, stride=1)
    expected = [
        mahalanobis(row / deviation, seen.mean(axis=0) / deviation, inverse) ** 2 for row in some
    ]
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.5)


def test_inputs_smoother_or_rougher_than_those_of_training_are_strange() -> None:
    shape = form(16, 16)
    seen = texture.counts(shape, pictures(5, 2000, 4), octaves=2, stride=1)
    table = texture.fit(seen, octaves=2, stride=1)
    clean = texture.score(table, shape, pictures(6, 500, 4))
    for smoothness in (2, 8):
        assert auroc(clean, texture.score(table, shape, pictures(7, 500, smoothness))) > 0.95
    assert auroc(clean, texture.score(table, shape, pictures(8, 500, 4))) == pytest.approx(
        0.5, abs=0.05
    )


def test_inputs_that_never_change_make_a_table_and_are_not_strange() -> None:
    shape, same = form(16, 16), np.full((10, 16, 16, 1), 7, np.int8)
    table = texture.fit(texture.counts(shape, same, octaves=2, stride=1), octaves=2, stride=1)
    assert texture.score(table, shape, same).tolist() == [0] * 10
    assert texture.score(table, shape, pictures(9, 10, 4)).min() > 10000


def test_octaves_of_too_many_channels_are_refused_with_what_to_do() -> None:
    x = np.zeros((2, 8, 8, 3), np.int8)
    with pytest.raises(PalisadeError, match=r"octaves is 3, .* 8 x 8 x 3 gives 144 counts"):
        making._texture(form(8, 8, 3), x, TextureParams(octaves=3, stride=1))
    with pytest.raises(PalisadeError, match="gives 0 counts"):
        making._texture(form(1, 1), x[:, :1, :1, :1], TextureParams(octaves=1, stride=1))
