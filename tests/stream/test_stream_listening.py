"""What a device is told of a stream: read back as written, and refused where it does not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.stream.listening import Listening
from tests.device.listen_rules import rules


@pytest.mark.parametrize("confirmed", [False, True], ids=["margins", "confirmed"])
def test_rules_come_back_as_they_were_written(confirmed: bool, tmp_path: Path) -> None:
    one, path = rules(np.random.default_rng(1), confirmed=confirmed), tmp_path / "stream.json"
    one.write(path)
    assert Listening.read(path) == one
    first = path.read_bytes()
    one.write(path)
    assert path.read_bytes() == first


CHANGES: dict[str, dict[str, Any]] = {
    "too few thresholds": {"thresholds_lsb": []},
    "no thresholds of its own": {"confirmed_lsb": None},
    "no confirmer": {"confirmer": None},
    "a class that is not there": {"actions": [99]},
    "a longer mean than what is kept": {"smoothed_windows": 16},
    "another context": {"context_windows": 15, "smoothed_windows": 1},
    "an unknown key": {"hop": 100},
    "a fraction": {"hop_ms": 99.5},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_rules_that_do_not_fit_each_other_are_refused(
    change: dict[str, Any], tmp_path: Path
) -> None:
    drawn = (rules(np.random.default_rng(seed), confirmed=True) for seed in range(50))
    one = next(one for one in drawn if one.context_windows < 15 and len(one.actions) > 1)
    path = tmp_path / "stream.json"
    path.write_text(json.dumps({**one.model_dump(), **change}))
    with pytest.raises(PalisadeError, match=r"stream\.json"):
        Listening.read(path)


@pytest.mark.parametrize(
    "content", ["", "{", "[" * 100000, None], ids=["empty", "cut", "deep", "none"]
)
def test_a_file_that_holds_no_rules_is_told(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(PalisadeError, match=r"cannot be read|is no JSON"):
        Listening.read(path)
