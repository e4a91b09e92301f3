"""The workflow that releases on GitHub: what it may do, what it runs, and what it runs on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"[\w-]+/[\w-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})")


def workflow() -> Any:
    return YAML(typ="safe").load(ROOT / ".github/workflows/release.yml")


def test_only_the_job_that_signs_may_ask_for_a_token() -> None:
    content = workflow()
    assert content["permissions"] == {}
    assert content["jobs"]["release"]["permissions"] == {"contents": "read", "id-token": "write"}


def test_it_runs_by_hand_and_on_main_so_that_its_identity_stays_the_same() -> None:
    content = workflow()
    assert list(content["on"]) == ["workflow_dispatch"]
    assert content["jobs"]["release"]["if"] == "github.ref == 'refs/heads/main'"


def test_actions_are_pinned_and_steps_are_make_targets() -> None:
    steps = workflow()["jobs"]["release"]["steps"]
    assert all(PINNED.fullmatch(step["uses"]) for step in steps if "uses" in step)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    runs = [step["run"].split() for step in steps if "run" in step]
    assert runs and all(words[0] == "make" and words[1] in targets for words in runs)
    assert ["make", "release", "MODE=keyless-ambient"] in runs
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()
