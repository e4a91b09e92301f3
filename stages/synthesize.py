"""Make a task's default corpus from nothing but params and a seed.

Reads params, and data/material/<task>/, where a team may put what it has to draw with.
Writes data/synthetic/<task>/, a corpus in the layout that ``prepare`` reads, with its lists of
splits and a manifest of what was drawn for each example.
"""

from __future__ import annotations

from palisade import stage, tasks
from palisade.scenes import events


def main(this: stage.Stage) -> None:
    task = tasks.load(this.key, "synthesis.corpus")
    params = this.params("synthesize", task.Params)
    task.synthesize(
        params,
        events=events.draw(this.shared("scenes", events.Params), seed=this.seed),
        seed=this.seed,
        folder=this.out("data/synthetic/{key}"),
        material=this.dep("data/material/{key}"),
    )


if __name__ == "__main__":
    stage.run("synthesize", main)
