"""What the checklist asks of a release: every line, its figure and its limit.

Figures and limits are places in the release (see palisade/release/evidence.py), so a line passes
by what the pipeline wrote and never by hand. A figure or limit that is missing is a fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from palisade.release import threat_model

THREATS = "Threat model"
DATA = "Data pipeline"
TRAINING = "Training"
PREPROCESSING = "Preprocessing"
DETECTION = "Detection"
DIVERSITY = "Diversity"
DELIVERY = "Delivery"
TESTS = "Tests"
SECTIONS = (THREATS, DATA, TRAINING, PREPROCESSING, DETECTION, DIVERSITY, DELIVERY, TESTS)

Relation = Literal["<=", ">=", "<", ">", "is", "is not", "is there", "as checked"]


@dataclass(frozen=True)
class Rule:
    """One line, for each task or for the release.

    Attributes:
        section: one of SECTIONS.
        name: unique.
        claim: what passes, as a sentence.
        figure: the place of what is held against the limit.
        relation: how; ``is there`` asks for the figure alone, whatever it is, and ``as checked``
            for a check of that name, whose relation and limit count.
        limit: the limit's place, or the limit itself.
        wanted_by: the place of a setting; without it the line is not asked for.
        absent: what it means that the figure is missing.
        required: whether the release gate refuses a release that fails it. So it is with lines
            without which figures cannot be believed or the model is not one that this project
            stands for. What a team chooses (a defence that may be off), what it wishes (its
            targets) and what it could also have measured is shown as failed, and blocks nothing.
    """

    section: str
    name: str
    claim: str
    figure: str
    relation: Relation = "is there"
    limit: str | float | bool | None = None
    wanted_by: str = ""
    absent: str = "not evaluated"
    required: bool = False


@dataclass(frozen=True)
class Finding:
    """One line that ``verify`` decides.

    Attributes:
        name: by which it knows the finding.
        claim: what it must find.
        where: the place of what it is about; without it the line is not asked for.
        section: one of SECTIONS.
    """

    name: str
    claim: str
    where: str = ""
    section: str = DELIVERY


def _check(section: str, name: str, claim: str) -> Rule:
    """A line that passes with a check on the measurement itself."""
    return Rule(section, name, claim, f"checks/{name}", "as checked", required=True)


_TARGET = "/params/package/targets/TASK"
_DOOR = "/fusion/policy"
_UNMEASURED = f"{threat_model.NAME}#/tasks/TASK/not_evaluated"

OF_TASK = (
    Rule(
        THREATS,
        "capabilities_evaluated",
        "Everything that the threat model lets an attacker of this sensor do was tried.",
        _UNMEASURED,
        "is",
        "none",
    ),
    Rule(
        THREATS,
        "physical_attacks",
        "Attacks that a sensor can meet in a room were measured.",
        "metrics/physical",
    ),
    Rule(
        THREATS,
        "trained_at_the_budget",
        "Training attacks at least as strongly as the budget of the headline figure (STRONGER is "
        "stronger).",
        "params/pretrain/EPSILON",
        "<=",
        "params/attack/REFERENCE_PARAM",
        required=True,
    ),
    Rule(
        DATA,
        "splits_are_apart",
        "No one of the GROUP is listed for two splits.",
        "metrics/prepare/GROUP_in_two_lists",
        "<=",
        0,
        required=True,
    ),
    _check(DATA, "enough_examples", "There are enough test examples to say something."),
    _check(
        DATA,
        "no_simple_model_does_it",
        "No simple model does the task, so the data is not too easy.",
    ),
    Rule(
        DATA,
        "licence_is_stated",
        "The licence of the corpus is stated.",
        "data/licence",
        "is not",
        "not stated",
        required=True,
    ),
    Rule(
        TRAINING,
        "adversarial_training",
        "Batches of training hold adversarial examples.",
        "params/pretrain/fraction",
        ">",
        0,
        required=True,
    ),
    Rule(
        TRAINING,
        "adversarial_quantisation",
        "Batches of quantisation-aware training hold adversarial examples.",
        "params/qat/fraction",
        ">",
        0,
        required=True,
    ),
    _check(
        TRAINING,
        "pretraining_did_not_collapse",
        "Adversarial training did not overfit to its own attack alone.",
    ),
    _check(
        TRAINING,
        "quantisation_did_not_collapse",
        "Quantisation-aware training did not overfit to its own attack alone.",
    ),
    Rule(
        TRAINING,
        "clean_accuracy",
        "The int8 model is right on inputs that nobody attacks.",
        "metrics/evaluate/int8/clean_accuracy",
        ">=",
        f"{_TARGET}/clean_accuracy",
    ),
    Rule(
        TRAINING,
        "worst_case_accuracy",
        "The int8 model stays right under every attack tried at the reference budget.",
        "metrics/evaluate/int8/worst_case_accuracy/REFERENCE",
        ">=",
        f"{_TARGET}/worst_case_accuracy",
    ),
    Rule(
        TRAINING,
        "worst_case_accuracy_actions",
        "The same, of inputs that ask for an action.",
        "worst_case/int8/actions/REFERENCE/value",
        ">=",
        f"{_TARGET}/worst_case_accuracy",
    ),
    Rule(
        PREPROCESSING,
        "a_transformation_is_on",
        "The device smooths, squeezes or filters raw inputs before its front end.",
        "preprocessing",
        "is not",
        "none",
    ),
    Rule(
        PREPROCESSING,
        "integers_agree",
        "The model's arithmetic that figures are of is TensorFlow Lite Micro's, on every "
        "validation example.",
        "metrics/convert/agreement/exact_tflm",
        ">=",
        1,
        required=True,
    ),
    _check(
        PREPROCESSING,
        "int8_and_white_box_agree",
        "The int8 model and the one that attacks are made on do equally well under attack.",
    ),
    Rule(
        PREPROCESSING,
        "share_of_cycles",
        "Front end and guard take few cycles beside the model itself (share of its own).",
        "metrics/cost/share_of_model_cycles",
        "<=",
        "params/cost/share_limit",
    ),
    _check(DETECTION, "the_guard_can_reject", "The guard has a limit that an input can exceed."),
    _check(
        DETECTION,
        "the_guard_rejects_few_clean_examples",
        "The guard rejects few inputs that nobody attacks.",
    ),
    Rule(
        DETECTION,
        "unfamiliar_inputs",
        "The guard tells unfamiliar inputs, even of the kind that it tells worst (AUROC).",
        "metrics/evaluate/guard/ood_auroc",
        ">=",
        f"{_TARGET}/ood_auroc",
    ),
    Rule(
        DETECTION,
        "guard_helps_under_attack",
        "With the guard, fewer wrong answers pass at the reference budget (right or not "
        "accepted, against right without it).",
        "worst_case/int8_guarded/all/REFERENCE/value",
        ">",
        "worst_case/int8/all/REFERENCE/value",
    ),
    Rule(
        DETECTION,
        "agreement_over_time_helps",
        "Asking that answers agree over time lowers wrong actions under a sustained attack.",
        "metrics/evaluate/consistency/sustained_wrong_action/guard_and_consistency",
        "<",
        "metrics/evaluate/consistency/sustained_wrong_action/guard",
    ),
    Rule(
        DETECTION,
        "guard_fits",
        "Guard code, tables and state keep their limits.",
        "metrics/cost/within_limits",
        "is",
        True,
        required=True,
    ),
    Rule(
        DIVERSITY,
        "companion_has_a_say",
        "The companion tree can reject an answer.",
        "metrics/calibrate/thresholds/tree",
        absent="its limit is off",
    ),
    Rule(
        DIVERSITY,
        "transfer_was_measured",
        "How much of what fools the network fools the tree too was measured.",
        "metrics/evaluate/guard/transfer/network_to_tree",
    ),
    Rule(
        DIVERSITY,
        "controlled",
        "With this sensor in the attacker's hands, the door stays shut where another has no "
        "reason to agree.",
        "/fusion/metrics/controlled/TASK/false_accept_rate",
        "<=",
        "/params/package/door/controlled_false_accept_rate",
    ),
    Rule(
        DELIVERY,
        "model_is_in_c",
        "The model ships as C with its SHA-256, for the device to compare before it runs.",
        "/files/firmware~1model_TASK.c/sha256",
    ),
    Rule(
        TESTS,
        "self_checks",
        "Every check on the measurement itself passed.",
        "reliable",
        "is",
        True,
        required=True,
    ),
    Rule(
        TESTS,
        "field_corruptions",
        "Natural corruption by kind and severity was measured.",
        "metrics/evaluate/int8/field_accuracy",
    ),
    Rule(
        TESTS,
        "stream_false_accepts",
        "Over hours without a command, few commands are heard an hour.",
        "metrics/stream/false_accepts_per_hour",
        "<=",
        f"{_TARGET}/stream_false_accepts_per_hour",
        wanted_by=f"{_TARGET}/stream_false_accepts_per_hour",
    ),
    Rule(
        TESTS,
        "stream_false_rejects",
        "Of the commands in a stream, few are missed.",
        "metrics/stream/false_reject_rate",
        "<=",
        f"{_TARGET}/stream_false_reject_rate",
        wanted_by=f"{_TARGET}/stream_false_reject_rate",
    ),
)

OF_RELEASE = (
    Rule(
        DIVERSITY,
        "several_sensors_agree",
        "The action needs several sensors that agree.",
        _DOOR,
    ),
    Rule(
        DIVERSITY,
        "door_false_accepts",
        "With all sensors in order, the door opens in few events that do not warrant it.",
        "/fusion/metrics/action/false_accept_rate",
        "<=",
        "/params/package/door/false_accept_rate",
    ),
    Rule(
        DIVERSITY,
        "door_false_rejects",
        "With all sensors in order, the door stays shut in few events that warrant it.",
        "/fusion/metrics/action/false_reject_rate",
        "<=",
        "/params/package/door/false_reject_rate",
    ),
    Rule(
        DIVERSITY,
        "sensors_fail_safe",
        "No dead, stuck or saturated sensor agrees to the action.",
        "/fusion/checks/no_failed_sensor_agrees",
        "as checked",
        wanted_by=_DOOR,
        required=True,
    ),
    Rule(
        DIVERSITY,
        "sensors_saw_the_same",
        "The events that the door was measured on were seen by all its sensors at once.",
        "/fusion/metrics/scenes/aligned",
        "is",
        True,
    ),
    Rule(
        TESTS,
        "door_self_checks",
        "Every check on the measurement of the door passed.",
        "/fusion/reliable",
        "is",
        True,
        wanted_by=_DOOR,
        required=True,
    ),
)

# Decided by `python -m palisade verify` once the release is signed: what it must find, by the name
# that it knows the finding by.
OF_DELIVERY = (
    Finding(
        "signature_is_trusted",
        "A signature over this folder by a key or identity that the policy names for releases; a "
        "development signature does not count.",
    ),
    Finding(
        "no_file_added_or_missing",
        "Every file has the digest that was signed; none is added, missing, a link, or outside "
        "the folder; manifest.json describes them all.",
    ),
    Finding(
        "security_counter_not_below_least",
        "Security counter {/security_counter} is at least the least one of the policy.",
    ),
    Finding(
        "version_not_below_least",
        "Version {/version} is at least the least one of the policy.",
    ),
    Finding(
        "provenance_is_signed",
        "A signed statement of this release's provenance: commit, lock, params, builder.",
    ),
    Finding(
        "images_carry_the_manifest",
        "Each boot image is signed by an image key that the policy names, carries the digest of "
        "model-manifest.json, and holds this release's payload, version and counter.",
        where="/files/model-manifest.json/sha256",
    ),
    Finding(
        "models_are_audited",
        "Each model and guard was attacked at full strength as it is here, which found little "
        "more than the figures say (a signed subject beside the release).",
        section=TESTS,
    ),
)
