"""A small studio: a few voices, the real synthesiser, little sound."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.workspace import ROOT
from palisade.splits import NAMES
from palisade.stage import read_yaml
from palisade.tasks.voice.streaming.drawing import Studio
from palisade.tasks.voice.streaming.params import Params
from palisade.tasks.voice.synthesis import params as synthesis
from palisade.tasks.voice.synthesis import voices, words

COMMANDS = ("unlock", "lock", "alarm")
STREAM: dict[str, Any] = {
    "block_s": 8.0,
    "speech_share": 0.6,
    "sound_alike_share": 0.2,
    "loudspeaker_share": 0.5,
    "talk_share": 0.5,
    "transients_per_minute": [20.0, 40.0],
    "transient_db": [-10.0, 10.0],
    "gain_change_db": [-12.0, 12.0],
    "decision": {
        "hop_ms": 100,
        "smoothed_windows": 3,
        "refractory_ms": 1000,
        "false_reject_target": 0.1,
    },
    "train": {"hours": 0.01, "commands": 3},
    "validation": {"hours": 0.01, "commands": 3},
    "calibration": {"hours": 0.01, "commands": 5},
    "test": {"hours": 0.05, "commands": 7},
}


@pytest.fixture
def params() -> Params:
    """Little of everything."""
    return Params.model_validate(STREAM)


@pytest.fixture
def corpus() -> synthesis.Params:
    """The default corpus' bounds."""
    tree = read_yaml(ROOT / "params.yaml")["synthesize"]["voice"]
    return synthesis.Params.model_validate(tree)


@pytest.fixture
def studio(params: Params, corpus: synthesis.Params) -> Studio:
    """Of the test split."""
    room = {name: getattr(corpus, name).voices for name in NAMES}
    said = words.share_out(
        corpus.sound_alikes, commands=COMMANDS, unseen_share=corpus.unseen_share, seed=1
    )
    cast = voices.share_out(room, seed=1)["test"]
    return Studio(params, corpus, COMMANDS, cast, said["test"], seed=1)
