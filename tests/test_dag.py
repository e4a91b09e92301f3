"""dvc.yaml and the code say the same thing; each way of disagreeing is caught by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from dvc.repo import Repo

from benchmarks.workspace import ROOT
from palisade import balance
from palisade.stage import entries, read_yaml

DVC = """
stages:
  learn:
    foreach: ${tasks}
    do:
      cmd: python -m stages.learn ${key}
      deps:
        - requirements.lock
        - stages/learn.py
        - palisade/stage.py
        - palisade/tasks/__init__.py
        - palisade/tasks/${key}/threat.py
      params:
        - learn.${key}
      outs:
        - out/${key}.txt
"""
PARAMS = """
tasks:
  voice: {corpus: data/voice}
learn:
  voice: {epochs: 3}
"""
LEARN = """
from palisade import stage, tasks

class Params(stage.Params):
    epochs: int

def main(this):
    threat = tasks.load(this.key, "threat")
    print(this.params("learn", Params).epochs)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one balanced stage, for a test to unbalance."""
    for name in ("palisade/stage.py", "palisade/tasks/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("READ = True\n")
    (tmp_path / "palisade/tasks/voice").mkdir()
    (tmp_path / "palisade/tasks/voice/threat.py").write_text("")
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/learn.py").write_text(LEARN)
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "dvc.yaml").write_text(DVC)
    (tmp_path / "params.yaml").write_text(PARAMS)
    assert balance.problems(tmp_path) == []
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_the_project_is_in_balance() -> None:
    assert balance.problems(ROOT) == []


def test_an_undeclared_import_is_named(project: Path) -> None:
    (project / "palisade/hidden.py").write_text("")
    (project / "palisade/tasks/voice/threat.py").write_text("import palisade.hidden\n")
    assert balance.problems(project) == [
        "learn@voice: imports palisade/hidden.py without declaring it under deps"
    ]


def test_an_undeclared_part_of_a_task_is_named(project: Path) -> None:
    edit(project / "dvc.yaml", "        - palisade/tasks/${key}/threat.py\n", "")
    assert balance.problems(project) == [
        "learn@voice: imports palisade/tasks/voice/threat.py without declaring it under deps"
    ]


def test_a_module_started_as_a_process_counts_as_imported(project: Path) -> None:
    (project / "palisade/worker.py").write_text("")
    (project / "palisade/stage.py").write_text('COMMAND = ["-m", "palisade.worker"]\n')
    assert balance.problems(project) == [
        "learn@voice: imports palisade/worker.py without declaring it under deps"
    ]


def test_a_declared_file_that_is_not_imported_is_named(project: Path) -> None:
    (project / "palisade/unused.py").write_text("")
    edit(
        project / "dvc.yaml",
        "        - palisade/stage.py",
        "        - palisade/stage.py\n        - palisade/unused.py",
    )
    assert balance.problems(project) == [
        "learn@voice: declares palisade/unused.py under deps but does not import it"
    ]


def test_sources_of_the_device_that_a_stage_runs_are_declared(project: Path) -> None:
    edit(
        project / "stages/learn.py",
        "from palisade import",
        "import palisade.edge\nfrom palisade import",
    )
    (project / "palisade/edge.py").write_text("")
    declared = "        - palisade/stage.py\n        - palisade/edge.py\n        - device/include\n"
    edit(project / "dvc.yaml", "        - palisade/stage.py\n", declared)
    assert balance.problems(project) == [
        "learn@voice: reads device/src without declaring it under deps"
    ]


def test_sources_of_the_device_that_no_stage_runs_are_named(project: Path) -> None:
    declared = "        - palisade/stage.py\n        - device/src\n"
    edit(project / "dvc.yaml", "        - palisade/stage.py\n", declared)
    assert balance.problems(project) == [
        "learn@voice: declares device/src under deps but does not read it"
    ]


def test_a_section_that_one_of_two_tasks_reads_is_declared_for_both(project: Path) -> None:
    """As for code: dvc.yaml has one entry for all tasks."""
    edit(
        project / "params.yaml",
        "  voice: {corpus",
        "  motion: {corpus: data/motion}\n  voice: {corpus",
    )
    edit(
        project / "params.yaml",
        "learn:\n",
        "sensor: {voice: {}, motion: {}}\nlearn:\n  motion: {epochs: 3}\n",
    )
    (project / "palisade/tasks/motion").mkdir()
    (project / "palisade/tasks/motion/threat.py").write_text(
        'def read(this):\n    this.params("sensor", dict)\n'
    )
    edit(
        project / "dvc.yaml",
        "        - learn.${key}\n",
        "        - learn.${key}\n        - sensor.${key}\n",
    )
    assert balance.problems(project) == []
    (project / "palisade/tasks/motion/threat.py").write_text("")
    assert balance.problems(project) == [
        f"learn@{key}: declares sensor.{key} under params but does not read it"
        for key in ("motion", "voice")
    ]


def test_a_file_that_one_of_two_tasks_imports_is_declared_for_both(project: Path) -> None:
    (project / "palisade/lens.py").write_text("")
    (project / "palisade/tasks/vision").mkdir()
    (project / "palisade/tasks/vision/threat.py").write_text("import palisade.lens\n")
    edit(project / "params.yaml", "tasks:\n", "tasks:\n  vision: {corpus: data/vision}\n")
    edit(project / "params.yaml", "learn:\n", "learn:\n  vision: {epochs: 3}\n")
    assert balance.problems(project) == [
        "learn@vision: imports palisade/lens.py without declaring it under deps"
    ]
    stage = "        - palisade/stage.py"
    edit(project / "dvc.yaml", stage, f"{stage}\n        - palisade/lens.py")
    assert balance.problems(project) == []


def test_an_undeclared_param_is_named(project: Path) -> None:
    edit(project / "stages/learn.py", "print(", 'print(this.seed, this.params("threat", Params), ')
    assert balance.problems(project) == [
        "learn@voice: reads seed without declaring it under params",
        "learn@voice: reads threat.voice without declaring it under params",
    ]


def test_a_declared_param_that_nobody_reads_is_named(project: Path) -> None:
    edit(project / "dvc.yaml", "        - learn.${key}", "        - learn.${key}\n        - seed")
    assert balance.problems(project) == [
        "learn@voice: declares seed under params but does not read it"
    ]


JOIN = """
from palisade import stage, tasks

class Params(stage.Params):
    epochs: int

def main(this):
    print(this.shared("limits", Params))
    for key in this.tasks:
        view = this.for_task(key)
        print(tasks.load(key, "threat"), this.for_task(key).params("learn", Params))
"""
JOINED = """
  join:
    cmd: python -m stages.join
    deps:
      - requirements.lock
      - stages/join.py
      - palisade/stage.py
      - palisade/tasks/__init__.py
      - palisade/tasks/voice/threat.py
      - models/voice/model.tflite
    params:
      - learn.voice
      - limits
    outs:
      - out/all.txt
"""


@pytest.fixture
def joined(project: Path) -> Path:
    """With a single stage, which reads parts and sections of every task that it lists."""
    (project / "stages/join.py").write_text(JOIN)
    with (project / "dvc.yaml").open("a") as stream:
        stream.write(JOINED)
    with (project / "params.yaml").open("a") as stream:
        stream.write("limits: {epochs: 3}\n")
    assert balance.problems(project) == []
    return project


@pytest.mark.parametrize("name", ["learn.voice", "limits"])
def test_an_undeclared_param_of_a_single_stage_is_named(joined: Path, name: str) -> None:
    text = (joined / "dvc.yaml").read_text()
    (joined / "dvc.yaml").write_text(text.replace(f"      - {name}\n", ""))
    assert balance.problems(joined) == [f"join: reads {name} without declaring it under params"]


def test_a_tasks_part_that_a_single_stage_does_not_declare_is_named(joined: Path) -> None:
    edit(
        joined / "dvc.yaml",
        "      - palisade/tasks/voice/threat.py\n      - models",
        "      - models",
    )
    assert balance.problems(joined) == [
        "join: imports palisade/tasks/voice/threat.py without declaring it under deps"
    ]


def test_a_key_of_a_section_that_nobody_reads_is_named(project: Path) -> None:
    edit(project / "stages/learn.py", "epochs: int\n", "epochs: int\n    batch: int\n")
    edit(project / "params.yaml", "epochs: 3", "epochs: 3, batch: 8")
    assert balance.problems(project) == ["params.yaml: learn holds batch, which nothing reads"]
    edit(project / "stages/learn.py", "epochs: int\n", 'epochs: int\n    at = "no/batch of it"\n')
    assert balance.problems(project) == ["params.yaml: learn holds batch, which nothing reads"]


def test_a_key_that_a_json_pointer_names_is_read(project: Path) -> None:
    edit(project / "stages/learn.py", "epochs: int\n", "epochs: int\n    batch: int\n")
    edit(
        project / "stages/learn.py",
        "    print",
        '    print("/params/learn.voice/batch")\n    print',
    )
    edit(project / "params.yaml", "epochs: 3", "epochs: 3, batch: 8")
    assert balance.problems(project) == []


@pytest.mark.parametrize("name", ["size", "nfiles"])
def test_a_param_that_dvc_does_not_track_is_named(project: Path, name: str) -> None:
    edit(project / "params.yaml", "epochs: 3", f"epochs: 3, deep: {{{name}: 1}}")
    assert any(f"is called {name}" in problem for problem in balance.problems(project))


def test_a_relative_import_is_named(project: Path) -> None:
    (project / "palisade/stage.py").write_text("from . import tasks\n")
    assert balance.problems(project) == ["palisade/stage.py: a relative import"]


def test_a_stage_that_does_not_declare_the_lock_is_named(project: Path) -> None:
    edit(project / "dvc.yaml", "        - requirements.lock\n", "")
    assert balance.problems(project) == [
        "learn@voice: does not declare requirements.lock under deps"
    ]


def test_the_smoke_run_has_the_same_params_as_the_default() -> None:
    smoke = read_yaml(ROOT / "tests/smoke/params.yaml")
    assert _keys(smoke) == _keys(read_yaml(ROOT / "params.yaml"))


def _keys(tree: object, name: str = "") -> set[str]:
    if not isinstance(tree, dict):
        return {name}
    return set().union(*(_keys(value, f"{name}.{key}") for key, value in tree.items()))


def test_every_task_is_in_every_single_stage() -> None:
    listed = entries(ROOT)
    tasks = read_yaml(ROOT / "params.yaml")["tasks"]
    for task in tasks:
        assert f"models/{task}/model.tflite" in listed["package"].deps
        assert f"threat.{task}" in listed["package"].params
        assert f"models/{task}/model.tflite" in listed["report"].deps
        assert f"metrics/{task}/evaluate.json" in listed["report"].deps


def test_dvc_reads_the_same_stages_as_the_contract() -> None:
    """The contract resolves dvc.yaml by itself; DVC must come to the same names."""
    listed = {entry.title: entry for entry in entries(ROOT).values()}
    found = {stage.addressing: stage for stage in Repo(str(ROOT)).index.stages}
    assert set(listed) <= set(found)
    for title, entry in listed.items():
        paths = {dep.def_path for dep in found[title].deps if dep.def_path != "params.yaml"}
        assert set(entry.deps) == paths
        assert set(entry.outs) == {out.def_path for out in found[title].outs}
