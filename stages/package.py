"""package: gather each task's model, labels, metrics and hashes in one folder to be signed.

Reads   models/<task>/model.tflite, labels.txt   for every task whose model dvc.yaml lists here
        metrics/<task>/<stage>.json              for each stage of METRICS
Writes  models/release/                          manifest.json, <task>/model.tflite, labels.txt

A further task is its lines in dvc.yaml: the tasks are those whose model is declared there.
"""

from __future__ import annotations

import re
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes, write_json
from palisade.release import manifest, sources
from palisade.release.contents import sha256
from palisade.stage import Stage, run

MODEL = re.compile(r"models/(\w+)/model\.tflite")
FILES = ("model.tflite", "labels.txt")
METRICS = ("prepare", "pretrain", "qat", "convert", "evaluate")
INTERFACE = ("input", "outputs")


def main(this: Stage) -> None:
    """Write the release, whole or not at all."""
    keys = sorted(match[1] for dep in this.entry.deps if (match := MODEL.fullmatch(dep)))
    if not keys:
        raise PalisadeError(
            "package has no models/<task>/model.tflite under deps", "list one a task in dvc.yaml"
        )
    with replacing(this.out("models/release")) as draft:
        draft.mkdir()
        content = manifest.describe(
            draft,
            tasks={key: task(this, key, draft) for key in keys},
            inputs={path: sha256(this.dep(path)) for key in keys for path in inputs(key)},
            params=this.declared,
        )
        write_json(draft / manifest.NAME, content)


def inputs(key: str) -> list[str]:
    """What the release takes from a task."""
    return [f"models/{key}/{name}" for name in FILES] + [
        f"metrics/{key}/{stage}.json" for stage in METRICS
    ]


def task(this: Stage, key: str, draft: Path) -> manifest.Task:
    """Copy a task's files into the release, and describe it."""
    for name in FILES:
        write_bytes(draft / key / name, this.dep(f"models/{key}/{name}").read_bytes())
    paths = {stage: this.dep(f"metrics/{key}/{stage}.json") for stage in METRICS}
    metrics = {stage: sources.metrics(path) for stage, path in paths.items()}
    return manifest.Task(
        model=f"{key}/model.tflite",
        labels=sources.labels(draft / key / "labels.txt"),
        interface={
            name: metrics["convert"][name] for name in INTERFACE if name in metrics["convert"]
        },
        reliable=sources.reliable(metrics["evaluate"], paths["evaluate"]),
        metrics=metrics,
    )


if __name__ == "__main__":
    run("package", main)
