"""What a release says of the voice task beside its figures."""

from __future__ import annotations

from palisade.release.card import Capability, Card, Drawn, Group, Tool


def budget(value: float) -> str:
    """A budget with its unit: ``30 dB``."""
    return f"{value:g} dB"


CARD = Card(
    title="which of a few spoken commands was said, if any",
    family="convolutional neural network",
    architecture="four plain convolutions ({params/network/narrow_channels} filters, then "
    "{params/network/wide_channels}), a global average and a dense layer, quantised to int8",
    raw_input="{params/features/clip_ms} ms of 16-bit sound at {params/features/sample_rate_hz} "
    "samples a second; the device's own front end turns it into {params/features/coefficients} "
    "cepstral coefficients for each {params/features/hop_ms} ms",
    budget=budget,
    budget_meaning="sound is added whose root mean square over the clip lies at least BUDGET "
    "below the clip's own",
    epsilon="epsilon_snr_db",
    larger_is_weaker=True,
    group="speakers",
    preprocessing=("low_pass_hz", "mu_law_bits", "squeeze_bits"),
    constraints=(
        "A clip quieter than {params/threat/reference_speech_rms} of full scale is attacked as "
        "if it were that loud, so silence is attacked like speech.",
        "What comes out is rounded to the 16-bit samples that a converter delivers, and passes "
        "the whole front end; features are never changed directly.",
    ),
    capabilities=(
        Capability(
            "loudspeaker",
            "Plays the attack by a loudspeaker in a room: band limits, distortion, echo, noise, "
            "and no control of the moment at which it is heard.",
            physical=("over_the_air", "universal", "pulse"),
        ),
        Capability(
            "ultrasound",
            "Modulates a command onto ultrasound that people do not hear, so that a microphone's "
            "own nonlinearity brings it back.",
            physical=("ultrasound",),
        ),
        Capability(
            "replay_of_sound",
            "Records a command and plays it again. For the network a good replay is the command "
            "itself: it tells words, and not who says them or whether they are said now.",
            physical=("replay",),
        ),
        Capability(
            "chance",
            "Waits until household sound or a television is taken for a command. The figures are "
            "false accepts an hour, and the upper limit of their interval.",
            figures=(
                "metrics/stream/false_accepts_per_hour",
                "metrics/stream/false_accepts_per_hour_high",
            ),
        ),
    ),
    users=("firmware engineers of smart-home devices", "people at a door who say a command"),
    use_cases=(
        "spoken commands near the device, where a wrong answer does little harm by itself",
        "one of several witnesses that have to agree, where fusion/policy.json says so",
    ),
    limitations=(
        "It tells words, not speakers: anyone's command counts.",
        "It knows the words that it was trained on; others count as unknown, and words that "
        "sound alike can be taken for commands.",
        "Natural corruption lowers accuracy, some kinds by much: see the slices by corruption.",
        "Figures on the default corpus are on synthetic voices and say little of real ones.",
    ),
    tradeoffs=(
        "Accuracy on clean inputs is {metrics/evaluate/int8/clean_accuracy}; of the same network "
        "without adversarial training, {metrics/evaluate/undefended/clean_accuracy}.",
        "The offset of the front end's logarithm ({params/features/energy_offset}) hides faint "
        "perturbations, and quiet speech with them.",
    ),
    risks=(
        (
            "The microphone listens without end.",
            "Inference runs on the device. The library in this release keeps no more sound than "
            "one input; what firmware around it stores or sends is outside this release.",
        ),
    ),
    groups=(
        Group(
            at_risk="people whose speech differs from that of the training voices: other "
            "accents, children, people with a speech impairment",
            benefits="none beyond those of all users",
            harms="commands are missed or taken for others more often; accuracy by group was "
            "not measured",
            mitigation="none in this release: train and test on recordings of the people who "
            "will use it, labelled by group",
        ),
    ),
    drawn=Drawn(
        description="Spoken by espeak-ng's voices in simulated rooms; no recording of a person "
        "who uses such a device is in it. espeak-ng is under GPL-3.0-or-later, and puts recorded "
        "consonants of its own voice data into the sound that it computes. So the clips are "
        "treated as under that licence: whoever passes them on has to keep to it. The clips are "
        "not part of a release. The model holds weights that were learnt from them, and no clip; "
        "whether a licence of training data reaches a model's weights is not settled law, and "
        "this project does not claim to settle it.",
        licence="GPL-3.0-or-later",
        tools=(
            Tool(
                "espeak-ng",
                "GPL-3.0-or-later",
                "espeakng-loader",
                "Speech synthesiser that drew the default corpus, in a process of its own. No "
                "part of it is in a release.",
            ),
        ),
    ),
)
