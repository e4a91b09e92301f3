"""A tiny project with a signed release, made by the real stages from fake models."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from palisade import stage, tasks
from palisade.guard import tables
from palisade.release import key
from stages import package, sign
from tests.guard import drawn

SMOKE = Path(__file__).parents[1] / "smoke/params.yaml"
SECTIONS = ("features", "preprocess", "network", "threat", "pretrain", "qat", "attack", "cost")
LOCK = "# a comment\n" + "".join(
    f"{name} \\\n    --hash=sha256:{digit * 64} \\\n    --hash=sha256:{digit}{'0' * 63}\n"
    f"    # via palisade (pyproject.toml)\n"
    for name, digit in (("NumPy==2.1.0", "a"), ("espeakng_loader==0.2.4", "b"))
)
GROUPS = {"voice": "speakers", "vision": "scenes", "motion": "homes"}


@cache
def guard() -> bytes:
    """A guard with few tables."""
    whole = drawn.guard(np.random.default_rng(1)).model_dump()
    bare = {"energy": None, "autoencoder": None, "tree": None, "texture": None}
    return tables.to_json(tables.Guard.model_validate({**whole, **bare, "classes": 3})).encode()


@cache
def smoke() -> dict[str, Any]:
    """The params of a smoke-sized run."""
    return stage.read_yaml(SMOKE)


def budgets(task: str) -> Any:
    """A task's budgets."""
    return stage.checked(
        tasks.load(task, "budgets").Budgets, smoke()["attack"][task], f"attack.{task}"
    )


def metrics(task: str) -> dict[str, Any]:
    """What each stage would have measured."""
    names = [budgets(task).name(budget) for budget in budgets(task).budgets]
    falling = dict(zip(names, (0.8125, 0.734, 0.0), strict=True))
    rising = dict(zip(names, (0.11, 0.23, 0.44), strict=True))
    return {
        "prepare": {"left_out": 0, f"{GROUPS[task]}_in_two_lists": 0},
        "pretrain": {"overfitting_collapsed": False},
        "qat": {"clean_accuracy": 0.9},
        "convert": {
            "bytes": 12,
            "agreement": {"exact_tflm": 1.0},
            "input": {"shape": [1, 49, 10, 1], "scale": 0.5, "zero_point": -3},
        },
        "calibrate": {"limit_setting_half_reject_rate": 0.03, "thresholds": {"tree": 7}},
        "physical": {
            "examples": 100,
            "physical": {"none": 0.92, "over_the_air": 0.5625},
            "accepted_and_wrong": {"none": 0.05, "over_the_air": 0.375},
        },
        "evaluate": {
            "int8": {
                "clean_accuracy": 0.9375,
                "field_accuracy": 0.8,
                "n": 1024,
                "worst_case_accuracy": falling,
                "false_accept_rate": 0.0123,
            },
            "undefended": {"clean_accuracy": 0.953125},
            "guard": {
                "lead_under_attack": 6.7,
                "accepted_and_wrong": {"clean": 0.05, **rising},
                "ood_auroc": 0.9417,
                "transfer": {"network_to_tree": 0.27},
            },
            "consistency": {
                "flicker_wrong_action": {"guard": 0.31, "guard_and_consistency": 0.08},
                "sustained_wrong_action": {"guard": 0.3, "guard_and_consistency": 0.12},
            },
            "reliable": True,
        },
    }


def details(task: str) -> dict[str, Sequence[Mapping[str, Any]]]:
    """And its tables."""
    names = [budgets(task).name(budget) for budget in budgets(task).budgets]
    shares = {
        "int8": (0.8125, 0.734, 0.0),
        "int8_guarded": (0.84, 0.77, 0.65),
        "undefended": (0.41, 0.0583, 0.0),
    }
    check = {"figure": 0.5, "relation": "<=", "limit": 0.6, "passed": True}
    audited = {"figure": 0.005, "relation": "<=", "limit": 0.01, "passed": True}
    return {
        "checks": [
            {"check": "an_audit_finds_little_more", **audited},
            *(
                {"check": name, **check}
                for name in (
                    *("enough_examples", "no_simple_model_does_it", "pretraining_did_not_collapse"),
                    *("quantisation_did_not_collapse", "int8_and_white_box_agree"),
                    *("the_guard_can_reject", "the_guard_rejects_few_clean_examples"),
                )
            ),
        ],
        "field": [{"corruption": "noise/1", **share("accuracy", 0.81)}],
        "robustness": [
            {
                "model": model,
                "among": among,
                "budget": budget,
                **share("worst_case_accuracy", value),
            }
            for model, values in shares.items()
            for among in ("all", "actions")
            for budget, value in zip(names, values, strict=True)
        ],
        "unfamiliar": [{"kind": "music", "auroc": 0.9417}],
        "verdicts": [
            {"model": "int8", "attack": attack, "budget": budget, "examples": "0", "right": right}
            for budget in names
            for attack, right in (("noise", "11"), ("pgd_margin", "10"), ("square", "--"))
        ],
    }


def share(name: str, value: float) -> dict[str, Any]:
    """A rate with its interval, as tables have it."""
    return {name: value, "low": round(value / 2, 6), "high": round((value + 1) / 2, 6), "n": 1024}


def door(keys: Sequence[str]) -> dict[str, bytes]:
    """What the fusion of some tasks would have made."""
    rates = {
        "action.false_accept_rate": 0.004,
        "action.false_reject_rate": 0.041,
        **{f"controlled.{key}.false_accept_rate": 0.0077 for key in keys},
        **{f"controlled.{key}.bystander_false_accept_rate": 0.61 for key in keys},
    }
    figures = {
        "action": {"false_accept_rate": 0.004, "false_reject_rate": 0.041},
        "controlled": {key: {"false_accept_rate": 0.0077} for key in keys},
        "failed": {key: {"dead": {"availability": 0, "false_accept_rate": 0}} for key in keys},
        "scenes": {"aligned": True},
        "reliable": True,
    }
    check = {"figure": 0, "relation": "<=", "limit": 0, "passed": True}
    return {
        "models/fusion/policy.json": b'{"decision": "all"}\n',
        "metrics/fusion.json": json.dumps(figures).encode(),
        "metrics/detail/fusion.csv": table(
            [{"figure": name, **share("rate", value)} for name, value in rates.items()]
        ),
        "metrics/detail/fusion_checks.csv": table([{"check": "no_failed_sensor_agrees", **check}]),
    }


def attacked_door(keys: Sequence[str]) -> dict[str, bytes]:
    """What attacks on the door of some tasks would have measured."""
    reaches = [some for n in range(1, len(keys) + 1) for some in combinations(sorted(keys), n)]
    rows = [
        {"goal": goal, "reached": "_".join(some), "among": among, **share("rate", rate)}
        for some in reaches
        for goal, among, rate in (
            *(("forced", "all", 0.0313), ("forced", "bystander", 0.213)),
            ("denied", "all", 0.437),
        )
    ]
    figures = {
        "clean": {"false_accept_rate": 0.0141, "false_reject_rate": 0.0523},
        "events": {"forced": 1024, "denied": 1024},
        "forced": {"_".join(some): {"bound": 0.391} for some in reaches},
        "reliable": True,
    }
    check = {"figure": 0, "relation": "<=", "limit": 0, "passed": True}
    return {
        "metrics/fusion_attack.json": json.dumps(figures).encode(),
        "metrics/detail/fusion_attack.csv": table(rows),
        "metrics/detail/fusion_attack_checks.csv": table(
            [{"check": "full_control_is_never_weaker", **check}]
        ),
    }


def table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


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

    def write(
        self,
        *keys: str,
        fused: bool = False,
        attacked: bool = False,
        extra: Mapping[str, bytes] = {},
    ) -> None:
        """Write what the pipeline would have made for some tasks, params.yaml and dvc.yaml."""
        files = {"requirements.lock": LOCK.encode(), **extra}
        for task in keys:
            files |= self._inputs(task)
        files |= door(keys) if fused else {}
        files |= attacked_door(keys) if attacked else {}
        for name, content in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(content)
        self.params(keys)
        listed = "".join(f"      - {dep}\n" for dep in ("stages/package.py", *files))
        read = ["seed", "package", "tasks", "scenes", "fuse"]
        read += [f"{section}.{key}" for key in keys for section in SECTIONS]
        declared = "".join(f"      - {name}\n" for name in read)
        (self.root / "dvc.yaml").write_text(
            f"stages:\n  package:\n    cmd: python -m stages.package\n    deps:\n{listed}"
            f"    params:\n{declared}"
            "    outs:\n      - models/release\n"
            "  sign:\n    cmd: python -m stages.sign\n    deps:\n      - models/release\n"
            "    outs:\n      - models/release.sigstore.json:\n          cache: false\n"
            "      - models/release.pub.pem:\n          cache: false\n"
        )

    def params(self, keys: Sequence[str], **package: Any) -> None:
        """Write params.yaml: those of the smoke run, with changes of the section ``package``."""
        tree: dict[str, Any] = {
            "seed": 7,
            "scenes": {"window_s": smoke()["scenes"]["window_s"]},
            "tasks": {task: {"corpus": f"data/synthetic/{task}"} for task in keys},
            "fuse": {"modalities": {task: {} for task in keys}},
            "package": {**smoke()["package"], **package},
        }
        for section in SECTIONS:
            tree[section] = {task: smoke()[section][task] for task in keys}
        with (self.root / "params.yaml").open("w") as stream:
            YAML(typ="safe", pure=True).dump(tree, stream)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text in one of the files."""
        content = (self.root / name).read_text()
        assert old in content
        (self.root / name).write_text(content.replace(old, new))

    def fail(self, part: str) -> None:
        """Let a check of a task, of ``fusion`` or of ``fusion_attack`` have failed."""
        doors = ("fusion", "fusion_attack")
        files = {one: f"metrics/detail/{one}_checks.csv" for one in doors}
        figures = {one: f"metrics/{one}.json" for one in doors}
        self.edit(files.get(part, f"metrics/{part}/detail/checks.csv"), "True", "False")
        name = figures.get(part, f"metrics/{part}/evaluate.json")
        self.edit(name, '"reliable": true', '"reliable": false')

    def _inputs(self, task: str) -> dict[str, bytes]:
        model = f"\x1c\0\0\0TFL3 {task}".encode()
        labels = b"lock\nunlock\n_unknown_\n"
        return {
            f"models/{task}/model.tflite": model,
            f"models/{task}/labels.txt": labels,
            f"models/{task}/guard.json": guard(),
            **{
                f"metrics/{task}/{name}.json": json.dumps(content).encode()
                for name, content in metrics(task).items()
            },
            **{
                f"metrics/{task}/detail/{name}.csv": table(rows)
                for name, rows in details(task).items()
            },
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
