"""False accepts of the default model on real sound: ``python -m benchmarks.stream --data DIR``.

DIR holds recordings in which nobody says a command of the default model:

- ``esc10``: environmental sounds in ten classes (Piczak, ESC: Dataset for Environmental Sound
  Classification, 2015; its ESC-10 part, CC BY 3.0);
- ``gsc_noise``: the long background noises of Speech Commands v0.01 (Warden, arXiv:1804.03209;
  CC BY 4.0);
- ``gsc``: people who say bed, cat and happy, a word a second (likewise).

They are heard one after the other, at the level of speech and 12 dB above and below it, as
``stream@voice`` hears its own: windows, smoothing, confirmer, debounce, thresholds, guard. Run it
where ``dvc repro`` has left its models. Few hours, so wide limits: they stand beside the figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from palisade import edge, stage
from palisade.files import write_json
from palisade.stream import figures, hearing
from palisade.stream.figures import Confirmation
from palisade.stream.hearing import Listener
from palisade.stream.listening import Listening
from palisade.stream.recording import Recording
from palisade.tasks.voice.samples import pcm
from palisade.tasks.voice.streaming import session
from palisade.tasks.voice.streaming.drawing import Sound
from palisade.tasks.voice.streaming.listening import Ear

TASK = "voice"
BLOCK_S = 60
LEVELS_DB = (-12, 0, 12)  # of a block's RMS to synthesize.voice.speech_rms


@dataclass(frozen=True)
class Block:
    """Up to a minute of one kind of sound at one level.

    Attributes:
        kind: folder and class, ``esc10/dog``, or the folder alone.
        level_db: of its RMS to that of speech.
        samples: ``[n]`` float32, full scale 1.0.
    """

    kind: str
    level_db: int
    samples: NDArray[np.float32]


@dataclass(frozen=True)
class Recorder:
    """Blocks as the microphone's converter would deliver them."""

    ear: Ear
    speech_rms: float

    def __call__(self, block: Block) -> Recording:
        """The windows of one block."""
        rms = float(np.sqrt(np.mean(np.square(block.samples, dtype=np.float64))))
        gain = self.speech_rms * 10 ** (block.level_db / 20) / rms if rms > 0 else 1.0
        sound = Sound(pcm.to_int16(np.clip(block.samples * gain, -1.0, 1.0)), ())
        return self.ear(sound, f"{block.kind} at {block.level_db:+d} dB")


def blocks(data: Path, rate_hz: int) -> Iterator[Block]:
    """All there is, by folder and class."""
    for kind, paths in kinds(data):
        sound = np.concatenate([read(path, rate_hz) for path in paths])
        for at in range(0, len(sound), BLOCK_S * rate_hz):
            for level_db in LEVELS_DB:
                yield Block(kind, level_db, sound[at : at + BLOCK_S * rate_hz])


def kinds(data: Path) -> Iterator[tuple[str, list[Path]]]:
    """Each kind of sound and its files, in an order of their own."""
    for folder in sorted((data / "esc10").iterdir()):
        if folder.is_dir():
            yield f"esc10/{folder.name}", sorted(folder.glob("*.flac"))
    for name in ("gsc_noise", "gsc"):
        yield name, sorted((data / name).rglob("*.flac"))


def read(path: Path, rate_hz: int) -> NDArray[np.float32]:
    """One file, mono, at the model's sample rate."""
    sound, file_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(sound.mean(axis=1), file_hz, rate_hz), np.float32)


def measure(root: Path, data: Path) -> dict[str, Any]:
    """False accepts an hour, of each kind and level and in all."""
    this = stage.enter("stream", TASK, root)
    labels = tuple(this.dep("models/{key}/labels.txt").read_text().split())
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    rules = Listening.read(root / f"models/{TASK}/stream.json")
    own = session.of(this, labels, device.artefact)
    listener = Listener(
        record=Recorder(own.ear, own.corpus.speech_rms),
        content=device.artefact.content,
        guard=device.guard,
        actions=tuple(labels.index(label) for label in own.commands),
    )
    rate_hz = own.ear.window_hop * 1000 // own.params.decision.hop_ms
    heard = listener.all_of(list(blocks(data, rate_hz)), "blocks")
    params, thresholds = own.params.decision, rules.confirmed_lsb or rules.thresholds_lsb
    settled = hearing.settle(listener, heard, rules.thresholds_lsb, params)
    confirmation = rules.confirmer and Confirmation(rules.confirmer, tuple(rules.thresholds_lsb))
    stream = figures.material(
        settled.heard,
        own.commands,
        params,
        clip_ms=own.clip_ms,
        confirmation=confirmation,
    )
    return {
        "kinds": figures.by_kind(stream, thresholds),
        "all": figures.rates(int(figures.false_accepts(stream, thresholds).sum()), stream.hours),
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    for name in ("esc10", "gsc_noise", "gsc"):
        if not (chosen.data / name).is_dir():
            sys.exit(f"error: {chosen.data / name} is not there: give --data the folder it is in")
    found = measure(Path.cwd(), chosen.data)
    if chosen.output:
        write_json(chosen.output, found)
    print(json.dumps(found, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
