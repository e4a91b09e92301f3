"""What a release says of the motion task beside its figures."""

from __future__ import annotations

from palisade.release.card import Capability, Card, Drawn, Group


def budget(value: float) -> str:
    """A budget with its unit: ``50 mg``."""
    return f"{value:g} mg"


CARD = Card(
    title="what a door's accelerometer and infrared sensor felt",
    family="convolutional neural network",
    architecture="convolutions over time ({params/network/channels} filters, "
    "{params/network/kernel_frames} frames long), a global average and a dense layer, quantised "
    "to int8",
    raw_input="a trace of {params/features/samples} samples of each channel "
    "({params/features/units}) at {params/threat/sample_rate_hz} samples a second",
    budget=budget,
    budget_meaning="each sample of each axis of the accelerometer is changed by at most BUDGET, "
    "and each of the infrared sensor by the share of its full scale that goes with it",
    epsilon="epsilon_mg",
    larger_is_weaker=False,
    group="homes",
    preprocessing=("median", "low_pass_hz", "squeeze_bits"),
    constraints=(
        "With 1 mg goes a share of {params/threat/pir_share_per_mg} of the infrared sensor's "
        "full scale: both sensors are attacked at once.",
        "Samples stay within what the sensors can deliver ({params/threat/acc_range_mg} mg, "
        "{params/threat/pir_full_scale_counts} counts) and are rounded to their counts.",
    ),
    capabilities=(
        Capability(
            "heat_and_shaking",
            "Moves a heat source before the infrared sensor, or shakes and knocks at the door.",
            physical=("heat", "spoof", "shak", "acc", "pir"),
        ),
        Capability(
            "slow_approach",
            "Comes so slowly, or so masked, that the infrared sensor sees little of it.",
            physical=("slow", "mask"),
        ),
    ),
    users=("firmware engineers of smart-home devices", "people who come to a door"),
    use_cases=(
        "telling a person who walks up from pets, knocks, tampering, traffic and nothing",
        "one of several witnesses that have to agree, where fusion/policy.json says so",
    ),
    limitations=(
        "It tells that somebody comes, not who.",
        "A pet and a person differ by little in one trace, so small changes of it confuse the two.",
        "Figures on the default corpus are on simulated traces and say little of real ones.",
    ),
    tradeoffs=(
        "Accuracy on clean inputs is {metrics/evaluate/int8/clean_accuracy}; of the same network "
        "without adversarial training, {metrics/evaluate/undefended/clean_accuracy}.",
    ),
    risks=(
        (
            "Traces tell when people come and go.",
            "Inference runs on the device. What firmware around it stores or sends is outside "
            "this release.",
        ),
    ),
    groups=(
        Group(
            at_risk="people whose way of coming differs from that of the simulated walkers: "
            "with a stick, in a wheelchair, very slowly, children",
            benefits="none beyond those of all users",
            harms="they are taken for pets or for nothing more often, and the door stays shut; "
            "accuracy by group was not measured",
            mitigation="none in this release: train and test on traces of the people who will "
            "use it, labelled by group",
        ),
    ),
    drawn=Drawn(
        description="Traces simulated by this project from stated physics; no recording is in it.",
        licence=None,
    ),
)
