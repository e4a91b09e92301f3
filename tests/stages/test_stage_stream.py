"""The stream stage from recordings to thresholds, figures and the curve; its model is a fake."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade import stage
from palisade.int8 import Outputs
from palisade.stream import hearing
from palisade.stream.decision import Confirming, Params
from palisade.stream.recording import Recording, Said
from stages import stream

LABELS = ("_silence_", "go", "_unknown_", "halt")
OUTS = ("models/bell/stream.json", "metrics/bell/stream.json", "metrics/bell/detail/stream.csv")
DEPS = ("models/bell/model.tflite", "models/bell/guard.json", "models/bell/labels.txt",
        "device/measured.json")  # fmt: skip
SPEECH, NOISE = 60, 30
LENGTH = 200  # windows of a recording
DECISION = Params(hop_ms=100, smoothed_windows=3, refractory_ms=1000, false_reject_target=0.1)
CONFIRM = Confirming(
    context_windows=8,
    hidden=8,
    epochs=40,
    weight_decay=0.001,
    said_ms=[400.0, 800.0],
    false_reject_target=0.05,
)
MIDDLE, WIDTH = 100, 6  # of a command


def rows(bias: float, noise: float, commands: tuple[int, ...], seed: int) -> NDArray[np.int8]:
    """Frames that are margins of go and halt, and at commands one of them is large."""
    dice = np.random.default_rng(seed)
    found = dice.normal([-20 + bias, -20], noise, (LENGTH, 2))
    for action in commands:
        found[MIDDLE : MIDDLE + WIDTH, action] = dice.normal(20, 5)
    return np.clip(found, -128, 127).astype(np.int8)


@dataclass
class Session:
    """Draws rows by a block's number."""

    bias: dict[str, float] = field(default_factory=lambda: {"calibration": 0.0, "test": 0.0})
    commands: tuple[str, ...] = ("go", "halt")
    clip_ms: int = 1000
    params: Any = field(default_factory=lambda: SimpleNamespace(decision=DECISION))
    bursts: bool = False

    def blocks(self, split: str) -> list[tuple[str, int]]:
        return [(split, number) for number in range(200 + SPEECH + NOISE)]

    def recorder(self, split: str) -> Any:
        return self.record

    def record(self, block: tuple[str, int]) -> Recording:
        split, number = block
        seed = number + 1000 * ("calibration", "test", "train", "validation").index(split)
        if number < 200:
            action = number % 2
            begin_ms = self.clip_ms + 100 * (MIDDLE - 8)
            said = Said(self.commands[action], begin_ms, begin_ms + 500)
            return Recording("commands", rows(0.0, 3.0, (action,), seed), 1, 1, (said,))
        kind, noise = ("speech", 9.0) if number < 200 + SPEECH else ("background", 4.0)
        drawn = rows(self.bias.get(split, 0.0), noise, (), seed)
        if self.bursts and kind == "speech":
            drawn[MIDDLE : MIDDLE + 2, number % 2] = 60
        return Recording(kind, drawn, 1, 1)


@dataclass
class Model:
    """Its logits are its input's rows; TFLM's are one less."""

    content: bytes = b""

    def litert(self, windows: NDArray[np.int8]) -> Outputs:
        logits = np.full((len(windows), len(LABELS)), 0, np.int8)
        logits[:, 1], logits[:, 3] = windows[:, 0, 0], windows[:, 0, 1]
        return Outputs(logits, logits)

    def verdict(self, windows: NDArray[np.int8]) -> Outputs:
        found = self.litert(windows).logits.copy()
        found[:, [1, 3]] -= 1
        return Outputs(found, found)


@pytest.fixture
def session() -> Session:
    """Both splits alike."""
    return Session()


@pytest.fixture
def project(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> stage.Stage:
    """The stage in a folder, with fakes in the place of what is drawn and what answers."""
    for name in DEPS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("\n".join(LABELS) + "\n")
    device = SimpleNamespace(artefact=Model(), guard=None)
    monkeypatch.setattr(stream.edge, "of", lambda *_: device)
    monkeypatch.setattr(stream.tasks, "load", lambda *_: SimpleNamespace(of=lambda *_: session))
    monkeypatch.setattr(hearing, "_artefact", lambda content: Model())
    found = stream.m4.load()
    monkeypatch.setattr(stream.m4, "load", lambda _: found)
    monkeypatch.setenv("PALISADE_WORKERS", "1")
    entry = stage.Entry("stream", "bell", {}, "python -m stages.stream bell", DEPS, ("seed",), OUTS)
    return stage.Stage(entry, tmp_path, {"seed": 1})


def metrics(project: stage.Stage) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project.root / OUTS[1]).read_text())
    return found


def firmware(project: stage.Stage) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project.root / OUTS[0]).read_text())
    return found


def test_figures_have_the_names_that_every_tool_reads(project: stage.Stage) -> None:
    stream.main(project)
    found = metrics(project)
    assert found["commands"] == 200
    assert found["hours"] == pytest.approx((SPEECH + NOISE) * (LENGTH - 2) / 36000)
    assert found["false_accepts_per_hour"] < found["false_accepts_per_hour_high"]
    assert 0.0 < found["false_reject_rate"] < 0.15
    assert found["speech"]["hours"] == pytest.approx(SPEECH * (LENGTH - 2) / 36000)
    assert found["background"]["false_accepts_per_hour"] == 0.0
    assert found["target_met"] is True
    assert found["calibration"]["commands"] == 200
    assert set(found["without_guard"]) >= {"false_accepts_per_hour", "false_reject_rate"}


def test_firmware_is_told_in_whole_numbers_what_decides(project: stage.Stage) -> None:
    stream.main(project)
    found = firmware(project)
    assert found["actions"] == [1, 3]
    assert all(type(one) is int for one in found["thresholds_lsb"])
    assert (found["hop_ms"], found["smoothed_windows"], found["refractory_windows"]) == (100, 3, 10)
    assert found["confirmer"] is None


def test_the_verdict_is_tflms(project: stage.Stage) -> None:
    stream.main(project)
    found = metrics(project)
    assert found["tflm"]["difference_lsb"] == 1
    assert found["tflm"]["windows"] > 1000
    with (project.root / OUTS[2]).open(newline="") as file:
        rows = {int(row["shift_lsb"]): row for row in csv.DictReader(file)}
    # On TFLM all margins are one less, as if all thresholds were one higher on LiteRT.
    assert found["false_reject_rate"] == pytest.approx(float(rows[1]["false_reject_rate"]))
    assert found["false_accepts_per_hour"] == pytest.approx(
        float(rows[1]["false_accepts_per_hour"]), rel=1e-4
    )
    assert float(rows[-40]["false_accepts_per_hour"]) > float(rows[0]["false_accepts_per_hour"])
    assert float(rows[40]["false_reject_rate"]) > 0.9


def test_test_recordings_set_no_threshold(project: stage.Stage, session: Session) -> None:
    stream.main(project)
    before, quiet = firmware(project), metrics(project)
    session.bias["test"] = 25.0
    stream.main(project)
    assert firmware(project) == before
    assert metrics(project)["false_accepts_per_hour"] > 10 * quiet["false_accepts_per_hour"] + 10


def test_calibration_speech_in_which_a_command_is_heard_raises_its_threshold(
    project: stage.Stage, session: Session
) -> None:
    session.bias["calibration"] = 20.0
    stream.main(project)
    go, halt = firmware(project)["thresholds_lsb"]
    assert go > halt + 3


def test_a_target_that_cannot_be_kept_is_told(project: stage.Stage, session: Session) -> None:
    strict = session.params.decision.model_copy(update={"false_reject_target": 0.001})
    session.params = SimpleNamespace(decision=strict)
    stream.main(project)
    assert metrics(project)["target_met"] is False


def test_so_is_one_of_the_margins_before_a_confirmer(
    project: stage.Stage, session: Session
) -> None:
    for target, met in ((0.1, True), (0.001, False)):
        confirm = CONFIRM.model_copy(update={"false_reject_target": target})
        both = DECISION.model_copy(update={"confirm": confirm, "false_reject_target": 0.5})
        session.params = SimpleNamespace(decision=both)
        stream.main(project)
        assert metrics(project)["target_met"] is met


def test_what_sounds_alike_for_a_moment_is_not_confirmed(
    project: stage.Stage, session: Session
) -> None:
    """Speech with bursts of two windows, whose mean is that of a command of six."""
    session.bursts = True
    stream.main(project)
    by_margins = metrics(project)
    session.params = SimpleNamespace(decision=DECISION.model_copy(update={"confirm": CONFIRM}))
    stream.main(project)
    confirmed, told = metrics(project), firmware(project)
    assert confirmed["false_accepts_per_hour"] < 0.3 * by_margins["false_accepts_per_hour"]
    assert confirmed["false_reject_rate"] < by_margins["false_reject_rate"] + 0.05
    without = confirmed["without_confirmer"]
    assert without["false_accepts_per_hour"] > 2 * confirmed["false_accepts_per_hour"]
    assert told["confirmer"]["context"] == told["context_windows"] == 8
    assert len(told["confirmed_lsb"]) == len(told["thresholds_lsb"]) == 2
    assert confirmed["device"]["instructions"] > 2 * by_margins["device"]["instructions"]
    assert confirmed["device"]["table_bytes"] > 8 * 8 * len(LABELS)


def test_the_same_inputs_give_the_same_bytes(project: stage.Stage) -> None:
    stream.main(project)
    first = {path: (project.root / path).read_bytes() for path in OUTS}
    stream.main(project)
    assert first == {path: (project.root / path).read_bytes() for path in OUTS}


def test_what_a_device_has_no_room_for_is_told_before_anything_is_heard(
    project: stage.Stage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "blocks", None)
    session.commands = tuple(f"word{n}" for n in range(17))
    with pytest.raises(stage.PalisadeError, match="at most 16 commands, and these are 17"):
        stream.main(project)
    session.commands = ("go", "halt")
    labels = [*LABELS, *(f"word{n}" for n in range(13))]
    (project.root / DEPS[2]).write_text("\n".join(labels))
    session.params = SimpleNamespace(decision=DECISION.model_copy(update={"confirm": CONFIRM}))
    with pytest.raises(stage.PalisadeError, match="8 windows of 17 classes is too wide"):
        stream.main(project)


def test_an_output_that_is_not_declared_is_refused(project: stage.Stage) -> None:
    other = replace(project, entry=replace(project.entry, outs=OUTS[1:]))
    with pytest.raises(stage.PalisadeError, match=r"models/\{?bell\}?/stream.json"):
        stream.main(other)
