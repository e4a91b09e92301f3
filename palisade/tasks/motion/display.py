"""How traces and their budgets are shown in the report."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.report import samples
from palisade.report.samples import Exhibit
from palisade.splits import Split
from palisade.stage import Stage
from palisade.tasks.motion.geometry import Sensors

ATTACKER = (
    "Any sample of the accelerometer changes by at most the budget in mg, and any of the PIR by "
    "the share of its full scale that goes with it."
)
NAMES = {"mg": "acceleration{}, mg", "pir": "PIR{}, counts"}


def budget(value: float) -> str:
    """``50 mg``."""
    return f"{value:g} mg"


def exhibit(split: Split, this: Stage) -> Exhibit:
    """A trace of each class."""
    sensors = this.params("threat", Sensors)
    shown = [
        samples.trace(
            panels(split.x[n], sensors),
            sensors.sample_rate_hz,
            split.labels[split.y[n]],
            str(split.ids[n]),
            f"motion-{n}",
        )
        for n in samples.spread(split, 1)
    ]
    return Exhibit(
        "traces",
        "A trace of each class of the test split. Accelerations are shown without their mean, "
        "and those of one trace to one scale.",
        shown,
    )


def panels(
    trace: NDArray[np.generic], sensors: Sensors
) -> list[tuple[str, NDArray[np.float64], tuple[float, float]]]:
    """A name, a signal and the ends of its scale for each channel of ``[samples, channels]``."""
    wide = np.asarray(trace, np.float64)
    found = []
    for unit in dict.fromkeys(sensors.units):
        places = [place for place, one in enumerate(sensors.units) if one == unit]
        signals = wide[:, places] - (wide[:, places].mean(axis=0) if unit == "mg" else 0.0)
        ends = float(signals.min()), float(signals.max())
        for n, signal in enumerate(signals.T, start=1):
            number = f" {n}" if len(places) > 1 else ""
            found.append((NAMES[unit].format(number), signal, ends))
    return found
