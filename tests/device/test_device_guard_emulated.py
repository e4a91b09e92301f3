"""An emulated Cortex-M4 comes to the host's verdicts, in few instructions."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from palisade.device import emulation, records
from palisade.device import guard as device
from palisade.device.emulation import Machine
from palisade.guard.judgement import Decision, Reason
from palisade.guard.tables import Guard
from tests.guard import drawn

pytestmark = pytest.mark.skipif(
    emulation.missing() is not None, reason=f"not emulated: {emulation.missing()}"
)
ANSWERS = 60


def judged(machine: Machine, guard: Guard, some: drawn.Answers) -> np.ndarray:
    """Judgements on answers, by look and judge as firmware calls them."""
    table = machine.struct("pal_guard", device.record(guard))
    count = guard.engineered.inputs
    features = machine.array(some.features[0])
    logits, embedding = machine.array(some.logits[0]), machine.array(some.embedding[0])
    outputs = machine.array(
        np.array([logits, embedding, guard.classes, guard.embedding], np.uint32)
    )
    look = machine.array(np.zeros(2, np.uint32))  # pal_look
    judgement = machine.array(np.zeros(device.JUDGEMENT.itemsize, np.uint8))
    found = []
    for x, said, inner in zip(some.features, some.logits, some.embedding, strict=True):
        machine.write(features, x)
        machine.write(logits, said)
        machine.write(embedding, inner)
        assert machine.call("pal_guard_look", table, features, count, look).status == 0
        assert machine.call("pal_guard_judge", table, outputs, look, judgement).status == 0
        found.append(machine.read(judgement, 1, device.JUDGEMENT)[0])
    return np.array(found)


def test_verdicts_and_scores_are_those_of_the_host() -> None:
    machine, rng = Machine(), np.random.default_rng(60)
    for _ in range(10):
        guard = drawn.guard(rng, whole=False)
        some = drawn.answers(rng, guard, ANSWERS)
        expected = device.judge(guard, some.logits, some.embedding, some.features)
        found = judged(machine, guard, some)
        for part in ("label", "decision", "reason", "rejected", "scores"):
            np.testing.assert_array_equal(found[part], getattr(expected, part), part)


def test_a_hash_is_hashlibs_at_seventy_instructions_a_byte() -> None:
    machine = Machine()
    model = np.random.default_rng(61).bytes(6400)
    region = machine.array(np.frombuffer(model, np.uint8))
    digest = machine.array(np.frombuffer(hashlib.sha256(model).digest(), np.uint8))
    done = machine.call("pal_attest", region, len(model), digest, counting=True)
    assert done.status == 0 and done.instructions < 70 * len(model)
    machine.write(region + 5000, np.array([model[5000] ^ 1], np.uint8))
    assert machine.call("pal_attest", region, len(model), digest).status != 0


def test_a_deep_tree_and_a_wide_autoencoder_take_little_of_an_inference() -> None:
    """Against 2.6 million products of a keyword's network: at most 2 %."""
    machine, rng = Machine(), np.random.default_rng(62)
    guard = drawn.guard(rng)
    while guard.embedding < 64:
        guard = drawn.guard(rng)
    some = drawn.answers(rng, guard, 1)
    table = machine.struct("pal_guard", device.record(guard))
    outputs = machine.struct(
        "pal_outputs",
        {
            "logits": some.logits[0],
            "embedding": some.embedding[0],
            "classes": guard.classes,
            "width": guard.embedding,
        },
    )
    judgement = machine.array(np.zeros(device.JUDGEMENT.itemsize, np.uint8))
    look = machine.array(np.array([1, 0], np.uint32))
    done = machine.call("pal_guard_judge", table, outputs, look, judgement, counting=True)
    assert guard.autoencoder is not None
    products = 2 * guard.embedding * guard.autoencoder.encoder.outputs
    assert 0 < done.instructions < 12 * products + 5000
    said = machine.read(judgement, 1, device.JUDGEMENT)[0]
    assert said["decision"] in (Decision.ACCEPT, Decision.REJECT)
    assert (said["reason"] == Reason.NONE) == (said["decision"] == Decision.ACCEPT)
    assert records.struct("pal_guard", device.record(guard)).classes == guard.classes
