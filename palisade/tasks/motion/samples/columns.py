"""The columns of a trace: ``<channel>_<n>``, channel by channel, as most loggers write them."""

from __future__ import annotations

from collections.abc import Sequence

ACCELEROMETER = ("acc_x", "acc_y", "acc_z")  # mg, gravity in it
PIR = "pir"  # counts of the converter
CHANNELS = (*ACCELEROMETER, PIR)


def names(channels: Sequence[str], samples: int, *, first: int = 0) -> list[str]:
    """The columns of so many samples: ``acc_x_0``, ``acc_x_1``, ..., ``pir_149``."""
    return [f"{channel}_{first + n}" for channel in channels for n in range(samples)]
