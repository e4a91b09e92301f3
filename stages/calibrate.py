"""calibrate@task: the guard that decides on the device whether an answer can be believed.

Reads the int8 model, the training set and the calibration split, both clean. Writes the guard's
tables and limits as whole numbers, what it rejects of the half of the calibration split that set
its limits, and a log of the calibration split as a device would keep it, which field logs are held
against (`python -m palisade monitor`).
"""

from __future__ import annotations

import numpy as np

from palisade import edge, splits, stage
from palisade.files import write_json, write_text
from palisade.guard import calibration, engineered, making, reference, tables, tree
from palisade.guard.making import Answers, Params, Scales
from palisade.guard.tables import Guard
from palisade.monitoring import log
from palisade.splits import Split


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.params("calibrate", Params)
    device = edge.of(this, "models/{key}/model.tflite")
    train = splits.load(this.dep("data/prepared/{key}/train.npz"))
    held = splits.load(this.dep("data/prepared/{key}/calibration.npz"))
    scales = device.artefact.scales()["outputs"]
    clean = answers(device, held, on_micro=True)
    guard, calibrated = making.make(
        answers(device, train, on_micro=False),
        clean,
        Scales(
            logits=scales["logits"]["scale"],
            embedding_zero_point=scales["embedding"]["zero_point"],
        ),
        params,
        seed=this.seed,
    )
    tables.write(this.out("models/{key}/guard.json"), guard)
    calibration.save(this.out("models/{key}/known_scores.npz"), calibrated.known)
    write_text(
        this.out("models/{key}/calibration_log.jsonl"), logged(this, guard, clean, held.labels)
    )
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


def logged(this: stage.Stage, guard: Guard, clean: Answers, labels: tuple[str, ...]) -> str:
    """The log of the guard that was just written; all of its answers stand on day 0."""
    found = reference.judge(guard, clean.outputs.logits, clean.outputs.embedding, clean.inputs)
    header = log.Header(
        task=this.key,
        model=log.digest(this.dep("models/{key}/model.tflite")),
        guard=log.digest(this.out("models/{key}/guard.json")),
        device=log.CALIBRATION,
        firmware=0,
        labels=list(labels),
    )
    return log.text(header, log.rows(found, day=0))


if __name__ == "__main__":
    stage.run("calibrate", main)
