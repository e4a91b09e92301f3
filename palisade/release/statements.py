"""The threat model's sentences that hold for every task, and for the door.

Each is a template (see palisade/release/evidence.py). A sentence whose figures are missing is not
dropped: it is stated as not evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass

from palisade.attacks.names import BY_QUERIES, FGSM, ITERATED, NOISE
from palisade.release.card import Capability

GOALS = "Goals of an attacker"
CAPABILITIES = "What an attacker can do, and whether it was tried"
CONSTRAINTS = "What binds the attacker of a sensor"
FUSION = "What agreement of several sensors proves, and what not"
UPDATES = "The update channel"
OUTSIDE = "Out of scope"
SECTIONS = (GOALS, CAPABILITIES, CONSTRAINTS, FUSION, UPDATES, OUTSIDE)


@dataclass(frozen=True)
class Statement:
    """A sentence, and the figures that it stands on.

    Attributes:
        name: unique in its section, for a task or for the release.
        section: one of SECTIONS.
        text: what is meant, without a figure.
        measured: the sentence that holds the figures; empty where there are none to have.
        count: the place of what the figure is a share of; of none, nothing was measured.
        tried: false for what nothing here measures.
    """

    name: str
    section: str
    text: str
    measured: str = ""
    count: str = ""
    tried: bool = True


OF_TASK = (
    Statement(
        "fool_the_model",
        GOALS,
        "Make the model give a wrong answer.",
        "At {params/attack/REFERENCE_PARAM|budget} the int8 model keeps "
        "{worst_case/int8/all/REFERENCE/value} of {worst_case/int8/all/REFERENCE/n} test inputs "
        "right under every attack that was tried (95 % interval "
        "{worst_case/int8/all/REFERENCE/low} to {worst_case/int8/all/REFERENCE/high}); of inputs "
        "that nobody attacks, {metrics/evaluate/int8/clean_accuracy}. The same network without "
        "the defence keeps {worst_case/undefended/all/REFERENCE/value}.",
    ),
    Statement(
        "pass_the_guard",
        GOALS,
        "Have a wrong answer accepted by the guard.",
        "At {params/attack/REFERENCE_PARAM|budget} or less a wrong answer is accepted in "
        "{metrics/evaluate/guard/accepted_and_wrong/REFERENCE} of the test inputs, and in "
        "{metrics/evaluate/guard/accepted_and_wrong/HOPELESS} at up to "
        "{params/attack/BUDGETS_PARAM/LAST|budget}. Whether the attacks knew the guard is said "
        "below.",
    ),
    Statement(
        "persist",
        GOALS,
        "Keep at it until a wrong action is accepted at some moment of an event.",
        "With every input of an event attacked at {params/attack/REFERENCE_PARAM|budget}, a "
        "wrong action is accepted in "
        "{metrics/evaluate/consistency/sustained_wrong_action/guard} of "
        "{params/attack/sequences/attacked} such events by the guard alone, and in "
        "{metrics/evaluate/consistency/sustained_wrong_action/guard_and_consistency} where "
        "answers also have to agree over time. With one input attacked: "
        "{metrics/evaluate/consistency/flicker_wrong_action/guard} and "
        "{metrics/evaluate/consistency/flicker_wrong_action/guard_and_consistency}.",
    ),
)

EFFORT = Statement(
    "effort",
    CAPABILITIES,
    "An attack of many steps takes {params/attack/steps} of them for each input.",
)

OF_WITNESS = (
    Statement(
        "blind_a_sensor",
        GOALS,
        "Keep the door shut by putting a sensor out of order.",
        "With this sensor dead the door opens in "
        "{/fusion/metrics/failed/TASK/dead/availability} of the events that warrant it and in "
        "{/fusion/metrics/failed/TASK/dead/false_accept_rate} of the others.",
    ),
    Statement(
        "control_one_sensor",
        CAPABILITIES,
        "Has this sensor wholly in hand, and makes it say what they like.",
        "The door then opens in {/fusion/rates/controlled.TASK.false_accept_rate/value} (95 % "
        "interval {/fusion/rates/controlled.TASK.false_accept_rate/low} to "
        "{/fusion/rates/controlled.TASK.false_accept_rate/high}) of "
        "{/fusion/rates/controlled.TASK.false_accept_rate/n} events in which another sensor has "
        "no reason to agree.",
        count="/fusion/rates/controlled.TASK.false_accept_rate/n",
    ),
    Statement(
        "craft_for_the_door",
        CAPABILITIES,
        "Crafts this sensor's inputs, within the budget, so that the door opens.",
        "At {params/attack/REFERENCE_PARAM|budget} it opens in "
        "{/fusion/rates/crafted.forced.TASK.all/value} (95 % interval "
        "{/fusion/rates/crafted.forced.TASK.all/low} to "
        "{/fusion/rates/crafted.forced.TASK.all/high}) of "
        "{/fusion/rates/crafted.forced.TASK.all/n} test events that do not warrant it. With "
        "nobody's inputs crafted it opens in {/fusion/metrics/crafted/clean/false_accept_rate} of "
        "them, and with this sensor wholly in hand in "
        "{/fusion/metrics/crafted/forced/TASK/bound}.",
        count="/fusion/rates/crafted.forced.TASK.all/n",
    ),
    Statement(
        "deny_by_crafting",
        GOALS,
        "Keep the door shut by crafting this sensor's inputs within the budget.",
        "At {params/attack/REFERENCE_PARAM|budget} it stays shut in "
        "{/fusion/rates/crafted.denied.TASK.all/value} (95 % interval "
        "{/fusion/rates/crafted.denied.TASK.all/low} to "
        "{/fusion/rates/crafted.denied.TASK.all/high}) of "
        "{/fusion/rates/crafted.denied.TASK.all/n} test events that warrant opening; with nobody's "
        "inputs crafted, in {/fusion/metrics/crafted/clean/false_reject_rate} of them.",
        count="/fusion/rates/crafted.denied.TASK.all/n",
    ),
    Statement(
        "presence",
        FUSION,
        "Where all others truly agree, one sensor in the attacker's hands may be enough.",
        "Whoever controls this one then opens the door in "
        "{/fusion/rates/controlled.TASK.bystander_false_accept_rate/value} of "
        "{/fusion/rates/controlled.TASK.bystander_false_accept_rate/n} such test events.",
        count="/fusion/rates/controlled.TASK.bystander_false_accept_rate/n",
    ),
    Statement(
        "presence_crafted",
        FUSION,
        "Where all others truly agree, inputs crafted for this sensor may be enough.",
        "At {params/attack/REFERENCE_PARAM|budget} the door then opens in "
        "{/fusion/rates/crafted.forced.TASK.bystander/value} (95 % interval "
        "{/fusion/rates/crafted.forced.TASK.bystander/low} to "
        "{/fusion/rates/crafted.forced.TASK.bystander/high}) of "
        "{/fusion/rates/crafted.forced.TASK.bystander/n} such test events.",
        count="/fusion/rates/crafted.forced.TASK.bystander/n",
    ),
)

OF_DOOR = (
    Statement(
        "force_the_action",
        GOALS,
        "Make the door open when it should not.",
        "With every sensor in order and in nobody's hands, it opens in "
        "{/fusion/rates/action.false_accept_rate/value} (95 % interval "
        "{/fusion/rates/action.false_accept_rate/low} to "
        "{/fusion/rates/action.false_accept_rate/high}) of "
        "{/fusion/rates/action.false_accept_rate/n} test events that do not warrant it.",
    ),
    Statement(
        "prevent_the_action",
        GOALS,
        "Keep the door shut for those who may pass.",
        "With nobody interfering it stays shut in "
        "{/fusion/rates/action.false_reject_rate/value} of "
        "{/fusion/rates/action.false_reject_rate/n} events that warrant opening. An attacker "
        "who may disturb a sensor can always add to that; nothing here prevents it.",
    ),
    Statement(
        "witnesses",
        FUSION,
        "The door opens only if all sensors of the policy agree within one event.",
        "An event is {/params/scenes/window_s} s long.",
    ),
    Statement(
        "identity",
        FUSION,
        "Agreement proves that somebody is there and that the command was heard. It does not "
        "prove who is there, who spoke, or that the two are one person. Whoever stands at the "
        "door and says the word, or plays a recording of it, is let in. Identity needs another "
        "factor, which is not part of this release.",
    ),
)

OF_PAIR = Statement(
    "control_two_sensors",
    CAPABILITIES,
    "Has two sensors in hand at once: SENSORS.",
    "The door then opens in {/fusion/rates/two_controlled.REACH/value} (95 % interval "
    "{/fusion/rates/two_controlled.REACH/low} to {/fusion/rates/two_controlled.REACH/high}) of "
    "{/fusion/rates/two_controlled.REACH/n} events in which another sensor has no reason to "
    "agree. Agreement is not meant to withstand this.",
    count="/fusion/rates/two_controlled.REACH/n",
)

# Of each two sensors and more, up to all: sensors do not see each other, so each is attacked by
# itself, at its own reference budget.
OF_SEVERAL = (
    Statement(
        "craft_several_for_the_door",
        CAPABILITIES,
        "Crafts the inputs of several sensors at once, each within its reference budget, so that "
        "the door opens: SENSORS.",
        "It opens in {/fusion/rates/crafted.forced.REACH.all/value} (95 % interval "
        "{/fusion/rates/crafted.forced.REACH.all/low} to "
        "{/fusion/rates/crafted.forced.REACH.all/high}) of "
        "{/fusion/rates/crafted.forced.REACH.all/n} test events that do not warrant it. With "
        "nobody's inputs crafted it opens in {/fusion/metrics/crafted/clean/false_accept_rate} of "
        "them, and with these sensors wholly in hand in "
        "{/fusion/metrics/crafted/forced/REACH/bound}.",
        count="/fusion/rates/crafted.forced.REACH.all/n",
    ),
    Statement(
        "deny_by_crafting_several",
        GOALS,
        "Keep the door shut by crafting the inputs of several sensors, each within its reference "
        "budget: SENSORS.",
        "It stays shut in {/fusion/rates/crafted.denied.REACH.all/value} (95 % interval "
        "{/fusion/rates/crafted.denied.REACH.all/low} to "
        "{/fusion/rates/crafted.denied.REACH.all/high}) of "
        "{/fusion/rates/crafted.denied.REACH.all/n} test events that warrant opening; with "
        "nobody's inputs crafted, in {/fusion/metrics/crafted/clean/false_reject_rate} of them.",
        count="/fusion/rates/crafted.denied.REACH.all/n",
    ),
)

NO_DOOR = Statement(
    "no_fusion",
    FUSION,
    "This release has no decision of several sensors: each task's answer stands alone, and "
    "everything that fools it has fooled the device.",
)

# Digital: the attacker changes samples between the converter and the preprocessing, which no
# room or lens softens. That is stronger than what a physical attacker can do at the same budget.
DIGITAL = (
    Capability(
        "white_box",
        "Knows network, weights, quantisation and front end, and changes the raw samples of this "
        "sensor, each input by itself, within the budget. Attacks follow gradients of a "
        "differentiable twin and are judged on the int8 model as the device runs it.",
        attacks=(*ITERATED, "apgd_cross_entropy", "apgd_dlr", "apgd_targeted", "pgd_exact"),
    ),
    Capability(
        "cheap",
        "Has no time for more than noise or a single gradient.",
        attacks=(NOISE, FGSM),
    ),
    Capability(
        "white_box_on_the_guard",
        "Knows the guard too, and looks for a wrong answer that it accepts.",
        attacks=("guard_aware", "feature_matching"),
    ),
    Capability(
        "queries",
        "Knows nothing, but may ask the device as often as they like and sees its answers.",
        attacks=BY_QUERIES,
    ),
    Capability(
        "transfer",
        "Attacks another model and tries the result here.",
        attacks=("transfer_float", "transfer_undefended"),
    ),
    Capability(
        "network_to_tree",
        "Attacks the network alone, and hopes that the companion tree falls with it. The figure "
        "is the share of what fools the network that fools the tree too.",
        figures=("metrics/evaluate/guard/transfer/network_to_tree",),
    ),
)

OF_RELEASE = (
    Statement(
        "stale_frames",
        CAPABILITIES,
        "Repeats, reorders or holds back frames between sensor and network. The library answers "
        "a sequence number or a time that does not fit with a fault; how many events that saves "
        "was not measured.",
        tried=False,
    ),
    Statement(
        "another_release",
        UPDATES,
        "An attacker may alter, withhold or repeat a release on its way to a device. What they "
        "cannot do without a trusted key is decided by `python -m palisade verify`, with the "
        "policy of whoever runs the devices, and not by this page.",
    ),
    Statement(
        "rollback",
        UPDATES,
        "An older release, once validly signed, stays validly signed.",
        "This is release {/version} with security counter {/security_counter}: a device or "
        "gateway that has seen a counter must refuse a lower one.",
    ),
    Statement(
        "readable",
        UPDATES,
        "Nothing in a release is secret. Whoever has it, or reads a device's flash, has models, "
        "thresholds and this page; the strongest attacks above assume so.",
    ),
    Statement("people", OUTSIDE, "Who a person is (see above), and force used on a person."),
    Statement(
        "hardware",
        OUTSIDE,
        "An opened device: probes on its buses or debug port, glitched supply or clock, side "
        "channels, changed sensors, cut power.",
    ),
    Statement(
        "makers",
        OUTSIDE,
        "Whoever can change the repository, the machine that the release was made on, or the "
        "key that signs it. bom.cdx.json lists the packages that made it, by digest.",
    ),
    Statement(
        "poisoning",
        OUTSIDE,
        "Recordings that an attacker has put among the training data. Data is checked for "
        "duplicates and broken files, not for malice.",
    ),
    Statement(
        "privacy",
        OUTSIDE,
        "What a model tells of its training data (membership, inversion), and copying a model.",
    ),
    Statement(
        "firmware",
        OUTSIDE,
        "The application around the models: its lock, radio, storage and operating system.",
    ),
)
