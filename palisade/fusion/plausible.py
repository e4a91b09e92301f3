"""Whether a window of raw samples can come from a sensor that works.

A model says something about any input, so a dead, stuck or saturated sensor has to be noticed
before it: its windows are a fault, and a fault never agrees. Each channel has to pass:

- unchanged: the share of samples that equal the one before. A working converter's last bit
  moves with the sensor's own noise; a dead or stuck one stays.
- saturated: the share of samples at either end of what the converter can deliver.
- frozen: all windows of an event are the same to the bit, as of a camera that hangs.

What it does not see: a sensor that is stuck but for noise on its lines, one that repeats
what it saw before with small changes, or any signal that somebody plays to it. The last is the
attacker who controls a modality, and is measured as such.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import stage

BATCH = 256
Raw = NDArray[Any]  # as the converter delivers them: int16, uint8, int32


class Limits(stage.Params):
    """Above which a channel of a window is a fault."""

    unchanged_share: float = Field(gt=0, le=1, description="of the samples; 1 switches it off")
    saturated_share: float = Field(gt=0, le=1, description="of the samples; 1 switches it off")


def channels(x: Raw) -> Raw:
    """``[n, samples, channels]`` of raw windows ``[n, samples]`` or ``[n, ..., channels]``."""
    return x.reshape(len(x), -1, x.shape[-1] if x.ndim > 2 else 1)


def faulty(x: Raw, low: Raw, high: Raw, limits: Limits) -> NDArray[np.bool_]:
    """``[n]`` whether a window shows a fault.

    Args:
        x: ``[n, ...]`` raw windows.
        low, high: ``[...]`` of one window's form, the ends of what the converter delivers.
        limits: the shares allowed.
    """
    parts = [_faulty(x[at : at + BATCH], low, high, limits) for at in range(0, len(x), BATCH)]
    return np.concatenate(parts)


def _faulty(x: Raw, low: Raw, high: Raw, limits: Limits) -> NDArray[np.bool_]:
    samples = channels(x)
    unchanged = np.mean(samples[:, 1:] == samples[:, :-1], axis=1)
    ends = (samples <= channels(low[np.newaxis])) | (samples >= channels(high[np.newaxis]))
    # Beyond a limit of 1 nothing lies, so it switches a check off.
    bad = (unchanged > limits.unchanged_share) | (np.mean(ends, axis=1) > limits.saturated_share)
    return np.asarray(bad.any(axis=1))


def of_events(
    x: Raw, owner: NDArray[np.intp], low: Raw, high: Raw, limits: Limits
) -> NDArray[np.bool_]:
    """``[events]`` whether every window of an event is plausible, and they are not frozen.

    Args:
        x: ``[n, ...]`` raw windows.
        owner: ``[n]`` the event of each window: 0, 1, ..., none left out.
        low, high, limits: as for ``faulty``.
    """
    counts = np.bincount(owner)
    first = np.full(len(counts), len(owner))
    np.minimum.at(first, owner, np.arange(len(owner)))
    same = np.concatenate(
        [
            np.all(channels(x[part]) == channels(x[first[owner[part]]]), axis=(1, 2))
            for part in (slice(at, at + BATCH) for at in range(0, len(x), BATCH))
        ]
    )
    frozen = (np.bincount(owner[same], minlength=len(counts)) == counts) & (counts > 1)
    spoiled = np.bincount(owner[faulty(x, low, high, limits)], minlength=len(counts)) > 0
    return np.asarray(~(spoiled | frozen))
