"""What a release says of the vision task beside its figures."""

from __future__ import annotations

from palisade.release.card import Capability, Card, Drawn, Group
from palisade.release.evidence import shown

_FULL_SCALE = 255


def budget(value: float) -> str:
    """A budget in steps of an 8-bit pixel: ``4/255``."""
    return f"{shown(round(value * _FULL_SCALE, 1))}/{_FULL_SCALE}"


CARD = Card(
    title="what one picture of a door camera shows",
    family="convolutional neural network",
    architecture="convolutions of topology {params/network/topology} ({params/network/channels} "
    "filters), a global average and a dense layer, quantised to int8",
    raw_input="a {params/features/channels} picture of {params/features/image_px} pixels a side, "
    "8 bits a channel",
    budget=budget,
    budget_meaning="each pixel is changed by at most BUDGET of full scale",
    epsilon="epsilon_linf",
    larger_is_weaker=False,
    group="scenes",
    preprocessing=("median", "downsample", "squeeze_bits"),
    constraints=(
        "Pixels stay within full scale and are rounded to the 8 bits that a sensor delivers.",
        "Training also takes the worst of natural placements that no budget counts: shifts up "
        "to {params/threat/shift_share} of the side, turns up to {params/threat/rotation_deg} "
        "degrees, zooms from {params/threat/zoom/0} to {params/threat/zoom/1}. The attacks "
        "in the table change pixels and do not move the picture.",
    ),
    capabilities=(
        Capability(
            "sticker",
            "Puts a printed patch or sticker into the picture, at any strength but of a limited "
            "area.",
            physical=("print", "stickers", "hide_person", "feign_person"),
        ),
        Capability(
            "light",
            "Throws light or shadow on the scene.",
            physical=("lighting", "shadow"),
        ),
        Capability(
            "replay_of_pictures",
            "Holds a print or a screen that shows a person before the camera. The network tells "
            "persons from none, not a person from a picture of one.",
            physical=("replay", "screen"),
        ),
    ),
    users=("firmware engineers of smart-home devices", "people who come to a door"),
    use_cases=(
        "telling whether a person stands before a door camera",
        "one of several witnesses that have to agree, where fusion/policy.json says so",
    ),
    limitations=(
        "It tells persons from none, not who a person is, and not a person from a picture of one.",
        "Robust accuracy is of small changes of every pixel; it says nothing of patches, "
        "stickers and light.",
        "Figures on the default corpus are on drawn pictures and say little of real ones.",
    ),
    tradeoffs=(
        "Accuracy on clean inputs is {metrics/evaluate/int8/clean_accuracy}; of the same network "
        "without adversarial training, {metrics/evaluate/undefended/clean_accuracy}.",
    ),
    risks=(
        (
            "A camera sees people who did not agree to it.",
            "Inference runs on the device, on a picture of {params/features/image_px} pixels a "
            "side. What firmware around it stores or sends is outside this release.",
        ),
    ),
    groups=(
        Group(
            at_risk="people who look unlike the figures of the training pictures: children, "
            "people in a wheelchair, people whose skin or clothes differ little from what is "
            "behind them",
            benefits="none beyond those of all users",
            harms="they are overlooked more often, and the door stays shut; accuracy by group "
            "was not measured",
            mitigation="drawn skin, build, clothes and light vary at random; none beyond that: "
            "train and test on pictures of the people who will use it, labelled by group",
        ),
    ),
    drawn=Drawn(
        description="Pictures drawn by this project's own synthesizer. No photograph is in it, "
        "but for what a team has put into data/material/vision, if anything, whose licence is "
        "that team's to state.",
        licence=None,
    ),
)
