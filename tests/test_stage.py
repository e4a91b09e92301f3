"""What a stage is given: only what its entry declares, and only in the form it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from palisade import stage
from palisade.errors import PalisadeError

DVC = """
stages:
  learn:
    foreach: ${tasks}
    do:
      cmd: python -m stages.learn ${key}
      deps:
        - data/${key}.npz
        - ${item.corpus}
      params:
        - learn.${key}
        - seed
      outs:
        - models/${key}.h5:
            cache: false
"""
PARAMS = """
seed: 7
tasks: {voice: {corpus: data/raw}}
learn: {voice: {epochs: 3, rate: 1e-3}}
hidden: {voice: {epochs: 1}}
"""


class Learn(stage.Params):
    epochs: int = Field(ge=1)
    rate: float = Field(gt=0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_text(DVC)
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def test_params_are_typed_and_numbers_are_read_as_dvc_reads_them(root: Path) -> None:
    params = stage.enter("learn", "voice", root).params("learn", Learn)
    assert (params.epochs, params.rate) == (3, 0.001)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("epochs: 3, ", "", "learn.voice.epochs is missing"),
        (
            "epochs: 3",
            "epochs: 3, epoch: 4",
            "learn.voice.epoch is unknown: the keys are",
        ),
        (
            "epochs: 3",
            "epochs: 0",
            "learn.voice.epochs is 0: Input should be greater",
        ),
        ("epochs: 3", "epochs: '3'", "learn.voice.epochs is '3'"),
        ("rate: 1e-3", "rate: .nan", "learn.voice.rate is nan"),
        ("rate: 1e-3", "rate: 8/255", "learn.voice.rate is '8/255'"),
    ],
)
def test_a_bad_key_is_named_with_its_value_and_its_range(
    root: Path, old: str, new: str, said: str
) -> None:
    path = root / "params.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(PalisadeError) as caught:
        stage.enter("learn", "voice", root).params("learn", Learn)
    assert said in str(caught.value)


def test_a_section_that_is_not_declared_is_refused_though_it_is_there(root: Path) -> None:
    with pytest.raises(PalisadeError, match="uses hidden.voice without declaring it"):
        stage.enter("learn", "voice", root).params("hidden", Learn)


def test_a_path_that_is_not_declared_is_refused_though_it_is_there(root: Path) -> None:
    (root / "secret.npz").touch()
    this = stage.enter("learn", "voice", root)
    with pytest.raises(PalisadeError, match=r"uses secret.npz without declaring it: .* deps"):
        this.dep("secret.npz")
    with pytest.raises(PalisadeError, match=r"uses other.h5 without declaring it: .* outs"):
        this.out("other.h5")


def test_declared_paths_are_filled_in_and_must_exist(root: Path) -> None:
    this = stage.enter("learn", "voice", root)
    with pytest.raises(PalisadeError, match="needs data/voice.npz, which is not there"):
        this.dep("data/{key}.npz")
    (root / "data/raw").mkdir(parents=True)
    assert this.dep("{corpus}") == root / "data/raw"
    assert this.out("models/{key}.h5") == root / "models/voice.h5"
    assert this.seed == 7


def test_a_stage_that_does_not_exist_is_named(root: Path) -> None:
    told = "dvc.yaml has no stage learn@video: learn runs for"
    with pytest.raises(PalisadeError, match=told):
        stage.enter("learn", "video", root)


def test_broken_yaml_is_one_line(root: Path) -> None:
    (root / "params.yaml").write_text("seed: [1\n")
    with pytest.raises(PalisadeError) as caught:
        stage.enter("learn", "voice", root)
    assert "\n" not in str(caught.value)


SINGLE = """
stages:
  join:
    cmd: python -m stages.join
    deps:
      - models/voice/model.tflite
      - models/vision/model.tflite
    params:
      - learn.voice
      - scenes
    outs:
      - out.json
"""


def test_a_single_stage_sees_each_of_its_tasks_and_what_they_share(root: Path) -> None:
    (root / "dvc.yaml").write_text(SINGLE)
    with (root / "params.yaml").open("a") as stream:
        stream.write("scenes: {epochs: 2, rate: 0.5}\n")
    single = stage.enter("join", None, root)
    assert single.tasks == ["vision", "voice"]
    assert single.for_task("voice").params("learn", Learn).epochs == 3
    assert single.shared("scenes", Learn).rate == 0.5
    with pytest.raises(PalisadeError, match=r"join@vision uses learn\.vision without declaring"):
        single.for_task("vision").params("learn", Learn)
