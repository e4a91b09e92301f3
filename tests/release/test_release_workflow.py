"""The workflow that releases on GitHub: what it may do, what it runs, and what it runs on."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"actions/[\w-]+@[0-9a-f]{40}")


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
    runs = [step["run"].split() for step in steps if "run" in step and step is not keeps(steps)]
    assert runs and all(words[0] == "make" and words[1] in targets for words in runs)
    assert ["make", "release", "MODE=keyless-ambient"] in runs


def test_the_one_secret_is_the_image_key_and_reaches_a_file_of_its_owner_alone(
    tmp_path: Path,
) -> None:
    steps = workflow()["jobs"]["release"]["steps"]
    assert (ROOT / ".github/workflows/release.yml").read_text().count("secrets.") == 1
    step = keeps(steps)
    assert step["env"] == {"IMAGE_KEY": "${{ secrets.IMAGE_KEY }}"}
    at = steps[steps.index(step) + 1]["env"]["PALISADE_IMAGE_KEY"]
    kept = tmp_path / Path(at.replace("${{ runner.temp }}/", ""))
    for secret, status in (("", 1), ("a\nb", 0)):
        environment = {
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(tmp_path),
            "IMAGE_KEY": secret,
        }
        done = subprocess.run(["bash", "-c", step["run"]], env=environment, capture_output=True)
        assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")
        assert kept.exists() is (status == 0)
    assert kept.read_text() == "a\nb\n" and kept.stat().st_mode & 0o777 == 0o600


def keeps(steps: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = (step for step in steps if "secrets." in str(step))
    return found
