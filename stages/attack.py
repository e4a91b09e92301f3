"""attack@task: the battery of attacks, on the defended model and on the undefended one.

Reads both models' fake-quantised weights (what an attack differentiates) and int8 artefacts
(what it is judged by), the guard, the test set, and events. Writes a verdict an example, attack and
budget, how strong the battery was, what each of the guard's signals saw of it, and what the
device says of events in order of time, clean and under attack.
"""

from __future__ import annotations

import numpy as np

from palisade import edge, quantise, splits, stage, tasks, whitebox
from palisade.attacks import sequences
from palisade.attacks.battery import ITERATED, Battery, Target
from palisade.attacks.grid import Grid
from palisade.evaluation import sequences as played
from palisade.evaluation import signals, verdicts
from palisade.files import write_json
from palisade.scenes import windows
from palisade.seeds import generator
from palisade.tables import write_csv

MODEL, GUARD = "models/{key}/model.tflite", "models/{key}/guard.json"


def main(this: stage.Stage) -> None:
    """Run the stage."""
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    grid = this.params("attack", tasks.load(this.key, "threat").Budgets)
    box = whitebox.of(this)
    order = generator(this.seed, this.entry.title, "subset").permutation(len(test))
    subset = np.isin(np.arange(len(test)), order[: grid.subset_examples])
    batteries = {
        name: Battery(
            target(this, box, name, folder, len(test.labels)),
            test,
            threat=box.threat,
            grid=grid,
            subset=subset,
            seed=this.seed,
        )
        for name, folder in {"int8": "", "undefended": "baseline/"}.items()
    }
    for battery in batteries.values():
        battery.run(grid.budgets)
    batteries["int8"].run_doubled(grid.reference)
    clean = edge.of(this, MODEL, GUARD).judge(test.x)
    reference = grid.name(grid.reference)
    seen = [batteries["int8"].judged[attack, reference] for attack in ITERATED]
    write_csv(
        this.out("metrics/{key}/detail/signals.csv"),
        signals.under_attack(clean, seen, test.y, subset),
    )
    verdicts.write(
        this.out("metrics/{key}/detail/verdicts.csv"),
        [
            verdicts.subset_row(subset),
            *(verdict for battery in batteries.values() for verdict in battery.verdicts),
        ],
        examples=verdicts.digest(test),
    )
    in_time(this, box, batteries["int8"].target, grid)
    write_json(
        this.out("metrics/{key}/attack.json"),
        {
            "examples": len(test),
            "restarts": 1,
            "steps": grid.steps,
            "subset_examples": int(subset.sum()),
            "zero_gradient_share": batteries["int8"].zero_gradients(),
        },
    )


def target(
    this: stage.Stage, box: whitebox.WhiteBox, name: str, folder: str, classes: int
) -> Target:
    """A model to attack: its fake-quantised weights, and the artefact made from them."""
    model = quantise.fake_quantised(box.network(classes))
    model.load_weights(this.dep(f"models/{{key}}/{folder}qat.weights.h5"))
    guard = None if folder else GUARD
    device = edge.of(this, f"models/{{key}}/{folder}model.tflite", guard)
    return Target(
        name=name, logits=box.logits(model), judge=device.judge, guarded=guard is not None
    )


def in_time(this: stage.Stage, box: whitebox.WhiteBox, attacked: Target, grid: Grid) -> None:
    """Events in order of time: what the device says of them, clean and under attack."""
    held = windows.load(this.dep("data/prepared/{key}/scenes.npz"))
    task, limits = tasks.load(this.key, "sequence"), grid.sequences
    seen = sequences.films(held, task, box.threat, limits.events, this.seed)
    wanted = sequences.goals(limits.goals, held.labels, this.key)
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    found = sequences.measure(seen, wanted, device, attacked, box.threat, grid, this.seed)
    played.write(this.out("metrics/{key}/detail/sequence_verdicts.csv"), found)


if __name__ == "__main__":
    stage.run("attack", main)
