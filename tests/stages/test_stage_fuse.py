"""The fuse stage from windows and models to policy, figures and tables; its models are fakes."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade import stage
from palisade.edge import Edge
from palisade.errors import PalisadeError
from palisade.fusion import artefact
from palisade.guard.tables import Guard
from palisade.int8 import Outputs
from palisade.scenes import events
from palisade.scenes.events import KINDS
from palisade.scenes.windows import Windows
from stages import fuse
from tests.guard import drawn

SHAPES: dict[str, tuple[tuple[int, ...], Any]] = {
    "voice": ((64,), np.int16),
    "vision": ((8, 8, 1), np.uint8),
    "motion": ((16, 4), np.int32),
}
LABELS = {
    "voice": ("unlock", "lock", "_silence_"),
    "vision": ("nobody", "person"),
    "motion": ("nothing", "person", "pet"),
}
ACCEPTED = {"voice": "unlock", "vision": "person", "motion": "person"}
WARRANTS = {
    "visitor_unlocks": {"voice", "vision", "motion"},
    "visitor_commands": {"vision", "motion"},
    "visitor_talks": {"vision", "motion"},
    "visitor_silent": {"vision", "motion"},
    "street_unlock": {"voice"},
}
OUTS = (
    "models/fusion/policy.json",
    "metrics/fusion.json",
    "metrics/detail/fusion.csv",
    "metrics/detail/fusion_checks.csv",
    "metrics/detail/fusion_evidence.csv",
    "metrics/detail/fusion_events.csv",
)
MIDDLE, STEP = 100, 20  # of a window's samples: the mean says how sure its sensor is
FUSE: dict[str, Any] = {
    "modalities": {
        "voice": {"accepts": ["unlock"], "pooling": "max", "evidence": "accepted"},
        "vision": {"accepts": ["person"], "pooling": "mean", "evidence": "settled"},
        "motion": {"accepts": ["person"], "pooling": "mean", "evidence": "all"},
    },
    "false_reject_target": 0.1,
    "plausible": {"unchanged_share": 0.95, "saturated_share": 0.9},
    "composed_events": {"calibration": 200, "test": 300},
    "least_events": 100,
}
COUNTS = dict.fromkeys(KINDS, 10) | {"visitor_unlocks": 60}
SCENES = {"window_s": 3.0, "calibration": COUNTS, "test": COUNTS}


class FakeFront:
    """How bright a window is, whatever its shape."""

    def int8(self, raw: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
        mean = raw.reshape(len(raw), -1).astype(np.float64).mean(axis=1, keepdims=True) - MIDDLE
        return np.clip(np.rint(mean), -128, 127).astype(np.int8)


@dataclass
class FakeModel:
    """Says the accepted class as firmly as a window is bright."""

    task: str
    content: bytes = b"a model"
    scale: float = 1.0
    zero_point: int = 0

    def verdict(self, inputs: NDArray[np.int8]) -> Outputs:
        logits = np.zeros((len(inputs), len(LABELS[self.task])), np.int8)
        logits[:, LABELS[self.task].index(ACCEPTED[self.task])] = inputs[:, 0]
        return Outputs(logits, logits)


def device(task: str, least_lead: int) -> Edge:
    """With a guard that rejects what leads by less; two of the last three have to agree."""
    off = {"kind": "off", "threshold": 0}
    count = len(LABELS[task])
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": count, "embedding": count, "energy": None, "autoencoder": None}
    table["texture"] = None
    table |= {"tree": None, "consistency": {"window": 3, "needed": 2, "forget_after": 3}}
    table["limits"] = dict.fromkeys(("energy", "autoencoder", "tree", "texture"), off)
    table["limits"]["margin"] = {"kind": "at_least", "threshold": least_lead}
    table["engineered"] = {"height": 1, "width": 1, "channels": 1, "rows": 1, "columns": 1}
    return Edge(FakeFront(), FakeModel(task), Guard.model_validate(table))  # type: ignore[arg-type]


class FakeThreat:
    """The converter's rails are those of a byte."""

    def __init__(self, task: str) -> None:
        self.task = task

    def realise(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.clip(x, 0, 255).astype(SHAPES[self.task][1])


def held(task: str, *, aligned: bool = True, count: int = 3) -> Windows:
    """Windows of every event, brighter where the task's truth warrants."""
    drawn = events.draw(events.Params.model_validate(SCENES), seed=1)
    draw = np.random.default_rng(list(SHAPES).index(task))
    shape, kind = SHAPES[task]
    truth = np.array([task in WARRANTS.get(one.kind, set()) for one in drawn])
    place = LABELS[task].index(ACCEPTED[task])
    sure = MIDDLE + draw.normal(np.where(truth, STEP, -STEP), 6)
    mean = np.repeat(sure, count).reshape(-1, *[1] * len(shape))
    x = mean + draw.normal(0, 4, (len(drawn) * count, *shape))
    return Windows(
        x=np.clip(x.round(), 0, 255).astype(kind),
        y=np.repeat(np.where(truth, place, (place + 1) % len(LABELS[task])), count),
        scenes=np.repeat([one.scene_id for one in drawn], count),
        events=np.repeat([one.kind if aligned else "" for one in drawn], count),
        splits=np.repeat([one.split for one in drawn], count),
        labels=LABELS[task],
        aligned=aligned,
    )


def opened(root: Path, tasks: tuple[str, ...] = tuple(SHAPES), **changes: Any) -> stage.Stage:
    deps = [f"models/{task}/model.tflite" for task in tasks]
    deps += [f"models/{task}/guard.json" for task in tasks]
    deps += [f"data/prepared/{task}/scenes.npz" for task in tasks]
    entry = stage.Entry(
        name="fuse",
        key=None,
        item={},
        cmd="python -m stages.fuse",
        deps=tuple(deps),
        params=("seed", "fuse", "scenes"),
        outs=OUTS,
    )
    return stage.Stage(entry, root, {"seed": 1, "fuse": FUSE | changes, "scenes": SCENES})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Windows on disk, and fakes in place of what needs TensorFlow."""
    for task in SHAPES:
        held(task).save(tmp_path / f"data/prepared/{task}/scenes.npz")
        (tmp_path / f"models/{task}").mkdir(parents=True)
        (tmp_path / f"models/{task}/model.tflite").touch()
        (tmp_path / f"models/{task}/guard.json").touch()
    guarded(monkeypatch)
    monkeypatch.setattr(artefact, "attacker", lambda this: FakeThreat(this.key))
    return tmp_path


def guarded(monkeypatch: pytest.MonkeyPatch, **least_lead: int) -> None:
    """Devices whose guards ask for a lead; by default for none."""
    monkeypatch.setattr(
        artefact.edge,
        "of",
        lambda this, model, guard: device(this.key, least_lead.get(this.key, 0)),
    )


def metrics(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "metrics/fusion.json").read_text())
    return found


def table(root: Path, name: str) -> list[dict[str, str]]:
    with (root / f"metrics/detail/{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_figures_have_the_names_that_every_tool_reads(project: Path) -> None:
    fuse.main(opened(project))
    found = metrics(project)
    assert found["action"]["false_reject_rate"] <= 0.2
    assert found["action"]["false_accept_rate"] == 0.0
    for task in SHAPES:
        assert "false_accept_rate" in found["controlled"][task]
        assert set(found["failed"][task]) >= {"dead", "stuck", "saturated"}
        assert set(found["single"][task]) == {"false_accept_rate", "false_reject_rate"}
    assert set(found["two_controlled"]) == {"motion_vision", "motion_voice", "vision_voice"}
    assert found["scenes"] == {"aligned": True}
    assert (found["n"], found["warranted"]) == (170, 60)
    assert found["calibration"]["warranted"] == 60
    assert sum(found["calibration"]["ranks"].values()) == 6
    assert found["reliable"] is True


def test_a_rate_of_no_event_is_no_figure(project: Path) -> None:
    """Only the table has it, with the interval from 0 to 1."""
    fuse.main(opened(project))
    rows = {row["figure"]: row for row in table(project, "fusion")}
    for task, rates in metrics(project)["controlled"].items():
        for name in ("false_accept_rate", "bystander_false_accept_rate"):
            assert (name in rates) == (rows[f"controlled.{task}.{name}"]["n"] != "0")


def test_with_voice_in_hand_bystanders_get_in_and_are_counted_apart(project: Path) -> None:
    fuse.main(opened(project))
    voice = metrics(project)["controlled"]["voice"]
    assert voice["bystander_false_accept_rate"] > 0.8
    assert voice["false_accept_rate"] < 0.05
    rows = {row["figure"]: row for row in table(project, "fusion")}
    name = "controlled.voice.bystander_false_accept_rate"
    assert rows[name]["n"] == "30"  # visitors who did not say unlock
    assert float(rows[name]["low"]) < float(rows[name]["rate"]) <= float(rows[name]["high"])


def test_thresholds_of_the_policy_give_the_verdicts_of_the_table(project: Path) -> None:
    fuse.main(opened(project))
    policy = json.loads((project / "models/fusion/policy.json").read_text())
    rows = table(project, "fusion_events")
    assert {row["split"] for row in rows} == {"calibration", "test"}
    for row in rows:
        agrees = [
            int(row[f"{task}_score_lsb"]) >= told["threshold_lsb"]
            and row[f"{task}_plausible"] == "1"
            for task, told in policy["tasks"].items()
        ]
        assert row["passed"] == str(int(all(agrees)))
    passed = [row["passed"] == "1" for row in rows if row["split"] == "test"]
    wanted = [row["warranted"] == "1" for row in rows if row["split"] == "test"]
    missed = np.mean([not p for p, w in zip(passed, wanted, strict=True) if w])
    assert metrics(project)["action"]["false_reject_rate"] == pytest.approx(missed)
    assert policy["window_s"] == 3.0
    assert policy["tasks"]["voice"]["accepts"] == [0]


def test_test_events_set_no_threshold(project: Path) -> None:
    fuse.main(opened(project))
    before = metrics(project)["thresholds_lsb"]
    for task in SHAPES:
        windows = held(task)
        windows.x[windows.splits == "test"] = 77
        windows.save(project / f"data/prepared/{task}/scenes.npz")
    fuse.main(opened(project))
    assert metrics(project)["thresholds_lsb"] == before


def test_a_failed_sensor_lets_nobody_in_though_its_model_would(project: Path) -> None:
    fuse.main(opened(project))
    found = metrics(project)
    for task in SHAPES:
        for outcome in found["failed"][task].values():
            assert outcome == {"availability": 0.0, "false_accept_rate": 0.0}
    off = {"unchanged_share": 1.0, "saturated_share": 1.0}
    fuse.main(opened(project, plausible=off))
    found = metrics(project)
    assert found["failed"]["motion"]["saturated"]["availability"] > 0.8
    checks = {row["check"]: row["passed"] for row in table(project, "fusion_checks")}
    assert checks["no_failed_sensor_agrees"] == "False"
    assert found["reliable"] is False


def test_sensors_that_are_implausible_in_order_fail_a_check(project: Path) -> None:
    windows = held("vision")
    windows.x[:60] = 9
    windows.save(project / "data/prepared/vision/scenes.npz")
    fuse.main(opened(project, plausible={"unchanged_share": 0.95, "saturated_share": 0.9}))
    # They are calibration events: what counts is said of test events.
    assert metrics(project)["implausible"]["vision"] == 0.0
    windows.x[windows.splits == "test"] = 9
    windows.save(project / "data/prepared/vision/scenes.npz")
    fuse.main(opened(project))
    checks = {row["check"]: row["passed"] for row in table(project, "fusion_checks")}
    assert checks["working_sensors_are_plausible"] == "False"


def test_events_that_set_thresholds_are_no_test(project: Path) -> None:
    windows = held("vision")
    first, last = (np.flatnonzero(windows.splits == one)[0] for one in ("calibration", "test"))
    windows.x[last] = windows.x[first]
    windows.save(project / "data/prepared/vision/scenes.npz")
    fuse.main(opened(project))
    checks = {row["check"]: row for row in table(project, "fusion_checks")}
    assert float(checks["calibration_and_test_events_are_apart"]["figure"]) == 1
    assert metrics(project)["reliable"] is False


def test_too_few_events_or_near_misses_fail_a_check(project: Path) -> None:
    for task in SHAPES:
        windows = held(task)
        windows.events[windows.events == "pet"] = "quiet"
        windows.events[windows.events == "television"] = "quiet"
        windows.events[windows.events == "passer_by"] = "quiet"
        windows.save(project / f"data/prepared/{task}/scenes.npz")
    fuse.main(opened(project, least_events=1000))
    checks = {row["check"]: row["passed"] for row in table(project, "fusion_checks")}
    assert checks["a_third_are_near_misses"] == "False"
    assert checks["enough_events"] == "False"


def test_data_without_common_events_is_put_together_by_label(project: Path) -> None:
    held("motion", aligned=False, count=1).save(project / "data/prepared/motion/scenes.npz")
    fuse.main(opened(project))
    found = metrics(project)
    assert found["scenes"] == {"aligned": False}
    assert found["n"] == pytest.approx(300, abs=4)
    assert found["near_miss_share"] >= 1 / 3


def test_two_tasks_fuse_too(project: Path) -> None:
    two = {task: FUSE["modalities"][task] for task in ("voice", "motion")}
    fuse.main(opened(project, ("voice", "motion"), modalities=two))
    found = metrics(project)
    assert set(found["controlled"]) == {"voice", "motion"}
    assert "two_controlled" not in found


ABOVE_ANY = 256  # a lead that int8 logits never have


@pytest.mark.parametrize("task", ["voice", "vision"])
def test_with_a_guard_that_rejects_everything_nothing_ever_passes(
    project: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    guarded(monkeypatch, **{task: ABOVE_ANY})
    fuse.main(opened(project))
    found = metrics(project)
    assert found["action"] == {"false_accept_rate": 0.0, "false_reject_rate": 1.0}
    assert found["no_evidence"] == {"motion": 0.0, "vision": 0.0, "voice": 0.0} | {task: 1.0}
    rows = table(project, "fusion_events")
    assert {row[f"{task}_agrees"] for row in rows} == {"0"}
    assert {row["passed"] for row in rows} == {"0"}
    for other in set(SHAPES) - {task}:  # who holds the sensor itself needs no evidence of it
        assert set(found["controlled"][other].values()) == {0.0}
    held = found["controlled"]["voice"]["bystander_false_accept_rate"]
    assert (held > 0.8) == (task == "voice")


def test_a_guard_whose_windows_all_count_changes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse.main(opened(project))
    before = {path: (project / path).read_bytes() for path in OUTS if "evidence" not in path}
    guarded(monkeypatch, motion=ABOVE_ANY)
    fuse.main(opened(project))
    assert before == {path: (project / path).read_bytes() for path in before}


def test_what_other_evidence_would_do_is_told_beside_the_policy(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded(monkeypatch, motion=ABOVE_ANY)
    fuse.main(opened(project))
    rates: dict[tuple[str, ...], float] = {}
    for row in table(project, "fusion_evidence"):
        if row["figure"] == "action.false_reject_rate":
            rates[row["voice"], row["vision"], row["motion"]] = float(row["rate"])
    assert len(rates) == 8  # the policy, no guard at all, and two others for each task
    policy = metrics(project)["action"]["false_reject_rate"]
    assert next(iter(rates.items())) == (
        ("accepted", "settled", "all"),
        pytest.approx(policy, rel=1e-5),
    )
    assert rates["accepted", "settled", "accepted"] == 1.0
    policy_file = json.loads((project / "models/fusion/policy.json").read_text())
    assert [one["evidence"] for _, one in sorted(policy_file["tasks"].items())] == [
        "all", "settled", "accepted",
    ]  # fmt: skip


def test_a_task_that_does_not_exist_stops_with_one_clear_line(project: Path) -> None:
    bell = {**FUSE["modalities"], "bell": {**FUSE["modalities"]["voice"], "accepts": ["ring"]}}
    with pytest.raises(PalisadeError, match=r"fuse\.modalities names bell.* motion, vision, voice"):
        fuse.main(opened(project, modalities=bell))
    assert not (project / "metrics").exists()


def test_the_same_inputs_give_the_same_bytes(project: Path) -> None:
    fuse.main(opened(project))
    first = {path: (project / path).read_bytes() for path in OUTS}
    fuse.main(opened(project))
    assert first == {path: (project / path).read_bytes() for path in OUTS}
