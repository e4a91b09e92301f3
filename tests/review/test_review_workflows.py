"""The workflow of a pull request, step by step as it stands in its file, on a real history.

The project has one stage (``measured.py``), a DVC remote in a folder, and an origin; a clone
without data stands for the machine that GitHub would run the steps on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from benchmarks.workspace import ROOT, Workspace, environment
from palisade.commands.main import main
from palisade.review.comment import MARKER
from tests.review.conftest import changed

WORKFLOWS = ROOT / ".github/workflows"
MINE = ("check.yml", "metrics.yml", "nightly.yml")
DVC = """
stages:
  measure:
    cmd: python measured.py
    deps: [measured.py, data/raw/motion]
    params: [tasks, attack, evaluate, strength, flash_bytes]
    outs:
      - models/model.bin
      - metrics/motion/detail: {cache: false}
    metrics:
      - metrics/motion/evaluate.json: {cache: false}
      - metrics/motion/cost.json: {cache: false}
"""
FORK = "github.event.pull_request.head.repo.full_name == github.repository"


def workflow(name: str) -> dict[str, Any]:
    tree = YAML(typ="safe", pure=True).load(WORKFLOWS / name)
    assert isinstance(tree, dict)
    return tree


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", MINE)
def test_a_workflow_runs_nothing_but_what_runs_here(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command in (step["run"] for step in steps(name) if "run" in step):
        first, second, *_ = command.split()
        if first == "make":
            assert second in targets
        elif first in ("sh", "python"):
            assert (ROOT / second).is_file()
        else:
            assert command == 'cat reports/comment/comment.md >>"$GITHUB_STEP_SUMMARY"'
        assert "${{" not in command  # what a pull request may word never becomes a command


@pytest.mark.parametrize("name", MINE)
def test_actions_are_pinned_and_rights_are_few(name: str) -> None:
    for action in (step["uses"] for step in steps(name) if "uses" in step):
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action)
    tree = workflow(name)
    granted = [tree["permissions"], *(job.get("permissions", {}) for job in tree["jobs"].values())]
    written = {right for one in granted for right, level in one.items() if level == "write"}
    assert written == ({"pull-requests"} if name == "metrics.yml" else set())
    assert "pull_request_target" not in tree[True if True in tree else "on"]
    assert all("timeout-minutes" in job for job in tree["jobs"].values())


@pytest.mark.parametrize("name", sorted(path.name for path in WORKFLOWS.glob("*.yml")))
def test_every_workflow_ends_alone_and_runs_nothing_that_an_event_words(name: str) -> None:
    tree = workflow(name)
    assert "permissions" in tree and {"group", "cancel-in-progress"} <= set(tree["concurrency"])
    assert all(job["timeout-minutes"] <= 360 for job in tree["jobs"].values())
    for step in steps(name):
        assert "${{" not in step.get("run", "")
        assert re.fullmatch(
            r"actions/[\w-]+@[0-9a-f]{40}", step.get("uses", f"actions/a@{40 * '0'}")
        )


@pytest.mark.parametrize("target", ["gate", "comment", "report", "synced"])
def test_make_does_not_run_what_a_branch_is_called(target: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.lock", "requirements-dev.lock", ".venv/.runtime"):
        (tmp_path / name).touch()
    (tmp_path / ".venv/.development").touch()
    evil = dict.fromkeys(("BASE", "LOCK_ONLY"), "$(shell touch ran)")
    here = Workspace(tmp_path, {**os.environ, **evil})
    said = here.must("make", "--dry-run", target)
    assert "palisade" in said and not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["data.sh", "packages.sh", "remote.sh"])
def test_scripts_can_be_read_by_a_plain_shell(name: str) -> None:
    Workspace(ROOT, dict(os.environ)).must("sh", "-n", f"scripts/{name}")


@dataclass
class GitHub:
    """The part of GitHub's API that comments go through."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, content: dict[str, str]) -> Any:
        self.asked.append(method)
        if method == "GET":
            assert path.startswith("/repos/team/door/issues/7/comments?")
            page = int(path.rpartition("=")[2])
            return self.comments[(page - 1) * 100 : page * 100]
        if method == "POST":
            assert path == "/repos/team/door/issues/7/comments"
            self.comments.append({"id": len(self.comments), "user": {"type": "Bot"}, **content})
            return self.comments[-1]
        made = self.comments[int(path.rpartition("/")[2])]
        made.update(content)
        return made


@pytest.fixture
def github() -> Iterator[GitHub]:
    fake = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            assert self.headers["Authorization"] == "Bearer token"
            length = int(self.headers.get("Content-Length", 0))
            content = json.loads(self.rfile.read(length) or "{}")
            body = json.dumps(fake.answer(self.command, self.path, content)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Team:
    """A developer's project, and where it is pushed to."""

    project: Workspace
    folder: Path

    def change(self, branch: str, **params: Any) -> None:
        """Commit new params, with the figures that they give, to a branch."""
        self.project.must("git", "checkout", "--quiet", "-B", branch, "main")
        YAML().dump(changed(params), self.project.root / "params.yaml")
        self.project.must("dvc", "repro", "--quiet")
        self.project.must("git", "commit", "--quiet", "--all", f"--message={branch}")

    def push(self, branch: str, *, data: bool = True) -> None:
        if data:
            self.project.must("dvc", "push", "--quiet")
        self.project.must("git", "push", "--quiet", "--force", "origin", branch)

    def clone(self, branch: str) -> Workspace:
        """A machine that holds what git has of a branch, and no data."""
        root = self.folder / f"ci-{branch}"
        shutil.rmtree(root, ignore_errors=True)
        origin = str(self.folder / "origin.git")
        self.project.must("git", "clone", "--quiet", "--branch", branch, origin, str(root))
        (root / ".venv").mkdir()  # as if `make` had set up the environment that runs this test
        for stamp in (".runtime", ".development"):
            (root / ".venv" / stamp).touch()
        return Workspace(root, self.project.environment)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    folder = tmp_path_factory.mktemp("team")
    root = folder / "developer"
    (root / "data/raw/motion").mkdir(parents=True)
    (root / "data/raw/motion/traces.csv").write_text("home,label\n")
    (root / "dvc.yaml").write_text(DVC)
    YAML().dump(changed({}), root / "params.yaml")
    for name in ("gate.yaml", "Makefile"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__py*"))
    shutil.copy(ROOT / "tests/review/measured.py", root)
    for name in ("requirements.lock", "requirements-dev.lock"):
        (root / name).touch()
    (root / ".gitignore").write_text("/.venv/\n/reports/\n")
    project = Workspace(root, {**environment(folder / "key.pem"), "PYTHONPATH": str(ROOT)})
    project.must("git", "init", "--quiet", "--initial-branch=main")
    project.must("git", "init", "--quiet", "--bare", str(folder / "origin.git"))
    project.must("git", "remote", "add", "origin", str(folder / "origin.git"))
    project.must("dvc", "init", "--quiet")
    project.must("dvc", "remote", "add", "--default", "--quiet", "team", str(folder / "remote"))
    project.must("dvc", "add", "--quiet", "data/raw/motion")
    project.must("dvc", "repro", "--quiet")
    project.must("git", "add", "--all")
    project.must("git", "commit", "--quiet", "--message=Base")
    made = Team(project, folder)
    made.push("main")
    return made


def pull_request(machine: Workspace, github: GitHub, *, fork: bool = False) -> dict[str, int]:
    """Run the steps of metrics.yml as GitHub would; the status of each that ran, by command."""
    given = {
        "github.token": "token",
        "github.event.pull_request.number": "7",
        "github.base_ref": "main",
    }

    def filled(value: Any) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: given.get(match[1], ""), str(value))

    summary = machine.root / ".venv/summary.md"
    job = workflow("metrics.yml")["jobs"]["metrics"]
    shared = {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "team/door",
        "GITHUB_STEP_SUMMARY": str(summary),
        **{name: filled(value) for name, value in job["env"].items()},
    }
    statuses: dict[str, int] = {}
    for step in (step for step in job["steps"] if "run" in step):
        condition = step.get("if", "")
        if (condition == FORK and fork) or (
            any(statuses.values()) and "cancelled" not in condition
        ):
            continue
        own = {name: filled(value) for name, value in step.get("env", {}).items()}
        runner = Workspace(machine.root, {**machine.environment, **shared, **own})
        statuses[step["run"]] = runner.run("sh", "-euc", step["run"]).returncode
    assert summary.read_text() == (machine.root / "reports/comment/comment.md").read_text()
    return statuses


def post(machine: Workspace, github: GitHub, number: str) -> None:
    named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "team/door"}
    runner = Workspace(machine.root, {**machine.environment, **named, "GITHUB_TOKEN": "token"})
    runner.must("python", "scripts/post_comment.py", number, "reports/comment/comment.md")


def test_a_good_change_passes_and_its_comment_is_renewed(team: Team, github: GitHub) -> None:
    github.comments = [  # two pages of them, and one that only looks like ours
        {"id": n, "user": {"type": "User"}, "body": f"{MARKER} forged" if n == 3 else "looks good"}
        for n in range(130)
    ]
    team.change("good", strength=0.85)
    team.push("good")
    machine = team.clone("good")
    statuses = pull_request(machine, github)
    assert len(statuses) == 6 and not any(statuses.values()), statuses
    assert len(github.comments) == 131
    body = github.comments[-1]["body"]
    assert body.startswith(MARKER) and "**Gate passed** against `origin/main" in body
    assert "| `params.yaml` | `strength` | `0.8` | `0.85` | +0.05 |" in body
    row = (
        "| `metrics/motion/evaluate.json` | `int8.worst_case_accuracy.acc_25mg` | `0.8` | `0.85` |"
    )
    assert row in body
    assert "```mermaid" in body and "line [0.9000, 0.8500, 0.4250]" in body
    curve = (machine.root / "reports/comment/robustness-motion.svg").read_text()
    assert curve.startswith("<svg") and curve.count("<polyline") == 4  # two, and their legend
    github.asked.clear()
    post(machine, github, "7")
    assert github.asked == ["GET", "GET", "PATCH"] and len(github.comments) == 131
    assert github.comments[3]["body"].endswith("forged")


def test_a_bad_change_fails_the_gate_alone(team: Team, github: GitHub) -> None:
    team.change("bad", strength=0.6)
    team.push("bad")
    statuses = pull_request(team.clone("bad"), github, fork=True)
    assert [one for one, status in statuses.items() if status] == ["make gate"]
    assert "make synced" in statuses and not github.comments  # a fork may not comment


@pytest.fixture
def synced(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(machine: Workspace, *options: str) -> tuple[int, str]:
        monkeypatch.chdir(machine.root)
        return main(["synced", *options]), capsys.readouterr().err

    return run


def test_a_stale_lock_is_named(team: Team, synced: Any) -> None:
    machine = team.clone("main")
    assert synced(machine) == (0, "")
    params = machine.root / "params.yaml"
    before = params.read_text()
    params.write_text(before.replace("strength: 0.8", "strength: 0.9"))
    status, said = synced(machine)
    assert status == 85 and "stale for measure (measure: strength modified)" in said
    params.write_text(before)
    figures = machine.root / "metrics/motion/evaluate.json"
    figures.write_text(figures.read_text().replace("0.8", "0.95"))
    status, said = synced(machine, "--lock-only")
    assert status == 85 and "metrics/motion/evaluate.json modified" in said
    figures.unlink()
    status, said = synced(machine, "--lock-only")
    assert status == 85 and "metrics/motion/evaluate.json deleted" in said


def test_locks_that_were_merged_by_hand_are_stale(team: Team, synced: Any) -> None:
    """The stage read other data than what is committed, though neither is here."""
    machine = team.clone("main")
    pointer = machine.root / "data/raw/motion.dvc"
    pointer.write_text(re.sub("md5: .{8}", "md5: 00000000", pointer.read_text()))
    status, said = synced(machine, "--lock-only")
    assert status == 85 and "an input is not what the stage before it wrote" in said


def test_data_that_nobody_pushed_is_named(team: Team, synced: Any) -> None:
    team.change("unpushed", strength=0.95)
    team.push("unpushed", data=False)
    machine = team.clone("unpushed")
    status, said = synced(machine)
    assert status == 86 and "the DVC remote team lacks models/model.bin: run `dvc push`" in said
    assert synced(machine, "--lock-only") == (0, "")


def test_a_remote_that_is_not_there_is_named(team: Team, synced: Any) -> None:
    machine = team.clone("main")
    assert synced(machine, "--remote", "other")[0] == 87
    machine.must("dvc", "remote", "modify", "--quiet", "team", "url", "ssh://127.0.0.1:1/none")
    status, said = synced(machine)
    assert status == 87 and "the DVC remote team cannot be read" in said and said.count("\n") == 1


def test_secrets_reach_dvc_and_not_git(team: Team) -> None:
    machine = team.clone("main")
    secrets = {"DVC_CONFIG_LOCAL": "['remote \"team\"']\n    user = guest", "DVC_SSH_KEY": "KEY"}
    runner = Workspace(machine.root, {**machine.environment, **secrets})
    runner.must("sh", "scripts/remote.sh")
    assert runner.must("dvc", "config", "--local", "remote.team.user") == "guest\n"
    key = machine.root / ".dvc/tmp/remote_key"
    assert key.read_text() == "KEY\n" and key.stat().st_mode & 0o077 == 0
    assert runner.must("git", "status", "--porcelain") == ""


def test_data_sets_are_fetched_and_results_are_not(team: Team) -> None:
    machine = team.clone("main")
    machine.must("make", "data")
    assert (machine.root / "data/raw/motion/traces.csv").read_text() == "home,label\n"
    assert not (machine.root / "models/model.bin").exists()
