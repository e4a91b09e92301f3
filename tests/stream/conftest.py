"""A small int8 model that was never trained."""

from __future__ import annotations

import numpy as np
import pytest

from palisade import quantise
from palisade.backend import set_seed
from palisade.tasks.voice import network


@pytest.fixture(scope="session")
def int8_model() -> bytes:
    """From ``[n, 8, 10, 1]`` to three classes."""
    set_seed(1, "stream")
    params = network.Params(narrow_channels=4, wide_channels=4, dropout=0.0)
    features = np.random.default_rng(1).normal(size=(64, 8, 10, 1)).astype(np.float32)
    model = quantise.prepared(network.build((8, 10, 1), 3, params), features)
    content: bytes = quantise.to_int8(model)
    return content
