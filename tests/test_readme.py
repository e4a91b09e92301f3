"""What README.md and the pages beside it tell a person to type is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workspace import ROOT
from palisade.stage import read_yaml

PAGES = [ROOT / "README.md", ROOT / "device/README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:python -m|make|dvc) [^`]+)`")


def commands(page: Path) -> set[str]:
    """Command lines of a page, without what follows `#`."""
    text = page.read_text()
    lines = [line for block in FENCED.findall(text) for line in block.splitlines()]
    found = {line.split("  #")[0].strip() for line in [*lines, *INLINE.findall(text)]}
    return {" ".join(line.split()) for line in found if line.startswith(("python", "make", "dvc"))}


ALL = sorted(set().union(*map(commands, PAGES)))


def test_there_are_commands_to_test() -> None:
    assert {"make repro", "make test", "dvc repro", "dvc metrics diff"} <= set(ALL)


@pytest.mark.parametrize("line", [line for line in ALL if line.startswith("make ")])
def test_each_make_target_is_there(line: str) -> None:
    for target in (word for word in shlex.split(line)[1:] if "=" not in word and word != "..."):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for line in ALL if line.startswith("python -m ")])
def test_each_module_and_command_is_there(line: str) -> None:
    words = shlex.split(line.replace("...", ""))
    module = words[2]
    path = ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), line
    if module == "palisade" and len(words) > 3 and words[3].islower():
        names = [word for word in words[3:5] if re.fullmatch(r"[a-z]+", word)]
        done = subprocess.run(
            [sys.executable, "-m", "palisade", *names, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:  # the second word was an argument
            done = subprocess.run(
                [sys.executable, "-m", "palisade", names[0], "--help"],
                cwd=ROOT,
                capture_output=True,
                text=True,
            )
        assert done.returncode == 0, done.stderr
        for option in (word.split("=")[0] for word in words if word.startswith("--")):
            assert option in done.stdout, f"{line}: {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_param_that_an_experiment_sets_is_there(page: Path) -> None:
    params = read_yaml(ROOT / "params.yaml")
    for name in re.findall(r"-S ['\"]?([\w.]+)=", page.read_text()):
        place = params
        for key in name.split("."):
            assert key in place, f"{page.name}: {name}"
            place = place[key]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"
