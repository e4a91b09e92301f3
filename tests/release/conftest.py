"""A tiny project with a signed release, made by the real stages from fake models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from palisade import stage
from palisade.release import key
from stages import package, sign

METRICS = {
    "prepare": {"left_out": 0},
    "pretrain": {"overfitting_collapsed": False},
    "qat": {"clean_accuracy": 0.9},
    "convert": {"bytes": 12, "input": {"shape": [1, 49, 10, 1], "scale": 0.5, "zero_point": -3}},
    "calibrate": {"limit_setting_half_reject_rate": 0.03},
    "physical": {"examples": 100, "physical": {"none": 0.9}},
    "evaluate": {"int8": {"clean_accuracy": 0.9}, "reliable": True},
}

FUSION = {
    "models/fusion/policy.json": b'{"decision": "all"}\n',
    "metrics/fusion.json": b'{"action": {"false_accept_rate": 0.01}, "reliable": true}\n',
}

PARAMS = """\
seed: 7
tasks:
  voice: {corpus: data/synthetic/voice}
pretrain:
  voice: {epsilon_snr_db: 30.0}
"""


@dataclass(frozen=True)
class Project:
    """A project's root and the usual places in it."""

    root: Path

    @property
    def release(self) -> Path:
        return self.root / "models/release"

    @property
    def bundle(self) -> Path:
        return self.root / "models/release.sigstore.json"

    @property
    def public_key(self) -> Path:
        return self.root / "models/release.pub.pem"

    def write(self, *tasks: str, fused: bool = False) -> None:
        """Write what the pipeline would have made for some tasks, and dvc.yaml."""
        deps = ["stages/package.py"]
        for inputs in (*map(self._inputs, tasks), *([FUSION] if fused else [])):
            for name, content in inputs.items():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                (self.root / name).write_bytes(content)
                deps.append(name)
        (self.root / "params.yaml").write_text(PARAMS)
        listed = "".join(f"      - {dep}\n" for dep in deps)
        (self.root / "dvc.yaml").write_text(
            f"stages:\n  package:\n    cmd: python -m stages.package\n    deps:\n{listed}"
            "    params:\n      - seed\n      - pretrain.voice\n"
            "    outs:\n      - models/release\n"
            "  sign:\n    cmd: python -m stages.sign\n    deps:\n      - models/release\n"
            "    outs:\n      - models/release.sigstore.json:\n          cache: false\n"
            "      - models/release.pub.pem:\n          cache: false\n"
        )

    def _inputs(self, task: str) -> dict[str, bytes]:
        metrics = {
            f"metrics/{task}/{name}.json": json.dumps(content).encode()
            for name, content in METRICS.items()
        }
        model = f"\x1c\0\0\0TFL3 {task}".encode()
        labels = b"lock\nunlock\n_unknown_\n"
        return metrics | {
            f"models/{task}/model.tflite": model,
            f"models/{task}/labels.txt": labels,
            f"models/{task}/guard.json": b'{"classes":3}\n',
        }

    def package(self) -> None:
        package.main(stage.enter("package", None, self.root))

    def sign(self) -> None:
        sign.main(stage.enter("sign", None, self.root))


@pytest.fixture
def private_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The development key of this test, where ``sign`` finds it."""
    path = tmp_path / "secret" / "key.pem"
    key.create(path)
    monkeypatch.setenv(key.VARIABLE, str(path))
    return path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project before ``package``."""
    made = Project(tmp_path / "project")
    made.root.mkdir()
    made.write("voice")
    return made


@pytest.fixture
def signed(project: Project, private_key: Path) -> Project:
    """A project whose release is signed."""
    project.package()
    project.sign()
    return project
