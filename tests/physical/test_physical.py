"""What the physical attacks of all tasks share: the climb, the table, recordings, export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from benchmarks.workspace import ROOT
from palisade.attacks.ball import L2
from palisade.backend import tf
from palisade.commands.main import main
from palisade.errors import PalisadeError
from palisade.evaluation.leads import lead
from palisade.physical import draws, recorded, room, scoring, soundness
from palisade.physical.aims import GUARD_AWARE, OBLIVIOUS
from palisade.physical.contest import judged
from palisade.physical.expectation import best_start, climb
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
    wrong = ~np.array(right) & np.array(accepted)
    passed = {OBLIVIOUS: wrong}
    return Outcome(attack, "1 dB", reference, {OBLIVIOUS: ~np.array(right)}, passed)


class _Device:
    """Says what a sample is, without its sign, and believes it where there is none."""

    def judge(self, raw: Any) -> Any:
        return SimpleNamespace(label=np.abs(raw), accepted=raw >= 0)


def variants(*raw: tuple[str, list[int]], for_all: bool = False) -> Outcome:
    """Of three examples of class 0, each variant a sample of its own."""
    allowed = scoring.exactly(np.zeros(3, np.int64), 3)
    device: Any = _Device()
    return scoring.outcome(
        device,
        [Attacked("a", "1 dB", np.array(x), allowed, True, aim, for_all) for aim, x in raw],
    )


def test_an_example_is_wrong_if_any_aim_makes_it_wrong() -> None:
    found = variants((OBLIVIOUS, [1, -1, 0]), (GUARD_AWARE, [0, 2, 0]))
    assert found.right.tolist() == [False, False, True]
    assert found.accepted_and_wrong.tolist() == [True, True, False]
    (row,) = scoring.rows([found], [found])
    assert row["oblivious_accepted_and_wrong"] == pytest.approx(1 / 3)
    assert row["guard_aware_accepted_and_wrong"] == pytest.approx(1 / 3)
    assert row["accepted_and_wrong"] == pytest.approx(2 / 3)
    assert row["accuracy"] == pytest.approx(1 / 3)


def test_of_what_is_one_for_all_the_worse_counts_as_a_whole() -> None:
    found = variants((OBLIVIOUS, [1, 0, 0]), (GUARD_AWARE, [0, 2, 2]), for_all=True)
    assert found.accepted_and_wrong.tolist() == [False, True, True]
    assert found.right.tolist() == [True, False, False]
    found = variants((OBLIVIOUS, [1, 1, 0]), (GUARD_AWARE, [0, 0, 2]), for_all=True)
    assert found.accepted_and_wrong.tolist() == [True, True, False]


def test_an_attack_without_a_guard_in_mind_has_no_figure_of_one_that_has() -> None:
    (row,) = scoring.rows([variants((OBLIVIOUS, [0, 0, 1]))], [variants((OBLIVIOUS, [0, 0, 0]))])
    assert row["guard_aware_accepted_and_wrong"] == ""
    assert row["accepted_and_wrong"] == row["oblivious_accepted_and_wrong"] == pytest.approx(1 / 3)


def severity(strength: float | None, wrong: list[int], *, for_all: bool = False) -> Outcome:
    """An attack by which some of five examples are wrong, and accepted."""
    mask = np.isin(np.arange(5), wrong)
    name, found = f"{strength}", {OBLIVIOUS: mask}
    return Outcome("a", name, True, found, found, for_all=for_all, strength=strength)


def test_who_may_go_far_may_go_less_far() -> None:
    given = [severity(3, [4]), severity(1, [0, 1]), severity(2, [2])]
    found = scoring.carried(given)
    assert [one.severity for one in found] == ["3", "1", "2"]
    assert [np.flatnonzero(~one.right).tolist() for one in found] == [
        [0, 1, 2, 4],
        [0, 1],
        [0, 1, 2],
    ]
    assert found[0].accepted_and_wrong.sum() == 4
    assert [one.right.sum() for one in given] == [4, 3, 4]  # as they were


def test_of_one_for_all_the_better_severity_counts_and_rooms_have_none() -> None:
    found = scoring.carried([severity(1, [0, 1], for_all=True), severity(2, [4], for_all=True)])
    assert [np.flatnonzero(~one.right).tolist() for one in found] == [[0, 1], [0, 1]]
    found = scoring.carried([severity(None, [0]), severity(None, [1])])
    assert [np.flatnonzero(~one.right).tolist() for one in found] == [[0], [1]]


def test_of_several_starts_the_one_worth_most_counts() -> None:
    values = [3.0, 9.0, 5.0]
    assert best_start(3, lambda number: number, lambda one: values[one], "test") == 1
    assert best_start(1, lambda number: number, lambda one: pytest.fail("judged"), "test") == 0


def test_variants_of_one_severity_are_one_outcome_and_severities_are_not() -> None:
    allowed = scoring.exactly(np.zeros(2, np.int64), 3)
    contest: Any = SimpleNamespace(target=SimpleNamespace(device=_Device()))
    given = [
        Attacked("a", severity, np.array(raw), allowed, aim=aim)
        for severity, aim, raw in (
            ("1 dB", OBLIVIOUS, [0, 1]),
            ("1 dB", GUARD_AWARE, [1, 0]),
            ("2 dB", OBLIVIOUS, [0, 0]),
        )
    ]
    found = judged(contest, iter(given))
    assert [one.severity for one in found] == ["1 dB", "2 dB"]
    assert [one.right.tolist() for one in found] == [[False, False], [True, True]]


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


def broken(*examples: int) -> NDArray[np.bool_]:
    return np.isin(np.arange(40), examples)


def test_a_lead_is_in_standard_errors_of_what_falls_to_one_alone() -> None:
    assert lead(broken(*range(9)), broken()) == pytest.approx(3.0)
    assert lead(broken(), broken(*range(16))) == pytest.approx(-4.0)
    assert lead(broken(1, 2, 3), broken(1, 2, 4)) == 0.0
    assert lead(broken(1), broken(1)) == 0.0


def made(attack: str, wrong: int, strength: float | None = None, aware: int = 0) -> Outcome:
    """An attack on 40 examples, of which the first fall; the guard believes as many."""
    right = ~broken(*range(wrong))
    wrong, passed = {OBLIVIOUS: ~right}, {OBLIVIOUS: ~right, GUARD_AWARE: broken(*range(aware))}
    control = "" if attack == "idle" else "idle"
    return Outcome(attack, "1 dB", True, wrong, passed, strength=strength, control=control)


def test_each_figure_is_of_the_pair_that_tells_most_against_the_attacks() -> None:
    defended = [made("idle", 0), made("a", 9, 1, 10), made("a", 5, 2, 5), made("b", 5, None, 1)]
    undefended = [made("idle", 1), made("a", 10, 1), made("a", 20, 2), made("b", 2)]
    found = soundness.figures(defended, undefended)
    assert found["over_controls"] == pytest.approx(1.0)  # b
    assert found["over_controls_when_defended"] == pytest.approx(5**0.5)  # b
    assert soundness.figures([], [*undefended, made("b", 10)])["over_controls"] == 3.0  # of either
    assert found["of_milder"] == pytest.approx(2.0)  # a, defended
    assert found["of_oblivious"] == pytest.approx(2.0)  # b
    assert soundness.figures([], []) == {}


def test_a_control_counts_on_the_attacks_own_examples_alone() -> None:
    half = broken(*range(20))
    one = replace(made("a", 0), wrong={OBLIVIOUS: np.ones(20, bool)}, among=half)
    assert soundness.figures([], [made("idle", 4), one])["over_controls"] == 4.0  # 16 more than 4
    other = replace(one, among=~half)
    assert soundness.figures([], [made("idle", 4), other])["over_controls"] == 20**0.5


def test_what_has_no_order_is_not_put_in_one() -> None:
    found = soundness.figures([made("rooms", 30), made("rooms", 1)], [])
    assert "of_milder" not in found


def test_export_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(PalisadeError, match="is there already"):
        room.export(_Stage(tmp_path), tmp_path)  # type: ignore[arg-type]
    assert main(["physical", "export", "smell", str(tmp_path / "new")]) == 1
    assert "physical@smell" in capsys.readouterr().err
