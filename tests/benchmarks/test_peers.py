"""Runs beside other libraries: their arguments, and what needs none of the libraries."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import numpy as np
import pytest

from benchmarks import attack_speed, peers
from benchmarks.audit import __main__ as audit
from benchmarks.audit.space import CARRY, Space
from benchmarks.workspace import ROOT
from palisade.backend import tf
from palisade.tasks.vision import threat as vision
from palisade.tasks.voice import threat as voice

absent = pytest.mark.skipif(
    importlib.util.find_spec("art") is not None, reason="the libraries are installed"
)


def ended(capsys: pytest.CaptureFixture[str], main: object, *words: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        main(list(words))  # type: ignore[operator]
    said = capsys.readouterr().err
    return left.value.code, said


@absent
def test_missing_libraries_are_named_with_their_lock(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        peers.load("benchmarks.audit.running")
    assert "art and foolbox not installed" in str(left.value.code)
    assert peers.LOCK.name in str(left.value.code)


def test_an_unknown_task_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = ended(capsys, audit.main, "--tasks", "smell")
    assert code == "error: no task smell: there are voice, vision, motion"


def test_a_project_without_a_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = ended(capsys, audit.main, "--project", str(tmp_path))
    assert "params.yaml" in str(code) and str(code).count("\n") == 0
    code, _ = ended(capsys, attack_speed.main, "--project", str(tmp_path))
    assert "float.weights.h5 is not there" in str(code)


def test_workspace_and_data_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = ended(capsys, attack_speed.main, "--data", "somewhere")
    assert code == 2 and "--workspace and --data go together" in said


def test_the_lock_is_of_the_versions_asked_for_and_agrees_with_the_pipelines() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    theirs = _pins(peers.LOCK)
    for name, pin in (line.split("==") for line in asked["peers"]):
        assert theirs[name] == pin
    ours = _pins(ROOT / "requirements.lock")
    assert {name: theirs[name] for name in theirs.keys() & ours.keys()} == {
        name: ours[name] for name in theirs.keys() & ours.keys()
    }
    assert "://" not in peers.LOCK.read_text()


def _pins(lock: Path) -> dict[str, str]:
    lines = [line.split(" ")[0] for line in lock.read_text().splitlines() if "==" in line]
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_clips_of_different_radii_become_a_ball_of_radius_1() -> None:
    threat = voice.Threat(voice.Params(reference_speech_rms=0.05))
    x = tf.constant(np.random.default_rng(0).normal(0, [[0.02], [0.2]], (2, 400)), tf.float32)
    radius = threat.radius(x, 30.0)
    space = Space(lambda x: tf.stack([x[:, 0], x[:, 1]], 1), threat, x, radius)
    z = space.start()
    assert space.norm == 2 and space.bounds is None and z.shape == (2, 401)
    np.testing.assert_allclose(space.signal(z), threat.clip(x), rtol=1e-5, atol=1e-7)
    moved = z.copy()
    moved[:, 0] += 1  # a whole radius
    moved[:, -1] += 1  # which an attack cannot help to touch
    found = space.signal(moved).numpy() - threat.clip(x).numpy()
    np.testing.assert_allclose(found[:, 0], radius, rtol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), radius, rtol=1e-4)
    assert z[:, -1].min() > CARRY / 100
    space.demand_inside(moved - np.eye(401, dtype=np.float32)[-1])
    moved[:, 1] += 1
    with pytest.raises(ValueError, match="radii"):
        space.demand_inside(moved)


def test_pictures_keep_their_shape_and_their_bounds() -> None:
    threat = vision.Threat(
        vision.Params(shift_share=0.0, rotation_deg=0.0, zoom=[1.0, 1.0], mirror=False)
    )
    x = tf.constant(np.random.default_rng(0).uniform(0, 1, (3, 4, 4, 1)), tf.float32)
    space = Space(lambda x: tf.reshape(x, [-1, 16])[:, :2], threat, x, threat.radius(x, 0.1))
    assert space.norm == np.inf and space.classes == 2
    assert space.bounds == pytest.approx((0.0, 10.0))
    np.testing.assert_allclose(space.signal(space.start()), x, atol=1e-6)
