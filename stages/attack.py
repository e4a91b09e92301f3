"""attack@task: the battery of attacks, on the defended model and on the undefended one.

Reads both models' fake-quantised weights (what an attack differentiates) and int8 artefacts
(what it is judged by), the guard, the test set, and events. Writes a verdict an example, attack and
budget, how strong the battery was and on how many examples each attack ran, what each of the
guard's signals saw of it, how far network and companion tree are fooled by the same examples, how
accuracy falls with the number of queries, and what the device says of events in order of time,
clean and under attack.
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from palisade import edge, splits, stage, whitebox
from palisade.attacks import queries, sequences, shares, transfer
from palisade.attacks.names import GUARD_AWARE, GUARDED, ITERATED, SQUARE
from palisade.evaluation import ablation, signals, soundness, verdicts
from palisade.evaluation import sequences as played
from palisade.files import write_json
from palisade.tables import write_csv


def main(this: stage.Stage) -> None:
    """Run the stage."""
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    grid = shares.budgets(this)
    sequences.goals(grid.sequences.goals, test.labels, this.key)  # before the long work
    subset = shares.subset(this, grid, len(test))
    found, seen = shares.run(this, beside=sequences.play)
    defended = found[shares.DEFENDED]
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    clean = device.judge(test.x)
    reference = grid.name(grid.reference)
    judged = {attack: defended.judged[attack, reference] for attack in ITERATED}
    attacked = transfer.Attacked(
        test.take(subset), np.flatnonzero(subset), defended.crafted, judged
    )
    write_csv(
        this.out("metrics/{key}/detail/signals.csv"),
        signals.under_attack(clean, list(judged.values()), test.y, subset),
    )
    write_csv(
        this.out("metrics/{key}/detail/ablation.csv"),
        ablation.rows(
            {one: kept for (one, at), kept in defended.judged.items() if at == reference},
            test.y,
            subset,
        ),
    )
    write_csv(
        this.out("metrics/{key}/detail/transfer.csv"),
        transfer.both_ways(
            device,
            attacked,
            threat=whitebox.of(this).threat,
            grid=grid,
            seed=this.seed,
        ),
    )
    rows = [verdicts.subset_row(subset), *chain(*(result.verdicts for result in found.values()))]
    table = verdicts.Table(rows)
    verdicts.write(
        this.out("metrics/{key}/detail/verdicts.csv"), rows, examples=verdicts.digest(test)
    )
    curves = [
        {"model": model, "attack": attack, **row}
        for model, result in found.items()
        for attack, asked in result.asked.items()
        for row in queries.curve(asked, grid.queries if attack == SQUARE else grid.nes_queries)
    ]
    write_csv(this.out("metrics/{key}/detail/queries.csv"), curves)
    played.write(this.out("metrics/{key}/detail/sequence_verdicts.csv"), seen)
    write_json(
        this.out("metrics/{key}/attack.json"),
        {
            "attacked": table.attacked(shares.DEFENDED),
            "carried": carried(table),
            "examples": len(test),
            "nes_queries": grid.nes_queries,
            "queries": grid.queries,
            "restarts": grid.restarts,
            "steps": grid.steps,
            "subset_examples": int(subset.sum()),
            "targets": grid.targets,
            "zero_gradient_share": float(np.mean(defended.flat)),
            **soundness.noted(defended.crafted, test.x[subset], whitebox.of(this).threat, grid),
        },
    )


def carried(table: verdicts.Table) -> dict[str, int]:
    """Examples by budget that only what passed the guard at a smaller budget breaks behind it."""
    guarded = f"{shares.DEFENDED}_{GUARDED}"
    return {
        budget: int(
            np.count_nonzero(
                table.only_by(guarded, GUARD_AWARE, budget)
                & (table.values(shares.DEFENDED, GUARD_AWARE, budget) != verdicts.WRONG)
            )
        )
        for budget in table.budgets
    }


if __name__ == "__main__":
    stage.run("attack", main)
