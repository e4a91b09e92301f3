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

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import workspace
from benchmarks.workspace import Workspace
from palisade.tables import read_csv

COMMANDS = ["bed", "cat", "happy"]
CORPUS = "data/raw/voice"

# What the corpus is, and how it is cut: few speakers say the unknown words, so more are tested.
RECORDINGS = {
    "tasks.voice.corpus": CORPUS,
    "prepare.voice.commands": COMMANDS,
    "prepare.voice.silence_guard_ms": 1000,
    "prepare.voice.test_percent": 25.0,
    "prepare.voice.calibration_percent": 5.0,
    "prepare.voice.least_per_class": 2,
    # The median RMS of the training commands, as metrics/voice/prepare.json has it.
    "threat.voice.reference_speech_rms": 0.04,
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
    "training.voice.epochs": 2,
    "quantization.voice.epochs": 1,
    "augment.voice.copies": 1,
    "attack.voice.steps": 5,
    "corrupt.voice.clips": 20,
}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--sim-to-real", action="store_true", help="train on synthetic speech")
    parser.add_argument("--short", action="store_true", help="two epochs, to see that it runs")
    parser.add_argument("--keep", type=Path, help="leave the workspace here")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch) / "workspace"
        project = workspace.copy(folder, Path(scratch) / "key.pem")
        gather(chosen.data, folder / CORPUS)
        figures = (sim_to_real if chosen.sim_to_real else real)(
            project, SHORT if chosen.short else {}
        )
    text = json.dumps(figures, indent=2, sort_keys=True)
    if chosen.output:
        chosen.output.write_text(text + "\n")
    print(text)


def gather(data: Path, folder: Path) -> None:
    """Lay the recordings out as one corpus in the layout of Speech Commands."""
    for source in (data / "gsc", data / "gsc30", data / "gsc_noise"):
        if not source.is_dir():
            sys.exit(f"error: {source} is not there: give --data the folder that holds it")
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


def real(project: Workspace, changes: dict[str, Any]) -> dict[str, Any]:
    """Train and test on the recordings."""
    project.set({**RECORDINGS, **TRAINING, **changes})
    project.must("dvc", "add", CORPUS)
    project.must("dvc", "repro", "evaluate@voice", echo=True)
    return read(project)


def sim_to_real(project: Workspace, changes: dict[str, Any]) -> dict[str, Any]:
    """Train on synthetic speech, test on the recordings' test split, clean and attacked."""
    project.set({**SYNTHETIC, **changes})
    project.must("dvc", "repro", "baseline@voice", "convert@voice", "corrupt@voice", echo=True)
    trained = {name: (project.root / name).read_bytes() for name in artefacts(project.root)}
    project.set(RECORDINGS)
    project.must("dvc", "add", CORPUS)
    project.must("dvc", "repro", "prepare@voice", "corrupt@voice", echo=True)
    for name, content in trained.items():  # the models stay those trained on synthetic speech
        (project.root / name).unlink(missing_ok=True)
        (project.root / name).write_bytes(content)
    for stage in ("attack", "evaluate"):
        project.must(sys.executable, "-m", f"stages.{stage}", "voice", echo=True)
    return read(project)


def artefacts(root: Path) -> list[str]:
    """The files of the trained models."""
    found = [path for path in (root / "models").rglob("*") if path.suffix in (".h5", ".tflite")]
    return [str(path.relative_to(root)) for path in found]


def read(project: Workspace) -> dict[str, Any]:
    """What the evaluation found, and the checks that failed, by name."""
    metrics = project.root / "metrics/voice"
    figures: dict[str, Any] = json.loads((metrics / "evaluate.json").read_text())
    failed = {
        row["check"]: f"{row['figure']}, not {row['relation']} {row['limit']}"
        for row in read_csv(metrics / "detail/checks.csv")
        if row["passed"] != "True"
    }
    return {**figures, "failed_checks": failed}


if __name__ == "__main__":
    main()
