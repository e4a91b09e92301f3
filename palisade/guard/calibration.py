"""How strange an answer may be: one limit a signal, for a share of clean inputs rejected by any.

Split conformal prediction on the *joint* verdict. One half of the calibration examples ranks each
signal's scores, so that scores in different units become p-values; the other half says how
small the least of them may be. Of n exchangeable examples, a new clean one is rejected with
probability at most the target. Speakers, scenes and homes of a test are others than those of
calibration, so the target leaves room for what that costs.

References:
    Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, ch. 4;
    Angelopoulos and Bates, arXiv:2107.07511 (split conformal prediction).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade import seeds
from palisade.arrays import write_npz
from palisade.errors import PalisadeError
from palisade.guard.judgement import Signal
from palisade.guard.tables import Kind, Limit, Limits

Scores = NDArray[np.int32]  # [n, signals]
Ranked = Mapping[Signal, NDArray[np.int64]]  # strangeness of known scores, ascending
# Which end of a score is the strange one.
ENDS: dict[Signal, Kind] = {
    Signal.MARGIN: "at_least",
    Signal.ENERGY: "at_least",
    Signal.AUTOENCODER: "at_most",
    Signal.TREE: "at_least",
    Signal.TEXTURE: "at_most",
}
TREE_SHARE = 1 / 3  # of the rejections; more would leave too few to the signals with a scale
OFF = Limit(kind="off", threshold=0)
PLAUSIBLE = Limit(kind="at_least", threshold=1)  # the tree's score is 1 or 0


@dataclass(frozen=True)
class Calibrated:
    """What was found.

    Attributes:
        limits: one a signal.
        known: ranks of the half that they were read from.
        p_least: the least joint p-value that is accepted.
        reject_rate: of the half that set the limit.
    """

    limits: Limits
    known: Ranked
    p_least: float
    reject_rate: float


def calibrate(scores: Scores, signals: list[Signal], *, target: float, seed: int) -> Calibrated:
    """Limits from the scores of clean examples.

    Of few examples, or of scores with few distinct values, it may be that no signal gets a limit:
    the guard then rejects nothing, which the evaluation reports.

    Args:
        scores: ``[n, 5]`` as in ``Judgement``.
        signals: those that the guard has tables for. The tree's rejections count first, as it
            only says yes or no; where they take more than ``TREE_SHARE``, its limit is off.
        target: largest share of clean inputs to reject.
        seed: of the halves.

    Raises:
        PalisadeError: There are too few examples for the target.
    """
    order = seeds.generator(seed, "calibrate", "halves").permutation(len(scores))
    known, held = scores[order[::2]], scores[order[1::2]]
    count = int(target * (len(held) + 1) * (1 + 1e-9))
    if count < 1:
        raise PalisadeError(
            f"{len(scores)} calibration examples are too few to reject at most {target:g}",
            f"have at least {2 * int(np.ceil(1 / target))}, or raise false_reject_target",
        )
    ranked = ranks(known, [one for one in signals if one != Signal.TREE])
    refused = float(np.mean(known[:, Signal.TREE] == 0))
    use_tree = Signal.TREE in signals and refused <= target * TREE_SHARE
    p_joint = joint_p(ranked, held, tree=use_tree)
    least = float(np.sort(p_joint)[count - 1])
    limits = {signal: limit(ranked[signal], least, ENDS[signal]) for signal in ranked}
    limits[Signal.TREE] = PLAUSIBLE if use_tree else OFF
    return Calibrated(
        Limits(**{signal.name.lower(): limits.get(signal, OFF) for signal in Signal}),
        known=ranked,
        p_least=least,
        reject_rate=float(np.mean(p_joint < least)),
    )


def ranks(scores: Scores, signals: list[Signal]) -> Ranked:
    """Each signal's strangeness on known clean examples, sorted."""
    return {signal: np.sort(strangeness(scores, signal)) for signal in signals}


def save(path: Path, known: Ranked) -> None:
    """Write ranks, for ``load``."""
    write_npz(path, **{signal.name.lower(): values for signal, values in known.items()})


def load(path: Path) -> Ranked:
    """Read what ``save`` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return {
            signal: arrays[name] for signal in Signal if (name := signal.name.lower()) in arrays
        }


def joint_p(ranked: Ranked, scores: Scores, *, tree: bool) -> NDArray[np.float64]:
    """``[n]`` the least over signals of the share of known examples at least as strange.

    Args:
        ranked: known examples' strangeness.
        scores: ``[n, 5]``.
        tree: whether the tree counts: 0 where it finds a label implausible.
    """
    shares = []
    for signal, known in ranked.items():
        below = np.searchsorted(known, strangeness(scores, signal), side="left")
        shares.append((1 + len(known) - below) / (1 + len(known)))
    implausible = tree & (scores[:, Signal.TREE] == 0)
    return np.where(implausible, 0.0, np.min(shares, axis=0))


def limit(known: NDArray[np.int64], least: float, kind: Kind) -> Limit:
    """The limit that rejects exactly the scores whose p-value is below ``least``."""
    # 1 + #{known >= s} >= least (1 + n), so s is at most the `needed`-th largest.
    needed = int(np.ceil(least * (1 + len(known)) * (1 - 1e-12))) - 1
    if needed < 1:
        return OFF
    strangest = int(known[len(known) - needed])
    return Limit(kind=kind, threshold=strangest if kind == "at_most" else -strangest)


def auroc(clean: NDArray[np.generic], strange: NDArray[np.generic]) -> float:
    """Probability that a strange example's value lies above a clean one's; ties count half.

    Mann and Whitney's U over the product of the counts.
    """
    ordered = np.sort(clean)
    below = np.searchsorted(ordered, strange, side="left")
    upto = np.searchsorted(ordered, strange, side="right")
    return float(np.mean(below + upto) / (2 * len(ordered)))


def strangeness(scores: Scores, signal: Signal) -> NDArray[np.int64]:
    """``[n]`` a signal's scores, turned so that larger is stranger."""
    sign = 1 if ENDS[signal] == "at_most" else -1
    return np.asarray(sign * scores[:, signal].astype(np.int64))
