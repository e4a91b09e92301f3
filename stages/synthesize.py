"""Make a task's default corpus from nothing but params and a seed.

Reads params alone.
Writes data/synthetic/<task>/, a corpus in the layout that ``prepare`` reads, with its lists of
splits and a manifest of what was drawn for each example.
"""

from __future__ import annotations

from palisade import stage, tasks


def main(this: stage.Stage) -> None:
    task = tasks.load(this.key, "synthesis.corpus")
    params = this.params("synthesize", task.Params)
    task.synthesize(params, seed=this.seed, folder=this.out("data/synthetic/{key}"))


if __name__ == "__main__":
    stage.run("synthesize", main)
