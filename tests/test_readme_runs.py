"""Every command of README.md is run, and says what README.md says that it does.

They run in one shell after the other in a copy of the smoke run, whose ``.venv`` is this
environment: first those of the blocks marked ``sh``, then those within the text.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import workspace
from benchmarks.workspace import ROOT, Workspace
from tests.test_readme import FENCED, INLINE
from tests.test_repro import after_pretrain

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAYS = "# -> "  # part of what the command above it says; ... stands for anything
MARK = "@@@@"

# Not run, each for its reason.
NOT_RUN = {
    "make test": "it is what runs this test",
    "make audit": "it attacks for hours; tests/attacks/test_audit.py runs the command, briefly",
    "python -m benchmarks.real_voice --data DIR": "its data is no part of the project; where it "
    "is, tests/benchmarks/test_real_voice.py runs the command, briefly",
}


@dataclass(frozen=True)
class Step:
    """A command, and parts of what it has to say."""

    command: str
    says: tuple[str, ...] = ()


def steps(text: str) -> list[Step]:
    """A page's commands in the order in which they run, each once outside of the blocks."""
    found: list[Step] = []
    for line in "".join(BLOCK.findall(text)).splitlines():
        if line.startswith(SAYS):
            found[-1] = Step(found[-1].command, (*found[-1].says, line.removeprefix(SAYS)))
        elif line:
            found.append(Step(line.partition("  #")[0].strip()))
    seen = {step.command for step in found}
    inline = dict.fromkeys(" ".join(one.split()) for one in INLINE.findall(text))
    return [*found, *(Step(one) for one in inline if one not in seen)]


def run(project: Workspace, these: Sequence[Step]) -> list[str]:
    """What each command says, run in one shell up to the first that fails.

    Raises:
        AssertionError: A command fails, or does not say what it should.
    """
    script = "".join(f"echo; echo {MARK}\n{step.command}\n" for step in these)
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=project.root,
        env=dict(project.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = re.split(rf"^{MARK}\n", done.stdout, flags=re.MULTILINE)[1:]
    last = these[len(said) - 1].command
    assert done.returncode == 0, f"{last!r} exited {done.returncode}:\n{said[-1]}"
    for step, text in zip(these, said, strict=True):
        for part in step.says:
            pattern = ".*".join(re.escape(" ".join(one.split())) for one in part.split("..."))
            held = re.search(pattern, " ".join(text.split()))
            assert held, f"{step.command!r} does not say {part!r}:\n{text}"
    return said


@pytest.fixture
def project(smoke: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the smoke run, with an environment that only `.venv` leads to."""
    root, here = tmp_path / "project", Path(sys.prefix) / "bin"
    shutil.copytree(smoke.root, root, symlinks=True)
    (root / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (root / ".venv" / part).symlink_to(Path(sys.prefix) / part)
    for stamp in (".runtime", ".development"):  # as if `make` had installed the locks
        (root / ".venv" / stamp).touch()
    path = [one for one in os.environ["PATH"].split(os.pathsep) if one and Path(one) != here]
    environment = {
        **smoke.environment,
        "PATH": os.pathsep.join(path),
        "PALISADE_IMAGE_KEY": str(tmp_path / "image-key.pem"),
    }
    return Workspace(root, {k: v for k, v in environment.items() if k != "VIRTUAL_ENV"})


def test_every_command_runs_and_says_what_it_should(project: Workspace) -> None:
    these = [step for step in steps(README) if step.command not in NOT_RUN]
    said = dict(zip((step.command for step in these), run(project, these), strict=True))
    (experiment,) = (text for command, text in said.items() if command.startswith("dvc exp run -S"))
    ran = workspace.ran(experiment)
    assert ran[0] == "pretrain@voice"
    assert set(ran[1:]) == after_pretrain("voice") and len(ran) == len(set(ran))
    assert "Running stage" not in said["make repro"] + said["dvc repro"]
    told = project.must(sys.executable, "-m", "palisade", "verify", "models/release")
    assert told.startswith("DEVELOPMENT: ")


def test_no_command_stands_where_it_is_not_run() -> None:
    kinds = re.findall(r"^```(\w*)$", README, re.MULTILINE)
    assert set(kinds[::2]) == {"sh", "text"} and set(kinds[1::2]) == {""}
    assert len(FENCED.findall(README)) == len(kinds) // 2


def test_what_is_not_run_is_there_and_has_a_reason() -> None:
    commands = {step.command for step in steps(README)}
    assert set(NOT_RUN) <= commands and all(NOT_RUN.values())
    assert {"make repro", "dvc repro", "dvc metrics diff"} <= commands - set(NOT_RUN)


PAGE = """
```sh
cd inner
cat told       # what is there
# -> two ... words
ANOTHER
```
Then `make it`.
"""


@pytest.mark.parametrize(
    ("another", "content", "said"),
    [
        ("true", "two or  three words", ""),
        ("false", "two words", "'false' exited 1"),
        ("python -m palisade.none", "two words", "'python -m palisade.none' exited"),
        ("true", "no words", "'cat told' does not say"),
    ],
)
def test_a_command_that_fails_or_says_something_else_is_named(
    another: str, content: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/told").write_text(content)
    (tmp_path / "inner/Makefile").write_text("it:\n\t@echo made\n")
    these = steps(PAGE.replace("ANOTHER", another))
    assert [step.command for step in these] == ["cd inner", "cat told", another, "make it"]
    here = Workspace(tmp_path, dict(os.environ))
    if said:
        with pytest.raises(AssertionError, match=f"^{re.escape(said)}"):
            run(here, these)
    else:
        assert "made" in run(here, these)[-1]
