"""package: gather each task's model, labels, metrics and hashes in one folder to be signed.

Reads   models/<task>/model.tflite, labels.txt, guard.json     for every task whose model
                                                 dvc.yaml lists here
        metrics/<task>/<stage>.json              for each stage of METRICS
        models/fusion/policy.json, metrics/fusion.json       where dvc.yaml lists them
        device/                                  the library's sources, where dvc.yaml lists them
Writes  models/release/          manifest.json, <task>/ with those files, fusion/policy.json, and
                                 firmware/: all of it as C (see palisade/release/firmware.py)

A further task is its lines in dvc.yaml: the tasks are those whose model is declared there.
"""

from __future__ import annotations

from pathlib import Path

from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes, write_json
from palisade.release import firmware, manifest, sources
from palisade.release.contents import sha256
from palisade.stage import Stage, run

FILES = ("model.tflite", "labels.txt", "guard.json")
METRICS = ("prepare", "pretrain", "qat", "convert", "calibrate", "physical", "evaluate")
POLICY, FUSED = "models/fusion/policy.json", "metrics/fusion.json"
INTERFACE = ("input", "outputs")
FIRMWARE = "device/src"


def main(this: Stage) -> None:
    """Write the release, whole or not at all."""
    keys = this.tasks
    if not keys:
        raise PalisadeError(
            "package has no models/<task>/model.tflite under deps", "list one a task in dvc.yaml"
        )
    with replacing(this.out("models/release")) as draft:
        draft.mkdir()
        if FIRMWARE in this.entry.deps:
            write_firmware(this, keys, draft / "firmware")
        content = manifest.describe(
            draft,
            tasks={key: task(this, key, draft) for key in keys},
            fusion=fusion(this, draft) if POLICY in this.entry.deps else None,
            inputs={path: sha256(this.dep(path)) for path in inputs(this)},
            params=this.declared,
        )
        write_json(draft / manifest.NAME, content)


def inputs(this: Stage) -> list[str]:
    """What the release is made from."""
    return [
        *(f"models/{key}/{name}" for key in this.tasks for name in FILES),
        *(f"metrics/{key}/{stage}.json" for key in this.tasks for stage in METRICS),
        *(path for path in (POLICY, FUSED) if path in this.entry.deps),
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


def write_firmware(this: Stage, keys: list[str], folder: Path) -> None:
    """Models and guards as C arrays, beside the library that runs them."""
    for name in firmware.COPIED:
        firmware.copy(this.dep(name), folder, name)
    if POLICY in this.entry.deps:
        firmware.write_policy(folder, this.dep(POLICY))
    for key in keys:
        converted = sources.metrics(this.dep(f"metrics/{key}/convert.json"))
        firmware.write(
            folder,
            key,
            model=this.dep(f"models/{key}/model.tflite"),
            guard=this.dep(f"models/{key}/guard.json"),
            arena_bytes=int(converted["arena_bytes"]),
        )


def fusion(this: Stage, draft: Path) -> manifest.Fusion:
    """Copy the policy into the release, and describe it."""
    write_bytes(draft / "fusion/policy.json", this.dep(POLICY).read_bytes())
    metrics = sources.metrics(this.dep(FUSED))
    reliable = sources.reliable(metrics, this.dep(FUSED))
    return manifest.Fusion(policy="fusion/policy.json", reliable=reliable, metrics=metrics)


if __name__ == "__main__":
    run("package", main)
