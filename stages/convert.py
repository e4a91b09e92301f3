"""convert@task: the fake-quantised weights become the int8 artefact that is shipped.

Reads the quantisation-aware weights and the validation set. Writes ``model.tflite``, the class
names in the order of its logits, its cost in bytes and operations, and how far the ways of
running it agree: by label, and ``exact`` in every byte.
"""

from __future__ import annotations

import numpy as np

from palisade import quantise, splits, stage, whitebox
from palisade.files import write_bytes, write_json, write_text
from palisade.int8 import Artefact, arena_bytes


def main(this: stage.Stage) -> None:
    """Run the stage."""
    validation = splits.load(this.dep("data/prepared/{key}/validation.npz"))
    box = whitebox.of(this)
    model = box.network(len(validation.labels))
    quantised = quantise.fake_quantised(model)
    quantised.load_weights(this.dep("models/{key}/qat.weights.h5"))
    content = quantise.to_int8(quantised)
    features = box.features(validation.x)
    artefact = Artefact(content)
    inputs = artefact.quantise(features)
    fake_quant = np.argmax(quantised(features, training=False)[0], axis=1)
    litert, tflm = artefact.litert(inputs), artefact.tflm(inputs)
    exact = artefact.exact(inputs)
    write_bytes(this.out("models/{key}/model.tflite"), content)
    write_text(this.out("models/{key}/labels.txt"), "\n".join(validation.labels) + "\n")
    write_json(
        this.out("metrics/{key}/convert.json"),
        {
            "arena_bytes": arena_bytes(content),
            "flash_bytes": len(content),
            "macs": quantise.macs(model),
            **artefact.scales(),
            "validation_accuracy": float(np.mean(tflm.label == validation.y)),
            "agreement": {
                "fake_quant_tflm": float(np.mean(fake_quant == tflm.label)),
                "exact_tflm": None if exact is None else artefact.agreement(exact, tflm),
                "litert_tflm": float(np.mean(litert.label == tflm.label)),
                "litert_tflm_exact": float(np.mean(litert.logits == tflm.logits)),
            },
        },
    )


if __name__ == "__main__":
    stage.run("convert", main)
