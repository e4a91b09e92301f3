"""Keys of images, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from palisade.boot import key


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "image.pem"
    key.create(path)
    return path


@pytest.fixture(scope="session")
def private(key_file: Path) -> key.PrivateKey:
    return key.load_private(key_file)
