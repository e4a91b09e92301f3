"""A stage's stream: whose voices are heard, what is said, and what of the params counts."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.workspace import ROOT
from palisade import stage
from palisade.splits import NAMES
from palisade.stage import read_yaml
from palisade.tasks.voice.streaming import session
from palisade.tasks.voice.streaming.params import Params
from palisade.tasks.voice.streaming.session import Session
from palisade.tasks.voice.synthesis import voices, words


class Model:
    """What of an artefact a session asks for."""

    scale, zero_point = 0.125, 5


@pytest.fixture
def opened(params: Params) -> Session:
    """With labels as ``convert`` writes them."""
    tree = read_yaml(ROOT / "params.yaml")
    declared: dict[str, Any] = {
        f"{name}.voice": tree[name]["voice"] for name in ("features", "preprocess", "synthesize")
    }
    declared |= {"seed": 7, "stream.voice": params.model_dump()}
    entry = stage.Entry("stream", "voice", {}, "", (), tuple(declared), ())
    labels = ("unlock", "lock", "_unknown_", "_silence_")
    return session.of(stage.Stage(entry, ROOT, declared), labels, Model())  # type: ignore[arg-type]


def test_each_split_is_heard_by_the_voices_that_the_corpus_gives_it_alone(opened: Session) -> None:
    tree = read_yaml(ROOT / "params.yaml")["synthesize"]["voice"]
    room = {name: tree[name]["voices"] for name in NAMES}
    cast = voices.share_out(room, seed=7)
    for split in ("calibration", "test"):
        heard = opened.recorder(split).studio.cast
        assert heard == cast[split]
        others = {voice for name in NAMES if name != split for one in cast[name] for voice in one}
        assert not others & {voice for family in heard for voice in family}


def test_words_that_training_never_says_are_said_in_the_test_split_alone(opened: Session) -> None:
    unseen = words.share_out(
        opened.corpus.sound_alikes,
        commands=("unlock", "lock"),
        unseen_share=opened.corpus.unseen_share,
        seed=7,
    )["test"].unseen
    said = {split: opened.recorder(split).studio.words for split in ("calibration", "test")}
    assert unseen <= {*said["test"].ordinary, *said["test"].sound_alikes}
    assert not unseen & {*said["calibration"].ordinary, *said["calibration"].sound_alikes}


def test_commands_are_the_labels_that_do_not_begin_with_an_underscore(opened: Session) -> None:
    assert opened.commands == ("unlock", "lock")
    said = {label for block in opened.blocks("test") for label in block.commands}
    assert said == {"unlock", "lock"}


def test_windows_are_a_hop_apart_and_of_the_models_form(opened: Session) -> None:
    block = next(one for one in opened.blocks("test") if one.kind == "background")
    recording = opened.recorder("test")(block)
    assert recording.kind == "background"
    assert recording.windows.shape == (71, 49, 10, 1)  # 8 s, every 100 ms


def test_a_hop_of_no_time_is_refused_by_name(params: Params) -> None:
    tree = params.model_dump()
    tree["decision"]["hop_ms"] = 0
    with pytest.raises(stage.PalisadeError, match=r"stream\.voice\.decision\.hop_ms is 0"):
        stage.checked(Params, tree, "params.yaml: stream.voice")
