"""The pipeline on real pictures, in a short form: that it runs, by params alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import cifar10, inria_person, workspace
from benchmarks.workspace import ROOT
from palisade import splits

DATA = ROOT.parent / "shared/data"

crops = pytest.mark.skipif(not (DATA / "inria_person").is_dir(), reason="no INRIA crops at hand")
cifar = pytest.mark.skipif(not (DATA / "cifar10_jpg").is_dir(), reason="no CIFAR-10 at hand")


@crops
def test_real_crops_are_read_by_params_alone(tmp_path: Path) -> None:
    project = workspace.copy(tmp_path / "workspace", tmp_path / "key.pem")
    crops_of = inria_person.BENCHMARK
    crops_of.gather(DATA, project.root / crops_of.corpus)
    project.set({"tasks.vision.corpus": crops_of.corpus, **crops_of.settings})
    project.must("dvc", "add", crops_of.corpus)
    assert project.repro("prepare@vision") == ["prepare@vision"]
    noted = json.loads((project.root / "metrics/vision/prepare.json").read_text())
    assert noted["test_n"]["person"] > 90 and noted["test_n"]["nobody"] > 90
    assert noted["scenes_in_two_lists"] == 0
    split = splits.load(project.root / "data/prepared/vision/test.npz")
    assert split.labels == ("nobody", "person") and split.x.shape[1:] == (64, 64, 1)


@crops
@pytest.mark.nightly
def test_real_crops_go_through_the_same_pipeline(tmp_path: Path) -> None:
    output = tmp_path / "figures.json"
    command = ["-m", "benchmarks.inria_person", "--data", str(DATA), "--short"]
    done = subprocess.run(
        [sys.executable, *command, "--output", str(output)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text())
    assert figures["int8"]["n"] > 150
    assert figures["flash_bytes"] <= 100_000
    assert figures["undefended"]["worst_case_accuracy"]["linf_64_255"] <= 0.5


@crops
def test_crops_of_one_photograph_are_one_source(tmp_path: Path) -> None:
    inria_person.gather(DATA, tmp_path)
    sources = Counter(path.name.split("_nohash_")[0] for path in (tmp_path / "person").iterdir())
    assert sources["crop001004"] == 2
    assert sum(sources.values()) == 400


@cifar
def test_the_first_hundred_test_pictures_of_each_class_are_tested(tmp_path: Path) -> None:
    cifar10.gather(DATA, tmp_path)
    listed = (tmp_path / "testing_list.txt").read_text().splitlines()
    assert Counter(line.split("/")[0] for line in listed) == dict.fromkeys(cifar10.CLASSES, 100)
    assert max(line for line in listed if line.startswith("cat/")) == "cat/test-0099.jpg"
    assert all((tmp_path / line).is_file() for line in listed)
    assert len(list(tmp_path.glob("*/train-*"))) == 50_000
