"""Each stage runs with what it declares and nothing else, and gives the pipeline's own bytes.

An empty folder gets a stage's declared code, data and params, and the stage runs there. If it
reads anything that it does not declare, it fails by name or its bytes differ; and as each stage
repeats the pipeline's bytes in a process of its own, so do two whole runs.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.workspace import ROOT, Workspace
from palisade.stage import Entry, entries, lookup, read_yaml

NOT_REPEATABLE = {"sign"}  # ECDSA draws a nonce; its own tests verify the signature

# One task and the single stages each time; the other tasks run the same scripts, at night.
DAILY = "voice"
TITLES = [
    pytest.param(title, marks=[] if entry.key in (None, DAILY) else pytest.mark.nightly)
    for title, entry in entries(ROOT).items()
    if title not in NOT_REPEATABLE
]


def furnish(room: Path, source: Path, entry: Entry) -> None:
    """Copy the declared deps, dvc.yaml, and the declared part of params.yaml."""
    for dep in entry.deps:
        target = room / dep
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / dep).is_dir():
            shutil.copytree(source / dep, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source / dep, target)
    shutil.copy(source / "dvc.yaml", room)
    tree = read_yaml(source / "params.yaml")
    declared: dict[str, object] = {name: tree[name] for name in ("tasks", "streams")}
    for name in entry.params:
        place = declared
        *sections, last = name.split(".")
        for section in sections:
            place = place.setdefault(section, {})  # type: ignore[assignment]
        place[last] = lookup(tree, name)
    with (room / "params.yaml").open("w") as stream:
        YAML(typ="safe", pure=True).dump(declared, stream)


def same(left: Path, right: Path) -> bool:
    """Whether two files, or two folders with all that is in them, have equal bytes."""
    if left.is_file():
        return filecmp.cmp(left, right, shallow=False)
    names = sorted(path.relative_to(left) for path in left.rglob("*") if path.is_file())
    others = sorted(path.relative_to(right) for path in right.rglob("*") if path.is_file())
    return names == others and all(same(left / name, right / name) for name in names)


def run_in(room: Path, project: Workspace, entry: Entry) -> str:
    """Run a stage in a room; returns what it said on failure, or nothing."""
    command = [sys.executable, "-m", f"stages.{entry.name}", *([entry.key] if entry.key else [])]
    done = Workspace(room, project.environment).run(*command)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.parametrize("title", TITLES)
def test_stage_gives_the_same_bytes_in_a_bare_room(
    title: str, smoke: Workspace, tmp_path: Path
) -> None:
    entry = entries(smoke.root)[title]
    furnish(tmp_path, smoke.root, entry)
    assert run_in(tmp_path, smoke, entry) == ""
    assert entry.outs
    differing = [out for out in entry.outs if not same(smoke.root / out, tmp_path / out)]
    assert differing == []


def test_a_hidden_data_read_is_caught_by_name(smoke: Workspace, tmp_path: Path) -> None:
    entry = entries(smoke.root)["augment@voice"]
    furnish(tmp_path, smoke.root, entry)
    script = tmp_path / "stages/augment.py"
    script.write_text(
        script.read_text().replace(
            "def main(this: stage.Stage) -> None:\n",
            "def main(this: stage.Stage) -> None:\n"
            '    this.dep("data/prepared/{key}/validation.npz")\n',
        )
    )
    said = run_in(tmp_path, smoke, entry)
    assert "augment@voice uses data/prepared/voice/validation.npz without declaring it" in said
    assert not (tmp_path / "data/augmented").exists()


def test_a_data_read_around_the_contract_fails_in_the_bare_room(
    smoke: Workspace, tmp_path: Path
) -> None:
    entry = entries(smoke.root)["augment@voice"]
    furnish(tmp_path, smoke.root, entry)
    script = tmp_path / "stages/augment.py"
    script.write_text(
        script.read_text().replace(
            "def main(this: stage.Stage) -> None:\n",
            "def main(this: stage.Stage) -> None:\n"
            '    open("data/prepared/voice/validation.npz", "rb")\n',
        )
    )
    assert "data/prepared/voice/validation.npz" in run_in(tmp_path, smoke, entry)
