"""How sounds and their budgets are shown in the report."""

from __future__ import annotations

from palisade.report import samples
from palisade.report.samples import Exhibit
from palisade.splits import Split
from palisade.stage import Stage
from palisade.tasks.voice.geometry import Params

ATTACKER = (
    "A sound is added whose energy lies the budget's decibels below the clip's, or below ordinary "
    "speech where the clip is quieter: fewer decibels are a louder attack."
)


def budget(value: float) -> str:
    """``30 dB``."""
    return f"{value:g} dB"


def exhibit(split: Split, this: Stage) -> Exhibit:
    """A clip of each class."""
    rate_hz = this.params("features", Params).sample_rate_hz
    return Exhibit(
        "clips",
        "A clip of each class of the test split, as the microphone delivers it.",
        [
            samples.clip(split.x[n], rate_hz, split.labels[split.y[n]], str(split.ids[n]))
            for n in samples.spread(split, 1)
        ],
    )
