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
NAMES = {"mg": "Acceleration without its mean, mg", "pir": "PIR, counts"}


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
    most = max(sensors.units.count(unit) for unit in sensors.units)
    legend = [(n, f"channel {n} of a panel") for n in range(1, most + 1)] if most > 1 else []
    return Exhibit("traces", "A trace of each class of the test split.", shown, legend)


def panels(
    trace: NDArray[np.generic], sensors: Sensors
) -> list[tuple[str, list[tuple[str, NDArray[np.float64]]]]]:
    """The channels of ``[samples, channels]`` by unit; accelerations without gravity."""
    found: dict[str, list[tuple[str, NDArray[np.float64]]]] = {}
    for place, unit in enumerate(sensors.units):
        signal = np.asarray(trace[:, place], np.float64)
        centred = signal - signal.mean() if unit == "mg" else signal
        group = found.setdefault(unit, [])
        group.append((f"{unit} {len(group) + 1}", centred))
    return [(NAMES[unit], channels) for unit, channels in found.items()]
