"""The exact path on the device, on the models that the pipeline made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.workspace import Workspace
from palisade import edge, splits, stage, whitebox
from palisade.guard import reference
from palisade.guard.judgement import Decision
from palisade.stage import Stage

MODEL, GUARD = "models/{key}/model.tflite", "models/{key}/guard.json"


@pytest.fixture(params=["voice", "vision", "motion"])
def attack(request: pytest.FixtureRequest, smoke: Workspace) -> Stage:
    return stage.enter("attack", request.param, smoke.root)


def test_the_device_s_features_are_those_that_training_saw(attack: Stage) -> None:
    """But for roundings of float32, of which few cross from one int8 step to the next."""
    test = splits.load(attack.dep("data/prepared/{key}/test.npz")).take(slice(0, 40))
    device, box = edge.of(attack, MODEL), whitebox.of(attack)
    ours, twin = device.inputs(test.x), device.artefact.quantise(box.features(test.x))
    step = np.abs(ours.astype(int) - twin.astype(int))
    assert ours.shape == twin.shape
    assert step.max() <= 1
    assert np.mean(step > 0) < 0.002


def test_the_guard_s_verdicts_are_those_of_its_tables(attack: Stage) -> None:
    test = splits.load(attack.dep("data/prepared/{key}/test.npz")).take(slice(0, 60))
    device = edge.of(attack, MODEL, GUARD)
    outputs, found = device.answer(test.x)
    assert device.guard is not None
    expected = reference.judge(
        device.guard, outputs.logits, outputs.embedding, device.inputs(test.x)
    )
    assert np.array_equal(found.label, outputs.label)
    assert np.array_equal(found.scores, expected.scores)
    assert np.array_equal(found.decision, expected.decision)


def test_without_a_guard_every_answer_is_accepted(attack: Stage) -> None:
    test = splits.load(attack.dep("data/prepared/{key}/test.npz")).take(slice(0, 10))
    found = edge.of(attack, MODEL).judge(test.x)
    assert np.all(found.decision == Decision.ACCEPT)
    assert found.accepted.all()


def test_the_guard_keeps_its_promise_on_calibration_examples(
    attack: Stage, smoke: Workspace
) -> None:
    """Of all of them: half set the limits, and half ranked the scores."""
    path = Path(smoke.root) / f"data/prepared/{attack.key}/calibration.npz"
    device = edge.of(attack, MODEL, GUARD)
    rejected = ~device.judge(splits.load(path).x).accepted
    assert rejected.mean() < 0.4
