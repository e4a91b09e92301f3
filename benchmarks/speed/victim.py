"""The model and the pictures that attacks are timed on."""

from __future__ import annotations

import argparse
import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.cifar10 import CLASSES, PICTURES, TESTED, TRAINING
from palisade import splits, stage, whitebox
from palisade.attacks.ascent import Threat
from palisade.attacks.folding import folded
from palisade.backend import keras
from palisade.int8 import Artefact
from palisade.tasks import load
from palisade.whitebox import WhiteBox

PIXEL_SCALE = 255.0


@dataclass(frozen=True)
class Victim:
    """A picture classifier.

    Attributes:
        name: what it is.
        model: Keras, from pixels in [0, 1] to logits, as a user of a library has it.
        logits: the same path, as our own attacks climb it.
        threat: the attacker.
        artefact: the int8 model.
        inputs: uint8 pictures to its input.
        x: ``[n, height, width, channels]`` uint8.
        y: ``[n]``.
    """

    name: str
    model: Any
    logits: Callable[[Any], Any]
    threat: Threat
    artefact: Artefact
    inputs: Callable[[NDArray[Any]], NDArray[np.int8]]
    x: NDArray[np.uint8]
    y: NDArray[np.int64]


def find(chosen: argparse.Namespace) -> Victim:
    """The robust ResNet-8 of ``benchmarks.cifar10``, or the default vision model.

    A process looks for it once.
    """
    return _found(chosen.workspace, chosen.data, chosen.project, chosen.pictures)


@cache
def _found(workspace: Path | None, data: Path | None, project: Path, count: int) -> Victim:
    if workspace is None or data is None:
        this = stage.enter("attack", "vision", project)
        box, folder = whitebox.of(this), project / "models/vision"
        test = splits.load(project / "data/prepared/vision/test.npz")
        x, y, classes = test.x, test.y, len(test.labels)
        name = "default vision model"
    else:
        box, folder = _resnet(), workspace / "models/vision"
        x, y = pictures(data / "cifar10_jpg/test_first500.tar.xz")
        classes, name = len(CLASSES), "robust ResNet-8 of benchmarks.cifar10"
    order = np.random.default_rng(0).permutation(len(x))[:count]
    network = box.network(classes)
    network.load_weights(folder / "float.weights.h5")
    given = keras.Input(x.shape[1:])
    model = keras.Model(given, network(keras.layers.Lambda(box.inputs)(given))[0])
    artefact = Artefact.load(folder / "model.tflite")
    return Victim(
        name,
        model,
        box.logits(folded(network)),
        box.threat,
        artefact,
        lambda raw: artefact.quantise(box.features(raw)),
        np.asarray(x[order], np.uint8),
        y[order],
    )


def _resnet() -> WhiteBox:
    """As ``benchmarks.cifar10`` sets the task."""

    def params(section: str, kind: Any) -> Any:
        prefix = f"{section}.vision."
        settings = {**PICTURES, **TRAINING}
        return kind(
            **{k.removeprefix(prefix): v for k, v in settings.items() if k.startswith(prefix)}
        )

    features, threat, network = (load("vision", part) for part in ("features", "threat", "network"))
    front_end = features.FrontEnd(params("features", features.Params))
    shape = params("network", network.Params)
    return WhiteBox(
        front_end,
        threat.Threat(params("threat", threat.Params)),
        lambda classes: network.build(front_end.shape, classes, shape),
    )


def pictures(archive: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The first hundred test pictures of each class, by name."""
    found: dict[str, list[tuple[str, NDArray[np.uint8]]]] = {name: [] for name in CLASSES}
    with tarfile.open(archive) as opened:
        for member in opened:
            path = Path(member.name)
            if path.parent.name in found and (stream := opened.extractfile(member)):
                picture = Image.open(io.BytesIO(stream.read())).convert("RGB")
                found[path.parent.name].append((path.name, np.asarray(picture, np.uint8)))
    kept = [
        [one for _, one in sorted(found[name], key=lambda p: p[0])[:TESTED]] for name in CLASSES
    ]
    y = np.repeat(np.arange(len(CLASSES)), [len(one) for one in kept])
    return np.stack([one for part in kept for one in part]), y.astype(np.int64)
