"""package: gather all that a device needs and a buyer asks for in one folder to be signed.

Reads   models/<task>/model.tflite, labels.txt, guard.json     for every task whose model
                                                 dvc.yaml lists here
        models/<task>/stream.json                where dvc.yaml lists it
        metrics/<task>/<stage>.json              for each stage of METRICS, and for any other
                                                 that dvc.yaml lists
        metrics/<task>/detail/<table>.csv        for each table of TABLES
        models/fusion/policy.json, metrics/fusion.json and its tables    where dvc.yaml lists them
        metrics/fusion_attack.json and its tables                        likewise, beside those
        device/, LICENSE                         the library's sources, where dvc.yaml lists them
        requirements.lock                        what the release was made with
Writes  models/release/          manifest.json, <task>/ with those files, fusion/policy.json,
                                 <task>/payload.bin and model-manifest.json: what images are made
                                 of (palisade/boot/released.py),
                                 firmware/: all of it as C (see palisade/release/firmware.py), and
                                 bom.cdx.json, threat_model and checklist (.json, .md)

A further task is its lines in dvc.yaml: the tasks are those whose model is declared there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from palisade import tasks
from palisade.boot import released
from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes
from palisade.release import firmware, locked, manifest, papers, sources
from palisade.release.contents import sha256
from palisade.release.settings import Settings
from palisade.stage import Stage, run

FILES = ("model.tflite", "labels.txt", "guard.json")
STREAM = "stream.json"
METRICS = ("prepare", "pretrain", "qat", "convert", "calibrate", "physical", "evaluate")
TABLES = ("checks", "field", "robustness", "unfamiliar", "verdicts")
POLICY, FUSED = "models/fusion/policy.json", "metrics/fusion.json"
FUSED_TABLES = "metrics/detail/fusion.csv", "metrics/detail/fusion_checks.csv"
ATTACKED = "metrics/fusion_attack.json"
ATTACKED_TABLES = "metrics/detail/fusion_attack.csv", "metrics/detail/fusion_attack_checks.csv"
CRAFTED = "crafted"  # what their figures are called among those of the fusion
INTERFACE = ("input", "outputs")
FIRMWARE, LOCK, LICENCE = "device/src", "requirements.lock", "LICENSE"
NOT_STATED = "not stated"


def main(this: Stage) -> None:
    """Write the release, whole or not at all."""
    keys = this.tasks
    if not keys:
        raise PalisadeError(
            "package has no models/<task>/model.tflite under deps", "list one a task in dvc.yaml"
        )
    settings = this.shared("package", Settings)
    settings.check_targets(keys)
    with replacing(this.out("models/release")) as draft:
        draft.mkdir()
        if FIRMWARE in this.entry.deps:
            write_firmware(this, keys, draft / "firmware")
        if LICENCE in this.entry.deps:
            write_bytes(draft / LICENCE, this.dep(LICENCE).read_bytes())
        tasks_of = {key: task(this, key, draft, settings) for key in keys}
        released.write(
            draft,
            tasks=keys,
            version=settings.version,
            security_counter=settings.security_counter,
            firmware_version=settings.firmware_version,
        )
        content = manifest.describe(
            settings=settings,
            tasks=tasks_of,
            fusion=fusion(this, draft) if POLICY in this.entry.deps else None,
            documents=papers.DOCUMENTS,
            inputs={path: sha256(this.dep(path)) for path in inputs(this)},
            params=this.declared,
        )
        papers.write(
            draft,
            content,
            subjects={key: subject(this.for_task(key)) for key in keys},
            settings=settings,
            packages=locked.read(this.dep(LOCK)),
        )
        manifest.write(draft, content)


def inputs(this: Stage) -> list[str]:
    """What the release is made from, beside code."""
    return [
        *(f"models/{key}/{name}" for key in this.tasks for name in files(this, key)),
        *(f"metrics/{key}/{stage}.json" for key in this.tasks for stage in measured(this, key)),
        *(f"metrics/{key}/detail/{table}.csv" for key in this.tasks for table in TABLES),
        *(path for path in (POLICY, FUSED, *FUSED_TABLES) if POLICY in this.entry.deps),
        *(path for path in (ATTACKED, *ATTACKED_TABLES) if attacked(this)),
        LOCK,
    ]


def files(this: Stage, key: str) -> list[str]:
    """A task's own, in its folder of models and in that of the release."""
    return [*FILES, *([STREAM] if f"models/{key}/{STREAM}" in this.entry.deps else [])]


def measured(this: Stage, key: str) -> list[str]:
    """Stages whose metrics of a task go into the release: those of METRICS, and what is listed."""
    listed = (re.fullmatch(rf"metrics/{key}/(\w+)\.json", dep) for dep in this.entry.deps)
    return sorted({*METRICS, *(match[1] for match in listed if match)})


def task(this: Stage, key: str, draft: Path, settings: Settings) -> manifest.Task:
    """Copy a task's files into the release, and describe it."""
    for name in files(this, key):
        write_bytes(draft / key / name, this.dep(f"models/{key}/{name}").read_bytes())
    paths = {stage: this.dep(f"metrics/{key}/{stage}.json") for stage in measured(this, key)}
    metrics = {stage: sources.metrics(path) for stage, path in paths.items()}
    checks = sources.checks(table(this, key, "checks"))
    card = tasks.load(key, "card").CARD
    return manifest.Task(
        model=f"{key}/model.tflite",
        labels=sources.labels(draft / key / "labels.txt"),
        interface={
            name: metrics["convert"][name] for name in INTERFACE if name in metrics["convert"]
        },
        reliable=sources.reliable(metrics["evaluate"], paths["evaluate"], checks),
        metrics=metrics,
        data=data(this, key, settings),
        preprocessing=[
            name for name in card.preprocessing if this.declared[f"preprocess.{key}"].get(name)
        ],
        checks=checks,
        attacks=sources.attacks(table(this, key, "verdicts"), "int8"),
        worst_case=sources.intervals(
            table(this, key, "robustness"), "model", "among", "budget", value="worst_case_accuracy"
        ),
    )


def table(this: Stage, key: str, name: str) -> Path:
    """A task's table of that name."""
    return this.dep(f"metrics/{key}/detail/{name}.csv")


def data(this: Stage, key: str, settings: Settings) -> manifest.Data:
    """What the task was trained on: the corpus that the pipeline draws, or a team's own."""
    corpus = this.declared["tasks"][key]["corpus"]
    if papers.drawn(key, corpus):
        licence = tasks.load(key, "card").CARD.drawn.licence or settings.licence
    else:
        licence = settings.licence_of(corpus) or NOT_STATED
    return manifest.Data(corpus=corpus, licence=licence)


def subject(this: Stage) -> papers.Subject:
    """What the release's papers need of a task."""
    return papers.Subject(
        card=tasks.load(this.key, "card").CARD,
        grid=this.params("attack", tasks.load(this.key, "budgets").Budgets),
        field=sources.intervals(table(this, this.key, "field"), "corruption", value="accuracy"),
        unfamiliar=sources.table(table(this, this.key, "unfamiliar"), "kind", "auroc"),
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
        if STREAM in files(this, key):
            firmware.write_stream(folder, key, this.dep(f"models/{key}/{STREAM}"))


def fusion(this: Stage, draft: Path) -> manifest.Fusion:
    """Copy the policy into the release, and describe it."""
    write_bytes(draft / "fusion/policy.json", this.dep(POLICY).read_bytes())
    metrics = sources.metrics(this.dep(FUSED))
    rates, table_of_checks = map(this.dep, FUSED_TABLES)
    checks = sources.checks(table_of_checks)
    found = manifest.Fusion(
        policy="fusion/policy.json",
        reliable=sources.reliable(metrics, this.dep(FUSED), checks),
        metrics=metrics,
        checks=checks,
        rates=sources.intervals(rates, "figure", value="rate"),
    )
    return under_attack(this, found) if attacked(this) else found


def attacked(this: Stage) -> bool:
    """Whether there are figures of crafted inputs at the door."""
    return {POLICY, ATTACKED} <= set(this.entry.deps)


def under_attack(this: Stage, found: manifest.Fusion) -> manifest.Fusion:
    """The fusion with what crafted inputs did to it, whose checks count like its own."""
    metrics = sources.metrics(this.dep(ATTACKED))
    rates, table_of_checks = map(this.dep, ATTACKED_TABLES)
    checks = sources.checks(table_of_checks)
    return manifest.Fusion(
        policy=found.policy,
        reliable=sources.reliable(metrics, this.dep(ATTACKED), checks) and found.reliable,
        metrics={**found.metrics, CRAFTED: metrics},
        checks={**found.checks, **checks},
        rates={**found.rates, **crafted_rates(rates)},
    )


def crafted_rates(path: Path) -> dict[str, Any]:
    """Rates by goal, sensors reached and group of events: ``crafted.forced.motion_voice.all``."""
    tree = sources.intervals(path, "goal", "reached", "among", value="rate")
    return {
        f"{CRAFTED}.{goal}.{reached}.{among}": rate
        for goal, by_reach in tree.items()
        for reached, by_group in by_reach.items()
        for among, rate in by_group.items()
    }


if __name__ == "__main__":
    run("package", main)
