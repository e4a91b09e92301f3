"""``python -m palisade monitor`` and the scripts and the workflow around it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from palisade.commands.main import main
from palisade.monitoring import log
from tests.monitoring import field

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"actions/[\w-]+@[0-9a-f]{40}")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with calibration's log and three devices'."""
    monkeypatch.chdir(tmp_path)
    models, logs = tmp_path / "models/voice", tmp_path / "logs/voice"
    models.mkdir(parents=True)
    logs.mkdir(parents=True)
    field.write(models / "calibration_log.jsonl", field.judgement(600, 1), field.KNOWN, day=0)
    field.write(logs / "calm.jsonl", field.judgement(400, 2))
    field.write(logs / "short.jsonl", field.judgement(50, 3))
    field.write(logs / "far.jsonl", field.judgement(400, 4, shift=1.0))
    return tmp_path


def monitor(*arguments: str) -> int:
    return main(["monitor", "--task", "voice", *arguments])


def test_each_verdict_has_its_status_and_says_why(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert monitor("logs/voice/calm.jsonl") == 0
    said = capsys.readouterr().out
    assert "400 answers of 1 days, device 0123456789abcdef, firmware 3" in said
    assert said.endswith("verdict: ok: no signal left calibration\n")
    assert monitor("logs/voice/short.jsonl") == 96
    assert "too few to tell; 200 can" in capsys.readouterr().out
    assert monitor("logs/voice/far.jsonl") == 95
    both = capsys.readouterr()
    assert "texture left calibration" in both.out and re.search(r"texture .* after \d+\n", both.out)
    assert both.err == (
        "error: voice: retrain for 1 of 1 logs: retrain it with data like that of these devices\n"
    )


def test_several_logs_share_the_rate_of_false_alarms(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"logs/voice/{name}.jsonl" for name in ("calm", "short", "far")]
    assert monitor(*names, "--alpha", "0.03", "--output", "drift.json") == 95
    found = json.loads((here / "drift.json").read_text())
    words = {path: one["word"] for path, one in found["logs"].items()}
    assert words == dict(zip(names, ["ok", "watch", "retrain"], strict=True))
    assert found["logs"][names[0]]["level"] == pytest.approx(0.03 / 3 / 3)
    assert monitor(names[0], names[0]) == 1
    assert capsys.readouterr().err.endswith("a log is named twice: name each once\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model": "c" * 64}, "other.jsonl: the log is of another model: cccccccccccc..., not"),
        ({"guard": "c" * 64}, "the log is of another guard"),
        ({"labels": ["lock", "unlock", "x"]}, "is of another list of labels: lock,unlock,x, not"),
        ({"labels": ["lock", "\u009b31m", "x"]}, r"another list of labels: 'lock,\x9b31m,x'"),
        ({"task": "vision"}, "other.jsonl is a log of vision: --task says voice"),
    ],
)
def test_a_log_of_another_model_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, object], said: str
) -> None:
    other = field.HEADER.model_copy(update=changed)
    field.write(here / "other.jsonl", field.judgement(300, 2), other)
    assert monitor("other.jsonl") == 1
    both = capsys.readouterr()
    assert said in both.err and both.err.count("\n") == 1 and both.out == ""


def test_what_is_not_there_or_wrong_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "faults.jsonl").write_text(
        log.text(field.HEADER, [(field.DAY, 255, 0, 20, 0, 0, 0, 0, 0)])
    )
    (here / "alike.jsonl").write_text(
        log.text(field.HEADER, [(field.DAY, 1, 3, 0, 5, 5, 5, 5, 5)] * 40)
    )
    calm = "logs/voice/calm.jsonl"
    for arguments, said in (
        (["none.jsonl"], "none.jsonl cannot be read: No such file"),
        ([calm, "--against", "none"], "none is not there: run `dvc pull`"),
        (["faults.jsonl"], "faults.jsonl: the log holds nothing but faults"),
        ([calm, "--against", "faults.jsonl"], "has too few different answers"),
        ([calm, "--against", "alike.jsonl"], "has too few different answers"),
        ([calm, "--task", "../x"], "calibration_log.jsonl is not there"),
    ):
        assert monitor(*arguments) == 1
        said_too = capsys.readouterr().err
        assert said in said_too and said_too.count("\n") == 1
    for alpha in ("0", "0.6", "nan", "x"):
        with pytest.raises(SystemExit) as ended:
            monitor(calm, "--alpha", alpha)
        assert ended.value.code == 2 and capsys.readouterr().err.count("\n") == 1


def test_another_log_can_take_calibrations_place(here: Path) -> None:
    assert monitor("logs/voice/far.jsonl", "--against", "logs/voice/calm.jsonl") == 95
    field.write(here / "later.jsonl", field.judgement(400, 5, shift=1.0))
    assert monitor("later.jsonl", "--against", "logs/voice/far.jsonl") == 0


def script(
    name: str, *arguments: str, where: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    path = f"{where / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    identity = {
        f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / name), *arguments],
        cwd=where, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **identity, **more},
    )  # fmt: skip


def test_the_script_gives_a_workflow_the_worst_verdict(here: Path) -> None:
    noted = here / "noted"
    done = script("drift.sh", where=here, GITHUB_OUTPUT=str(noted))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\nretrain\n") and noted.read_text() == "verdict=retrain\n"
    assert "far.jsonl" in (here / "reports/drift-voice.json").read_text()
    (here / "logs/voice/far.jsonl").write_text("nonsense\n")
    done = script("drift.sh", where=here, GITHUB_OUTPUT=str(noted))
    assert done.returncode == 1 and "far.jsonl, line 1" in done.stderr
    assert noted.read_text() == "verdict=retrain\n"  # nothing more


def test_retraining_opens_a_pull_request_only_for_something_new(tmp_path: Path) -> None:
    remote, store, work = (tmp_path / name for name in ("remote.git", "store", "work"))

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=work, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit() -> None:
        run("git", "add", "--all")
        run("git", "-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x")

    work.mkdir()
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    run("git", "init", "-q", "-b", "main")
    run("git", "remote", "add", "origin", str(remote))
    run("dvc", "init", "-q")
    run("dvc", "remote", "add", "-q", "-d", "store", str(store))
    stage = "stages: {train: {cmd: cp data.txt model.txt, deps: [data.txt], outs: [model.txt]}}\n"
    (work / "dvc.yaml").write_text(stage)
    (work / "data.txt").write_text("old")
    (work / "bin").mkdir()
    (work / "bin/gh").write_text('#!/bin/sh\necho "$@" >../asked\n')
    (work / "bin/gh").chmod(0o755)
    run("dvc", "add", "-q", "data.txt")
    run("dvc", "repro", "-q")
    commit()
    run("dvc", "push", "-q")
    done = script("retrain.sh", "again", where=work)
    assert done.returncode == 1 and "there is nothing new to train on" in done.stderr
    assert run("git", "branch", "--show-current") == "main\n"
    (work / "data.txt").write_text("new")
    run("dvc", "add", "-q", "data.txt")
    assert "has changes" in script("retrain.sh", "again2", where=work).stderr
    commit()
    run("dvc", "push", "-q", "data.txt")
    done = script("retrain.sh", "again3", where=work)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().startswith("pr create")
    assert "again3" in run("git", "ls-remote", "--heads", "origin")
    assert run("git", "diff", "--name-only", "main", "again3").split() == ["dvc.lock"]
    assert run("dvc", "status", "-c") == "Cache and remote 'store' are in sync.\n"


def test_the_workflow_runs_make_targets_and_scripts_with_no_more_rights_than_it_needs() -> None:
    content = YAML(typ="safe").load(ROOT / ".github/workflows/drift.yml")
    assert content["permissions"] == {} and "schedule" in content["on"]
    jobs = content["jobs"]
    assert jobs["monitor"]["permissions"] == {"contents": "read"}
    assert jobs["retrain"]["if"].startswith("needs.monitor.outputs.verdict == 'retrain'")
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for job in jobs.values():
        for step in job["steps"]:
            assert "uses" in step or step["run"].split()[0] in ("make", "sh")
            if "uses" in step:
                assert PINNED.fullmatch(step["uses"])
            elif step["run"].startswith("sh "):
                assert (ROOT / step["run"].split()[1]).is_file()
            else:
                assert step["run"].split()[1] in targets
    assert {"make", "drift"} == set(jobs["monitor"]["steps"][-2]["run"].split())
