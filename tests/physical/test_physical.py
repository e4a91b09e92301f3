"""What the physical attacks of all tasks share: the climb, the table, recordings, export."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from benchmarks.workspace import ROOT
from palisade.attacks.ball import L2
from palisade.backend import tf
from palisade.commands.main import main
from palisade.errors import PalisadeError
from palisade.physical import draws, recorded, room, scoring
from palisade.physical.expectation import climb
from palisade.physical.scoring import Attacked, Outcome
from palisade.stage import checked, lookup, read_yaml

LABELS = ("unlock", "lock", "alarm", "lights", "stop", "help", "_unknown_", "_silence_")


class _Stage:
    """As much of a stage as reading recordings takes."""

    key = "voice"

    def __init__(self, root: Path) -> None:
        self.root = root

    def dep(self, path: str) -> Path:
        return self.root / path.format(key=self.key)

    def params(self, section: str, model: Any) -> Any:
        tree = lookup(read_yaml(ROOT / "params.yaml"), f"{section}.{self.key}")
        return checked(model, tree, section)


@pytest.fixture
def this(tmp_path: Path) -> Any:
    """A project with a folder of recordings and a README in it."""
    folder = tmp_path / "data/raw/physical/voice"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("")
    return _Stage(tmp_path)


def record(this: Any, name: str) -> Path:
    path: Path = this.root / "data/raw/physical/voice" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.sin(np.arange(16000) / 5), 16000)
    return path


def found(this: Any) -> list[Attacked]:
    contest: Any = SimpleNamespace(scored=SimpleNamespace(labels=LABELS))
    return list(recorded.attacks(this, contest))


def test_no_recordings_give_no_rows(this: Any) -> None:
    assert found(this) == []


def test_recordings_are_scored_by_attack_and_true_class(this: Any) -> None:
    record(this, "universal/unlock/kitchen_1m_1.wav")
    record(this, "universal/stop/kitchen_1m_1.wav")
    record(this, "replay/unlock/kitchen_1m_1.wav")
    attacks = found(this)
    assert [one.attack for one in attacks] == ["recorded_replay", "recorded_universal"]
    assert attacks[1].raw.shape == (2, 16000) and attacks[1].raw.dtype == np.int16
    assert attacks[1].allowed.argmax(axis=1).tolist() == [4, 0]
    assert attacks[0].allowed[0].tolist() == [False] * 6 + [True] * 2


def test_a_corrupt_recording_gives_one_clear_error(this: Any) -> None:
    path = record(this, "universal/unlock/kitchen_1m_1.wav")
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(PalisadeError, match=r"kitchen_1m_1\.wav is unusable \(\w+\)"):
        found(this)


def test_a_folder_of_no_class_is_named(this: Any) -> None:
    record(this, "universal/open/kitchen_1m_1.wav")
    with pytest.raises(PalisadeError, match="open is of no class"):
        found(this)


def test_the_climb_finds_the_middle_of_what_it_is_shown_at_random() -> None:
    """The best answer to draws about 3 is 3, though no single draw says so."""
    run = climb(
        value=lambda x, seed: -tf.square(x[:, 0] - 3.0 - tf.random.stateless_normal([1], seed)),
        project=lambda x: tf.clip_by_value(x, -10.0, 10.0),
        norm=L2(),
        steps=300,
    )
    x = run(tf.zeros([1, 1]), 0.3, draws.pair(7, "climb"))
    assert float(x[0, 0]) == pytest.approx(3.0, abs=0.3)


def test_the_climb_never_leaves_what_can_be_made() -> None:
    run = climb(
        value=lambda x, seed: tf.reduce_sum(x, axis=1),
        project=lambda x: tf.clip_by_value(x, -1.0, 1.0),
        norm=L2(),
        steps=20,
    )
    assert np.asarray(run(tf.zeros([2, 3]), 5.0, draws.pair(7))).max() == 1.0


def outcome(attack: str, right: list[bool], accepted: list[bool], reference: bool) -> Outcome:
    return Outcome(attack, "1 dB", reference, np.array(right), np.array(accepted))


def test_figures_are_those_of_the_reference_and_count_what_is_accepted_and_wrong() -> None:
    right, accepted = [True, False, False, False], [True, True, False, False]
    outcomes = [outcome("a", right, accepted, True), outcome("a", [False] * 4, accepted, False)]
    assert scoring.figures(outcomes) == {
        "physical": {"a": 0.25},
        "accepted_and_wrong": {"a": 0.25},
    }
    (first, second) = scoring.rows(outcomes, outcomes)
    assert first["accuracy"] == 0.25 and first["low"] < 0.25 < first["high"] and first["n"] == 4
    assert second["accepted_and_wrong"] == 0.5


def test_models_under_different_attacks_are_never_compared() -> None:
    with pytest.raises(ValueError, match="stands beside"):
        scoring.rows([outcome("a", [True], [True], True)], [outcome("b", [True], [True], True)])


def test_export_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(PalisadeError, match="is there already"):
        room.export(_Stage(tmp_path), tmp_path)  # type: ignore[arg-type]
    assert main(["physical", "export", "smell", str(tmp_path / "new")]) == 1
    assert "physical@smell" in capsys.readouterr().err
