"""Scores of a guard that never was, drifted as a test likes, and logs of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from palisade.guard.judgement import Decision, Judgement, Reason, Signal
from palisade.monitoring import log
from palisade.monitoring.reading import Log

LABELS = ["unlock", "lock", "_silence_"]
DAY = 20_000  # 2024-10-04
HEADER = log.Header(
    task="voice", model="a" * 64, guard="b" * 64, device="0123456789abcdef", firmware=3,
    labels=LABELS,
)  # fmt: skip
KNOWN = HEADER.model_copy(update={"device": log.CALIBRATION, "firmware": 0})


def judgement(
    count: int, seed: int, *, shift: float = 0.0, mix: tuple[float, ...] = (0.4, 0.3, 0.3)
) -> Judgement:
    """Answers whose texture is ``shift`` standard deviations off; each label has its own scores."""
    random = np.random.default_rng(seed)
    label = random.choice(len(LABELS), count, p=mix).astype(np.uint8)
    deep = random.normal(size=(count, 3)) + label[:, None]
    scores = np.zeros((count, len(Signal)), np.int32)
    scores[:, Signal.MARGIN] = np.abs(30 + 10 * deep[:, 0])
    scores[:, Signal.AUTOENCODER] = np.exp(7 + 0.5 * deep[:, 1])
    scores[:, Signal.TEXTURE] = np.exp(9 + 0.5 * (deep[:, 2] + shift))
    far = scores[:, Signal.TEXTURE] > np.exp(9 + 0.5 * (2.2 + label))
    return Judgement(
        label=label,
        decision=np.where(far, Decision.REJECT, Decision.ACCEPT).astype(np.uint8),
        reason=np.where(far, Reason.TEXTURE, Reason.NONE).astype(np.uint8),
        rejected=(far << Signal.TEXTURE).astype(np.uint8),
        scores=scores,
    )


def logged(found: Judgement, header: log.Header = HEADER) -> Log:
    return Log.of(header, np.array(log.rows(found, day=DAY)))


def write(path: Path, found: Judgement, header: log.Header = HEADER, day: int = DAY) -> Path:
    path.write_text(log.text(header, log.rows(found, day=day)))
    return path
