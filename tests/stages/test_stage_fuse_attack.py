"""The fuse_attack stage from the fusion's policy to figures and tables; its models are fakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade import sequence, stage
from palisade.assault.siege import Siege
from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.fusion import artefact
from palisade.fusion.policy import Params as Policy
from palisade.parallel import WORKERS
from stages import fuse, fuse_attack
from tests.stages import test_stage_fuse as fused
from tests.stages.test_stage_fuse import FUSE, SCENES, SHAPES

OUTS = (
    "metrics/fusion_attack.json",
    "metrics/detail/fusion_attack.csv",
    "metrics/detail/fusion_attack_checks.csv",
    "metrics/detail/fusion_attack_events.csv",
)
STRENGTH = {"events": {"forced": 60, "denied": 30}, "steps": 3, "restarts": 1}
REACH = {"voice": 45, "vision": 1, "motion": 45}  # levels; too little moves the camera


class Ball:
    """All of a window's samples by at most so many levels."""

    def project(self, delta: Any, radius: Any) -> Any:
        bound = tf.reshape(radius, [-1] + [1] * (len(delta.shape) - 1))
        return tf.clip_by_value(delta, -bound, bound)


class Threat(fused.FakeThreat):
    """In levels, as delivered."""

    ball = Ball()

    def signal(self, raw: Any) -> Any:
        return tf.cast(raw, tf.float32)

    def radius(self, x: Any, budget: float) -> Any:
        return tf.fill(tf.shape(x)[:1], float(budget))

    def clip(self, x: Any) -> Any:
        return tf.clip_by_value(x, 0.0, 255.0)

    def realise(self, x: Any) -> NDArray[Any]:
        return super().realise(np.asarray(x))


@dataclass
class Crafter:
    """Makes windows brighter or darker by the whole budget, or by what it likes."""

    budget: float
    goes: float

    def craft(self, x: NDArray[Any], goal: str, attempt: int) -> NDArray[Any]:
        by = self.goes if goal == "forced" else -self.goes
        return np.clip(x.astype(np.int64) + int(by), 0, 255).astype(x.dtype)

    def noise(self, x: NDArray[Any], goal: str, attempt: int) -> NDArray[Any]:
        return x


def besieged(job: fuse_attack.Job, goes: dict[str, int] = REACH) -> Siege:
    task, threat = job.this.key, Threat(job.this.key)
    sensor = artefact.sensor(job.this, job.part.held, Policy.model_validate(FUSE))
    crafter: Any = Crafter(REACH[task], goes[task])
    return Siege(sensor, job.threshold_lsb, crafter, threat, 1)  # type: ignore[arg-type]


def opened(root: Path, **changes: Any) -> stage.Stage:
    deps = [f"{path}" for task in SHAPES for path in (
        f"models/{task}/model.tflite", f"models/{task}/guard.json",
        f"data/prepared/{task}/scenes.npz",
    )]  # fmt: skip
    deps += ["models/fusion/policy.json", "metrics/detail/fusion_events.csv"]
    entry = stage.Entry(
        name="fuse_attack",
        key=None,
        item={},
        cmd="python -m stages.fuse_attack",
        deps=tuple(deps),
        params=("seed", "fuse", "fuse_attack"),
        outs=OUTS,
    )
    params = {"seed": 1, "fuse": FUSE, "fuse_attack": STRENGTH | changes, "scenes": SCENES}
    return stage.Stage(entry, root, params)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the fusion left, with fakes in place of what needs TensorFlow models."""
    for task in SHAPES:
        fused.held(task).save(tmp_path / f"data/prepared/{task}/scenes.npz")
        (tmp_path / f"models/{task}").mkdir(parents=True)
        (tmp_path / f"models/{task}/model.tflite").touch()
        (tmp_path / f"models/{task}/guard.json").touch()
    fused.guarded(monkeypatch)
    monkeypatch.setattr(artefact, "attacker", lambda this: fused.FakeThreat(this.key))
    monkeypatch.setattr(fuse_attack, "besieged", besieged)
    monkeypatch.setenv(WORKERS, "1")
    fuse.main(fused.opened(tmp_path))
    return tmp_path


def metrics(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "metrics/fusion_attack.json").read_text())
    return found


def failed(root: Path) -> set[str]:
    rows = fused.table(root, "fusion_attack_checks")
    return {row["check"] for row in rows if row["passed"] == "False"}


def test_figures_are_of_what_was_crafted_for_the_door(project: Path) -> None:
    fuse_attack.main(opened(project))
    found = metrics(project)
    assert found["events"] == {"forced": 60, "denied": 30}
    assert found["reliable"] is True and found["checks"] == {"passed": 6, "total": 6}
    forced = {name: one["false_accept_rate"] for name, one in found["forced"].items()}
    assert set(forced) == {
        "motion", "vision", "voice", "motion_vision", "motion_voice", "vision_voice",
        "motion_vision_voice", "any_1", "any_2",
    }  # fmt: skip
    assert found["clean"]["false_accept_rate"] == 0.0
    assert forced["vision"] == 0.0  # whose inputs hardly move
    assert 0 < forced["voice"] <= forced["motion_voice"] == forced["motion_vision_voice"]
    assert found["forced"]["voice"]["bystander_false_accept_rate"] > 0.8
    assert found["forced"]["motion_vision_voice"]["bound"] == 1.0
    assert forced["motion_vision_voice"] < 1.0
    assert found["denied"]["voice"]["false_reject_rate"] > 0.8
    for row in fused.table(project, "fusion_attack"):
        assert float(row["clean"]) <= float(row["rate"]) <= float(row["bound"])
        assert float(row["low"]) <= float(row["rate"]) <= float(row["high"])


def test_the_events_are_test_events_of_the_right_truth_and_the_seeds(project: Path) -> None:
    fuse_attack.main(opened(project))
    rows = fused.table(project, "fusion_attack_events")
    noted = {row["scene"]: row for row in fused.table(project, "fusion_events")}
    for row in rows:
        assert noted[row["scene"]]["split"] == "test"
        assert noted[row["scene"]]["warranted"] == ("0" if row["goal"] == "forced" else "1")
        for task in SHAPES:
            assert row[f"{task}_clean_lsb"] == noted[row["scene"]][f"{task}_score_lsb"]
    other = opened(project)
    fuse_attack.main(replace(other, declared={**other.declared, "seed": 2}))
    assert [r["scene"] for r in fused.table(project, "fusion_attack_events")] != [
        row["scene"] for row in rows
    ]


def test_more_events_than_there_are_means_all_of_them(project: Path) -> None:
    fuse_attack.main(opened(project, events={"forced": 10**6, "denied": 10**6}))
    assert metrics(project)["events"] == {"forced": 110, "denied": 60}


def test_events_put_together_by_label_are_attacked_by_their_own_windows(project: Path) -> None:
    fused.held("motion", aligned=False, count=1).save(project / "data/prepared/motion/scenes.npz")
    fuse.main(fused.opened(project))
    fuse_attack.main(opened(project))
    assert failed(project) == set()
    assert metrics(project)["forced"]["motion_voice"]["false_accept_rate"] > 0


def test_an_attacker_who_takes_more_than_the_budget_fails_a_check(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beyond = REACH | {"voice": 46}
    monkeypatch.setattr(fuse_attack, "besieged", partial(besieged, goes=beyond))
    fuse_attack.main(opened(project))
    assert failed(project) == {"crafted_windows_keep_the_budget"}
    assert metrics(project)["reliable"] is False


def test_another_path_than_the_fusions_fails_a_check(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest: Callable[..., Any] = sequence.answers

    def other(device: Any, raw: NDArray[Any]) -> Any:
        said = honest(device, raw)
        return replace(said, logits=np.roll(said.logits, 1, axis=0))

    monkeypatch.setattr(artefact.sequence, "answers", other)
    fuse_attack.main(opened(project))
    assert "clean_scores_are_those_of_the_fusion" in failed(project)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "is no policy"),
        ("no JSON", "is no policy"),
        ('{"tasks": {"voice": {"threshold_lsb": 3}}}', "is of voice, and fuse.modalities names"),
    ],
)
def test_a_policy_that_is_not_the_fusions_stops_with_one_clear_line(
    project: Path, content: str, said: str
) -> None:
    (project / "models/fusion/policy.json").write_text(content)
    with pytest.raises(PalisadeError, match=said):
        fuse_attack.main(opened(project))


@pytest.mark.parametrize("changes", [{"steps": 0}, {"restarts": 0}, {"events": {"forced": 5}}])
def test_a_bad_param_stops_with_one_clear_line(project: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(PalisadeError, match=r"params.yaml: fuse_attack\."):
        fuse_attack.main(opened(project, **changes))


def test_the_same_inputs_give_the_same_bytes(project: Path) -> None:
    fuse_attack.main(opened(project))
    before = {path: (project / path).read_bytes() for path in OUTS}
    fuse_attack.main(opened(project))
    assert before == {path: (project / path).read_bytes() for path in OUTS}
