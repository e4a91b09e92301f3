"""The pipeline as a user runs it: what runs, what does not, and what comes out."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import workspace
from benchmarks.workspace import Workspace

ENDS = {"package", "sign", "report"}  # what follows from any new figure
DOOR = {"fuse", "fuse_attack"}
STREAMS = {"voice": {"stream@voice"}}


def after_pretrain(task: str) -> set[str]:
    """What a new float network of one task runs, and nothing of another task's."""
    stages = ("qat", "convert", "calibrate", "cost", "attack", "physical", "evaluate")
    own = {f"{stage}@{task}" for stage in stages}
    return own | STREAMS.get(task, set()) | DOOR | ENDS


@pytest.fixture
def project(smoke: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the finished smoke run, with its cache, to change at will."""
    shutil.copytree(smoke.root, tmp_path / "project", symlinks=True)
    return Workspace(tmp_path / "project", smoke.environment)


def verify(project: Workspace) -> subprocess.CompletedProcess[str]:
    return project.run(sys.executable, "-m", "palisade", "verify", "models/release")


def test_the_run_ends_with_a_release_that_verifies(smoke: Workspace) -> None:
    done = verify(smoke)
    assert done.returncode == 0, done.stderr
    assert "DEVELOPMENT" in done.stdout


def test_a_second_run_runs_nothing(smoke: Workspace) -> None:
    assert smoke.repro() == []


def test_epsilon_reruns_pretrain_and_what_follows(project: Workspace) -> None:
    """Of `vision`; that of `voice` is an experiment of README (tests/test_readme_runs.py)."""
    project.set({"pretrain.vision.epsilon_linf": 0.0156863})
    ran = project.repro()
    assert ran[0] == "pretrain@vision"
    assert set(ran[1:]) == after_pretrain("vision") and len(ran) == len(set(ran))
    assert verify(project).returncode == 0


def test_an_experiment_in_a_folder_of_its_own_reruns_the_attack_and_ends_signed(
    project: Workspace,
) -> None:
    grid = "attack.voice.budgets_snr_db=[42.0,36.0,30.0,0.0]"
    ran = workspace.ran(project.must("dvc", "exp", "run", "--temp", "--name", "trial", "-S", grid))
    assert ran.index("attack@voice") < ran.index("evaluate@voice") < ran.index("package")
    assert set(ran) == {"attack@voice", "evaluate@voice", "fuse_attack"} | ENDS
    project.must("dvc", "exp", "apply", "trial")
    figures = json.loads((project.root / "metrics/voice/evaluate.json").read_text())
    assert "snr_42db" in figures["int8"]["worst_case_accuracy"]
    manifest = json.loads((project.root / "models/release/manifest.json").read_text())
    assert manifest["params"]["attack.voice"]["budgets_snr_db"][0] == 42.0
    assert verify(project).returncode == 0


def test_an_audit_that_found_more_marks_the_figures_and_attacks_nothing_again(
    project: Workspace,
) -> None:
    """As ``make audit`` at full strength would have written it of this very model."""
    project.run(  # its word on so small a run does not matter here
        *(sys.executable, "-m", "palisade", "audit", "motion"),
        *("--steps", "1", "--restarts", "1", "--targets", "1", "--queries", "1"),
    )
    path = project.root / "metrics/motion/audit.json"
    found = json.loads(path.read_text())
    assert project.repro() == ["evaluate@motion"]  # an audit below full strength says nothing
    full = {"steps": 100, "restarts": 5, "targets": 9, "queries": 5000}
    found["audit"] |= {**full, "worst_case_accuracy": -0.02}
    path.write_text(json.dumps(found))
    assert set(project.repro()) == {"evaluate@motion"} | ENDS
    table = (project.root / "metrics/motion/detail/checks.csv").read_text()
    (row,) = (line for line in table.splitlines() if "an_audit_finds_little_more" in line)
    assert "False" in row
    assert (
        json.loads((project.root / "metrics/motion/evaluate.json").read_text())["reliable"] is False
    )


@pytest.mark.nightly
def test_another_guard_retrains_nothing(project: Workspace) -> None:
    project.set({"calibrate.voice.hidden": 3})
    ran = project.repro()
    assert ran[0] == "calibrate@voice"
    judged = {f"{stage}@voice" for stage in ("cost", "attack", "physical", "evaluate", "stream")}
    assert set(ran[1:]) == judged | DOOR | ENDS


def test_a_killed_run_leaves_nothing_half_written_and_can_be_repeated(project: Workspace) -> None:
    project.set({"augment.voice.copies": 2})
    running = subprocess.Popen(
        ["dvc", "repro", "augment@voice"],
        cwd=project.root,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert running.stdout is not None
    while b"Running stage 'augment@voice'" not in running.stdout.readline():
        assert running.poll() is None
    time.sleep(1.0)
    subprocess.run(["pkill", "-KILL", "--session", str(running.pid)])
    assert running.wait() == -signal.SIGKILL
    target = project.root / "data/augmented/voice/train.npz"
    assert not target.exists()
    assert project.repro("augment@voice") == ["augment@voice"]
    assert target.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pretrain.voice.epsilon_snr_db": -3.0}, "pretrain.voice.epsilon_snr_db is -3.0"),
        ({"pretrain.voice.attack": "cw"}, "pretrain.voice.attack is 'cw'"),
        ({"pretrain.voice.fraction": "half"}, "pretrain.voice.fraction is 'half'"),
        ({"training.voice.epochs": 1.5}, "training.voice.epochs is 1.5"),
    ],
)
def test_a_bad_param_stops_with_one_line(
    project: Workspace, changes: dict[str, object], said: str
) -> None:
    weights = project.root / "models/voice/float.weights.h5"
    before = weights.read_bytes()
    project.set(changes)
    assert_one_line(project.run(sys.executable, "-m", "stages.pretrain", "voice"), said)
    assert weights.read_bytes() == before


def test_an_unknown_param_and_a_missing_one_are_named(project: Workspace) -> None:
    path = project.root / "params.yaml"
    path.write_text(path.read_text().replace("ramp_epochs: 1.0", "ramp_epoch: 1.0"))
    done = project.run(sys.executable, "-m", "stages.pretrain", "voice")
    assert_one_line(done, "pretrain.voice.ramp_epochs is missing")


def assert_one_line(done: subprocess.CompletedProcess[str], said: str) -> None:
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
