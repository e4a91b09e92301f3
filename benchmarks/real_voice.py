"""The same pipeline on real recordings: ``python -m benchmarks.real_voice --data DIR``.

DIR holds parts of Google's Speech Commands v0.01 (Warden, arXiv:1804.03209; CC BY 4.0):

- ``gsc/{bed,cat,happy}``: the commands;
- ``gsc30/<word>``: all thirty words, of which the other twenty-seven are unknown words;
- ``gsc_noise``: long background noises, which silence is cut from.

By params alone the pipeline reads these recordings, split by speaker across both folders, in a
workspace of its own. ``--sim-to-real`` trains on synthetic speech of the same three commands
instead, and tests on the real recordings' test split.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from benchmarks import running
from benchmarks.running import Benchmark

COMMANDS = ["bed", "cat", "happy"]

# What the corpus is, and how it is cut: few speakers say the unknown words, so more are tested.
RECORDINGS = {
    "prepare.voice.commands": COMMANDS,
    "prepare.voice.silence_guard_ms": 1000,
    "prepare.voice.test_percent": 25.0,
    "prepare.voice.calibration_percent": 5.0,
    "prepare.voice.least_per_class": 2,
    "calibrate.voice.false_reject_target": 0.1,  # so few calibration clips allow no less
    # The median RMS of the training commands, as metrics/voice/prepare.json has it.
    "threat.voice.reference_speech_rms": 0.04,
    "attack.voice.sequences.goals": COMMANDS,
}
# How it is trained: few recordings, so more copies of each.
TRAINING: dict[str, Any] = {
    "augment.voice.copies": 3,
    "training.voice.epochs": 20,
    "quantization.voice.epochs": 2,
    # Milder, as few speakers and 27 words of a few clips each are hard to tell apart at all.
    "pretrain.voice.fraction": 0.5,
    "qat.voice.fraction": 0.5,
    "features.voice.energy_offset": 2.0,
}
SYNTHETIC = {
    "synthesize.voice.commands": COMMANDS,
    "synthesize.voice.sound_alikes": [
        "bad", "bid", "bet", "bread", "head", "dead", "said", "bell", "cut", "cot", "kit", "cap",
        "can", "hat", "bat", "catch", "happen", "hippy", "hobby", "apple", "puppy", "poppy",
    ],
    "prepare.voice.commands": COMMANDS,
}  # fmt: skip
SHORT = {
    "prepare.voice.test_percent": 12.0,
    "training.voice.epochs": 2,
    "quantization.voice.epochs": 1,
    "augment.voice.copies": 1,
    "attack.voice.steps": 5,
    "attack.voice.budgets_snr_db": [30.0, 0.0],
    "attack.voice.subset_examples": 50,
    "attack.voice.queries": 20,
    "attack.voice.nes_queries": 20,
    "attack.voice.tree_queries": 20,
    "attack.voice.sequences.events": 6,
    "evaluate.voice.unfamiliar_examples": 20,
    "corrupt.voice.clips": 20,
    **running.briefly("voice"),
}


def gather(data: Path, folder: Path) -> None:
    """Lay the recordings out as one corpus in the layout of Speech Commands."""
    folder.mkdir(parents=True)
    for word in sorted((data / "gsc30").iterdir()):
        if word.is_dir():
            shutil.copytree(word, folder / word.name)
    for word in COMMANDS:
        for clip in sorted((data / "gsc" / word).glob("*.flac")):
            shutil.copy(clip, folder / word / clip.name)
    shutil.copytree(
        data / "gsc_noise",
        folder / "_background_noise_",
        ignore=shutil.ignore_patterns("LICENSE", "*.txt"),
    )


BENCHMARK = Benchmark(
    task="voice",
    needed=("gsc", "gsc30", "gsc_noise"),
    gather=gather,
    settings={**RECORDINGS, **TRAINING},
    short=SHORT,
    synthetic=SYNTHETIC,
)


if __name__ == "__main__":
    running.main(BENCHMARK, __doc__)
