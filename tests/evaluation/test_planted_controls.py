"""Fake defences that the battery runs on, each caught by the check meant for it; and honest ones.

References:
    Athalye et al., arXiv:1802.00420 (the ways in which gradients were hidden);
    Carlini and Wagner, arXiv:1705.07263 (detectors of one attack).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from palisade.attacks.battery import Battery
from palisade.attacks.exact import twin
from palisade.attacks.names import (
    ALONE,
    DOUBLED,
    NES,
    NES_BLIND,
    TRANSFER_FLOAT,
    TRANSFER_UNDEFENDED,
)
from palisade.attacks.surrogates import Seen
from palisade.attacks.target import Arms, Target
from palisade.backend import tf
from palisade.evaluation import ablation, masking, selfchecks, soundness, strength
from palisade.evaluation.checks import Check
from palisade.evaluation.evidence import Evidence, Guarded, Measured, ablated
from palisade.evaluation.verdicts import Table, Verdict, subset_row
from palisade.guard.judgement import Signal
from palisade.splits import Split
from palisade.tasks.vision.budgets import Budgets
from tests.evaluation import toy_devices, toys
from tests.evaluation.toy_devices import Device
from tests.evaluation.toys import THREAT, Network

COUNTS = {"train": 600, "validation": 40, "calibration": 300, "test": 300}
GRID = Budgets.model_validate(
    {
        "budgets_linf": [4 / 255, toys.EPSILON, 64 / 255],
        "reference_linf": toys.EPSILON,
        "steps": 10,
        "restarts": 1,
        "targets": 2,
        "queries": 80,
        "subset_examples": COUNTS["test"],
        "nes_queries": 40,
        "tree_queries": 10,
        "sequences": {"events": 10, "attacked": 5, "goals": ["person"]},
    }
)
ALLOWED = selfchecks.Allowed(
    undefended=0.2, clean_reject=0.1, least_examples=COUNTS["test"], widest_interval=0.1
)
HONEST_SIGNALS = [Signal.MARGIN, Signal.ENERGY]


@dataclass(frozen=True)
class Bench:
    """What all controls share: the splits, models, and the undefended one's verdicts."""

    splits: dict[str, Split]
    robust: Network
    undefended: Network
    control: list[Verdict]

    def device(self, network: Network, signals: list[Signal] | None = None) -> Device:
        """A network with a guard, whose limits come from the calibration split."""
        train, held = self.splits["train"], self.splits["calibration"]
        bare = toy_devices.device(network, train)
        return toy_devices.guarded(bare, train, held, signals or HONEST_SIGNALS)


@pytest.fixture(scope="module")
def bench() -> Bench:
    splits = {name: toys.pictures(name, count) for name, count in COUNTS.items()}
    undefended = toys.trained(splits["train"], epsilon=None, steps=600)
    device = toy_devices.device(undefended, splits["train"])
    target = Target("undefended", undefended.logits, device.judge, ask=device.ask)
    control = battery(target, splits["test"], [GRID.reference]).verdicts
    return Bench(splits, toys.trained(splits["train"]), undefended, control)


def battery(target: Target, test: Split, budgets: list[float]) -> Battery:
    """The real one, with every example in its subset."""
    subset = np.ones(len(test), bool)
    found = Battery(target, test, threat=THREAT, grid=GRID, subset=subset, seed=1)
    found.run(budgets)
    alone = ALONE if target.arms else DOUBLED
    found.run_alone(alone if target.name == "int8" else [NES, NES_BLIND])
    return found


def armed(bench: Bench, device: Device, logits: Callable[[Any], Any]) -> Arms:
    """All that an attacker has who knows the device."""
    assert device.guard is not None
    network, (of_logits, of_embedding) = device.network, device.scales
    plain = Network(network.hidden, network.last, network.linear)  # before anything was done to it

    def seen(x: Any) -> Seen:
        return Seen(logits(x) / of_logits, network.embedding(x) / of_embedding, x * 255 - 128)

    return Arms(
        exact=twin(logits, device.ask, THREAT, scale=of_logits, zero_point=0),
        seen=seen,
        guard=device.guard,
        others={TRANSFER_FLOAT: plain.logits, TRANSFER_UNDEFENDED: bench.undefended.logits},
    )


def checked(
    bench: Bench,
    device: Device,
    *,
    logits: Callable[[Any], Any] | None = None,
    wholly: bool = True,
    signals: list[Signal] | None = None,
) -> dict[str, Check]:
    """Every check on a device, by name, from a battery on it.

    Args:
        bench: what is shared.
        device: what is attacked.
        logits: its white box, where that is not its network.
        wholly: whether to run attacks that need more than gradients, which take longer.
        signals: of its guard.
    """
    test, path = bench.splits["test"], logits or device.network.logits
    arms = armed(bench, device, path) if wholly else None
    target = Target("int8", path, device.judge, guarded=True, ask=device.ask, arms=arms)
    found = battery(target, test, GRID.budgets)
    table = Table([subset_row(found.subset), *found.verdicts, *bench.control])
    outputs, clean = device.ask(test.x)
    again, judged = device.ask(test.x)
    reference = GRID.name(GRID.reference)
    noted = soundness.noted(found.crafted, test.x, THREAT, GRID)
    attacks = {name: kept for (name, at), kept in found.judged.items() if at == reference}
    assert device.guard is not None
    evidence = Evidence(
        table=table,
        reference=reference,
        radii=noted.pop("radii"),
        labels=test.labels,
        reported=dict(zip(table.budgets, strength.worst_cases(table, "int8"), strict=True)),
        measured=Measured(
            zero_gradient_share=float(np.mean(found.flat())),
            changed_share=masking.changed(
                [outputs.logits, clean.scores], [again.logits, judged.scores]
            ),
            overfitting_gap=dict.fromkeys(
                strength.TRAININGS, 0.0
            ),  # toys are not trained in epochs
            **noted,
        ),
        splits=bench.splits,
        guard=Guarded(
            limits=device.guard.limits,
            recalibrated=device.limits(bench.splits["calibration"], signals or HONEST_SIGNALS),
            clean=clean,
            ablated=ablated(ablation.rows(attacks, test.y, found.subset)),
        ),
    )
    return {one.name: one for one in selfchecks.of(evidence, ALLOWED)}


def flagged(checks: dict[str, Check]) -> dict[str, float]:
    return {one.name: one.figure for one in checks.values() if not one.passed}


def test_an_honest_adversarially_trained_model_is_not_flagged(bench: Bench) -> None:
    assert flagged(checked(bench, bench.device(bench.robust))) == {}


def test_an_honest_linear_model_is_not_flagged(bench: Bench) -> None:
    linear = toys.trained(bench.splits["train"], linear=True)
    assert flagged(checked(bench, bench.device(linear))) == {}


@dataclass(frozen=True)
class Changed(Network):
    """A network with something done to its input, embedding or logits."""

    before: Callable[[Any], Any] = tf.identity
    inside: Callable[[Any], Any] = tf.identity
    after: Callable[[Any], Any] = tf.identity

    def embedding(self, x: Any) -> Any:
        return self.inside(super().embedding(self.before(x)))

    def logits(self, x: Any) -> Any:
        return self.after(super().logits(x))


def changed(network: Network, **changes: Callable[[Any], Any]) -> Changed:
    return Changed(network.hidden, network.last, network.linear, **changes)


def rounded(x: Any) -> Any:
    """To one of five levels; nothing comes back through it."""
    return tf.round(x * 4) / 4


def test_saturated_logits_are_flagged(bench: Bench) -> None:
    """Large logits leave cross-entropy no gradient in float32."""
    fake = changed(bench.undefended, after=lambda logits: 200 * logits)
    checks = checked(bench, bench.device(fake), wholly=False)
    assert not checks["gradients_are_there"].passed


def test_a_step_that_passes_no_gradient_is_flagged(bench: Bench) -> None:
    fake = changed(bench.undefended, before=rounded)
    checks = checked(bench, bench.device(fake))
    assert not checks["queries_do_not_beat_gradients"].passed
    assert not checks["gradients_are_there"].passed
    assert not checks["iterated_attack_beats_noise"].passed


def test_random_noise_at_inference_is_flagged(bench: Bench) -> None:
    fake = replace(bench.device(bench.undefended), jitter_steps=3.0)
    checks = checked(bench, fake, wholly=False)
    assert not checks["device_answers_the_same_twice"].passed


def test_a_detector_that_knows_one_attack_is_flagged(bench: Bench) -> None:
    """Counts of differences between neighbours give away a perturbation of full size everywhere."""
    only = [Signal.TEXTURE]
    checks = checked(bench, bench.device(bench.undefended, only), signals=only)
    assert not checks["the_guard_knows_more_than_one_attack"].passed


def test_a_guard_that_nobody_attacked_is_flagged(bench: Bench) -> None:
    only = [Signal.TEXTURE]
    fake = bench.device(bench.undefended, only)
    checks = checked(bench, fake, signals=only, wholly=False)
    assert not checks["the_guard_is_attacked_jointly"].passed
    assert not checks["the_guard_claims_nothing_extraordinary"].passed


def test_activations_clipped_to_where_nothing_moves_are_flagged(bench: Bench) -> None:
    """As of an int8 model whose ranges were set too narrow: what is outside has no gradient."""
    fake = changed(bench.undefended, inside=lambda hidden: tf.clip_by_value(hidden, 0.0, 0.5))
    checks = checked(bench, bench.device(fake), wholly=False)
    assert not checks["gradients_are_there"].passed


def test_an_artefact_of_coarser_steps_than_its_white_box_is_flagged(bench: Bench) -> None:
    """As of quantisation that masks: attacks are crafted on what rounds nothing."""
    coarse = changed(bench.undefended, before=rounded)
    smooth = bench.undefended.logits
    checks = checked(bench, bench.device(coarse), logits=smooth, wholly=False)
    assert not checks["int8_and_white_box_agree"].passed
    assert not checks["white_box_gives_the_same_verdicts"].passed


def test_limits_tuned_on_the_test_split_are_flagged(bench: Bench) -> None:
    train, test = bench.splits["train"], bench.splits["test"]
    bare = toy_devices.device(bench.robust, train)
    fake = toy_devices.guarded(bare, train, test, HONEST_SIGNALS)
    checks = checked(bench, fake, wholly=False)
    assert not checks["limits_follow_from_the_calibration_split"].passed


def test_calibration_examples_among_those_of_the_test_are_flagged(bench: Bench) -> None:
    leaking = replace(bench, splits={**bench.splits, "calibration": bench.splits["test"]})
    checks = checked(leaking, leaking.device(bench.robust), wholly=False)
    assert not checks["no_content_in_two_splits"].passed
    assert not checks["no_group_in_two_splits"].passed
