"""calibrate@task: the guard that decides on the device whether an answer can be believed.

Reads the int8 model, the training set and the calibration split, both clean. Writes the guard's
tables and limits as whole numbers, and what it rejects of the half of the calibration split
that set its limits.
"""

from __future__ import annotations

import numpy as np

from palisade import edge, splits, stage
from palisade.files import write_json
from palisade.guard import calibration, engineered, making, tables, tree
from palisade.guard.making import Answers, Params, Scales
from palisade.splits import Split


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.params("calibrate", Params)
    device = edge.of(this, "models/{key}/model.tflite")
    train = splits.load(this.dep("data/prepared/{key}/train.npz"))
    held = splits.load(this.dep("data/prepared/{key}/calibration.npz"))
    scales = device.artefact.scales()["outputs"]
    guard, calibrated = making.make(
        answers(device, train, on_micro=False),
        answers(device, held, on_micro=True),
        Scales(
            logits=scales["logits"]["scale"],
            embedding_zero_point=scales["embedding"]["zero_point"],
        ),
        params,
        seed=this.seed,
    )
    tables.write(this.out("models/{key}/guard.json"), guard)
    calibration.save(this.out("models/{key}/known_scores.npz"), calibrated.known)
    seen = engineered.features(guard.engineered, device.inputs(held.x))
    assert guard.tree is not None
    label = guard.tree.label[tree.leaves(guard.tree, seen)]
    write_json(
        this.out("metrics/{key}/calibrate.json"),
        {
            "n": {"train": len(train), "calibration": len(held)},
            # Not of unseen examples: these set the limits. evaluate.json has clean_reject_rate.
            "limit_setting_half_reject_rate": calibrated.reject_rate,
            "p_least": calibrated.p_least,
            "thresholds": {
                signal.name.lower(): guard.limits.of(signal).threshold
                for signal in guard.limits.used
            },
            "tree": {"accuracy": float(np.mean(label == held.y)), "leaves": len(guard.tree.label)},
        },
    )


def answers(device: edge.Edge, split: Split, *, on_micro: bool) -> Answers:
    """What the model makes of a split: on TFLM where it sets a limit, else on LiteRT."""
    inputs = device.inputs(split.x)
    run = device.artefact.verdict if on_micro else device.artefact.litert
    return Answers(inputs, run(inputs), split.y)


if __name__ == "__main__":
    stage.run("calibrate", main)
