"""How pictures and their budgets are shown in the report."""

from __future__ import annotations

from palisade.report import samples
from palisade.report.samples import Exhibit
from palisade.splits import Split
from palisade.stage import Stage
from palisade.tasks.vision.budgets import FULL_SCALE

ATTACKER = "Any pixel changes by at most the budget, in shares of full scale."
MOST_PICTURES = 48


def budget(value: float) -> str:
    """``4/255`` for 0.0156863."""
    return f"{round(value * FULL_SCALE, 1):g}/255"


def exhibit(split: Split, _this: Stage) -> Exhibit:
    """Some pictures of each class."""
    each = max(2, MOST_PICTURES // min(len(split.labels), samples.MOST_CLASSES))
    return Exhibit(
        "pictures",
        "Pictures of the test split as the camera delivers them, enlarged.",
        [
            samples.picture(split.x[n], split.labels[split.y[n]], str(split.ids[n]))
            for n in samples.spread(split, each)
        ],
    )
