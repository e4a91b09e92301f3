"""``package`` and ``sign`` as the pipeline runs them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from palisade.errors import PalisadeError
from palisade.release import bundle, key, signature
from palisade.release.failures import BadKey, UnsafePath
from palisade.release.verify import verify

if TYPE_CHECKING:
    from tests.release.conftest import Project

FILE_COUNT = 11


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def manifest(project: Project) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((project.release / "manifest.json").read_text())
    return content


def test_the_release_holds_what_the_pipeline_made(project: Project) -> None:
    project.package()
    model = (project.root / "models/voice/model.tflite").read_bytes()
    assert contents(project.release).keys() == {
        "bom.cdx.json",
        "checklist.json",
        "checklist.md",
        "manifest.json",
        "model-manifest.json",
        "threat_model.json",
        "threat_model.md",
        "voice/guard.json",
        "voice/labels.txt",
        "voice/model.tflite",
        "voice/payload.bin",
    }
    assert (project.release / "voice/model.tflite").read_bytes() == model
    content = manifest(project)
    assert content["files"]["voice/model.tflite"] == {
        "sha256": hashlib.sha256(model).hexdigest(),
        "length_bytes": len(model),
    }
    assert content["schema_version"] == 2
    assert (content["version"], content["security_counter"]) == ("0.1.0", 1)
    assert content["failed_checks"] == []
    assert content["assurance"] == "development"
    assert content["reliable"] is True
    assert content["params"]["seed"] == 7
    assert content["params"]["pretrain.voice"]["epsilon_snr_db"] == 28.0
    voice = content["tasks"]["voice"]
    assert voice["labels"] == ["lock", "unlock", "_unknown_"]
    assert voice["interface"]["input"]["zero_point"] == -3
    assert set(voice["metrics"]) == {
        "prepare", "pretrain", "qat", "convert", "calibrate", "physical", "evaluate",
    }  # fmt: skip
    evaluation = (project.root / "metrics/voice/evaluate.json").read_bytes()
    assert content["inputs"]["metrics/voice/evaluate.json"] == (
        hashlib.sha256(evaluation).hexdigest()
    )


def test_packaging_twice_gives_the_same_bytes(project: Project) -> None:
    project.package()
    first = contents(project.release)
    (project.release / "stale").write_text("x")
    project.package()
    assert contents(project.release) == first
    assert str(project.root) not in first["manifest.json"].decode()


def test_a_second_task_is_its_lines_in_dvc_yaml(project: Project, private_key: Path) -> None:
    project.write("voice", "motion")
    project.package()
    project.sign()
    assert sorted(manifest(project)["tasks"]) == ["motion", "voice"]
    assert verify(project.release).files == FILE_COUNT + 4


def test_the_policy_of_the_fusion_is_part_of_the_release(
    project: Project, private_key: Path
) -> None:
    project.write("voice", "motion", fused=True)
    project.package()
    project.sign()
    held = (project.root / "models/fusion/policy.json").read_bytes()
    assert (project.release / "fusion/policy.json").read_bytes() == held
    assert manifest(project)["fusion"]["metrics"]["action"]["false_accept_rate"] == 0.004
    assert set(manifest(project)["inputs"]) >= {"models/fusion/policy.json", "metrics/fusion.json"}
    assert verify(project.release).unreliable == ()


def test_a_fusion_that_is_not_reliable_marks_the_release(
    project: Project, private_key: Path
) -> None:
    project.write("voice", fused=True)
    project.fail("fusion")
    project.package()
    project.sign()
    assert manifest(project)["reliable"] is False
    assert verify(project.release).unreliable == ("fusion",)


def test_crafted_inputs_are_evidence_of_the_door(project: Project, private_key: Path) -> None:
    project.write("voice", "motion", fused=True, attacked=True)
    project.package()
    project.sign()
    fusion = manifest(project)["fusion"]
    assert fusion["metrics"]["crafted"]["clean"]["false_accept_rate"] == 0.0141
    assert fusion["rates"]["crafted.denied.motion_voice.all"]["n"] == 1024
    assert set(fusion["checks"]) == {"no_failed_sensor_agrees", "full_control_is_never_weaker"}
    assert set(manifest(project)["inputs"]) >= {
        "metrics/fusion_attack.json",
        "metrics/detail/fusion_attack.csv",
        "metrics/detail/fusion_attack_checks.csv",
    }
    assert verify(project.release).unreliable == ()
    project.write("voice", "motion", fused=True)
    project.package()
    assert "crafted" not in manifest(project)["fusion"]["metrics"]
    assert "metrics/fusion_attack.json" not in manifest(project)["inputs"]


@pytest.mark.parametrize(
    ("measurement", "check"),
    [
        ("fusion", "no_failed_sensor_agrees"),
        ("fusion_attack", "full_control_is_never_weaker"),
    ],
)
def test_either_measurement_of_the_door_that_is_not_reliable_marks_the_fusion(
    project: Project, private_key: Path, measurement: str, check: str
) -> None:
    project.write("voice", "motion", fused=True, attacked=True)
    project.fail(measurement)
    project.package()
    project.sign()
    assert manifest(project)["reliable"] is manifest(project)["fusion"]["reliable"] is False
    (failed,) = manifest(project)["failed_checks"]
    assert (failed["part"], failed["check"]) == ("fusion", check)
    assert verify(project.release).unreliable == ("fusion",)
    (line,) = (
        one
        for one in json.loads((project.release / "checklist.json").read_text())["lines"]
        if one["name"] == "door_self_checks"
    )
    assert (line["status"], line["required"]) == ("fail", True)


def test_what_is_not_reliable_stays_so(project: Project, private_key: Path) -> None:
    project.write("voice", "motion")
    project.fail("voice")
    project.package()
    project.sign()
    assert manifest(project)["reliable"] is False
    failed = manifest(project)["failed_checks"]
    assert {one["check"] for one in failed} >= {"enough_examples", "the_guard_can_reject"}
    assert {
        "part": "voice", "check": "enough_examples", "figure": 0.5, "relation": "<=", "limit": 0.6
    } in failed  # fmt: skip
    assert manifest(project)["tasks"]["voice"]["reliable"] is False
    assert manifest(project)["tasks"]["motion"]["reliable"] is True
    assert verify(project.release).unreliable == ("voice",)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("metrics/voice/evaluate.json", "{}", "reliable is None"),
        ("metrics/voice/evaluate.json", '{"reliable": 1}', "reliable is 1"),
        ("metrics/voice/evaluate.json", '{"reliable": true', "not plain JSON"),
        ("metrics/voice/evaluate.json", '{"reliable": false}', "but its checks say otherwise"),
        ("metrics/voice/detail/checks.csv", "check,figure\n1,2\n", "no column limit, passed"),
        ("metrics/voice/detail/checks.csv", "check\n", "has no check"),
        ("requirements.lock", "numpy==2.1.0\n", "no version and digest for 'numpy==2.1.0'"),
        ("metrics/voice/qat.json", "[]", "not a JSON object"),
        ("metrics/voice/qat.json", '{"loss": NaN}', "holds NaN"),
        ("models/voice/labels.txt", "", "two or more different names"),
        ("models/voice/labels.txt", "lock\n", "two or more different names"),
        ("models/voice/labels.txt", "lock\nlock\n", "two or more different names"),
        ("models/voice/labels.txt", "lock\n\nunlock\n", "two or more different names"),
        ("models/voice/model.tflite", None, "model.tflite, which is not there"),
        ("metrics/voice/convert.json", None, "convert.json, which is not there"),
    ],
)
def test_a_bad_input_leaves_the_old_release(
    project: Project, name: str, content: str | None, reason: str
) -> None:
    project.package()
    before = contents(project.release)
    if content is None:
        (project.root / name).unlink()
    else:
        (project.root / name).write_text(content)
    with pytest.raises(PalisadeError, match=reason):
        project.package()
    assert contents(project.release) == before
    assert not list((project.root / "models").glob(".draft-*"))


def test_an_undeclared_metrics_file(project: Project) -> None:
    listed = (project.root / "dvc.yaml").read_text()
    (project.root / "dvc.yaml").write_text(listed.replace("      - metrics/voice/qat.json\n", ""))
    with pytest.raises(PalisadeError, match="qat.json without declaring it"):
        project.package()


def test_no_task_at_all(project: Project) -> None:
    project.write()
    with pytest.raises(PalisadeError, match=r"no models/<task>/model\.tflite"):
        project.package()
    assert not project.release.exists()


def test_links_of_dvc_are_packaged_as_files(project: Project, tmp_path: Path) -> None:
    model = project.root / "models/voice/model.tflite"
    model.rename(tmp_path / "cached")
    model.symlink_to(tmp_path / "cached")
    project.package()
    assert not (project.release / "voice/model.tflite").is_symlink()


def test_signing_again_changes_the_signature_and_not_the_statement(signed: Project) -> None:
    first, before = bundle.read(signed.bundle), signed.bundle.read_bytes()
    signed.sign()
    assert signed.bundle.read_bytes() != before
    assert bundle.read(signed.bundle).payload == first.payload


def test_a_fresh_clone_that_makes_the_same_bytes_verifies(signed: Project, tmp_path: Path) -> None:
    clone = type(signed)(tmp_path / "clone")
    clone.root.mkdir()
    clone.write("voice")
    clone.package()
    clone.bundle.write_bytes(signed.bundle.read_bytes())
    clone.public_key.write_bytes(signed.public_key.read_bytes())
    assert verify(clone.release).files == FILE_COUNT


def unsigned(project: Project) -> bool:
    left = {path.name for path in (project.root / "models").iterdir()}
    return left == {"voice", "release"}


def test_no_key_is_one_clear_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.package()
    monkeypatch.setenv(key.VARIABLE, str(project.root.parent / "none.pem"))
    with pytest.raises(BadKey, match="python -m palisade keys new"):
        project.sign()
    assert unsigned(project)


def test_links_in_the_release_are_not_signed(
    project: Project, private_key: Path, tmp_path: Path
) -> None:
    project.package()
    model = project.release / "voice/model.tflite"
    model.rename(tmp_path / "cached")
    model.symlink_to(tmp_path / "cached")
    with pytest.raises(UnsafePath, match="dvc config cache.type copy"):
        project.sign()
    assert unsigned(project)


def test_an_empty_release_is_not_signed(project: Project, private_key: Path) -> None:
    project.release.mkdir(parents=True)
    with pytest.raises(PalisadeError, match="is empty"):
        project.sign()
    assert unsigned(project)


def test_a_name_that_cannot_be_printed_is_not_signed(project: Project, private_key: Path) -> None:
    project.package()
    (project.release / "a\nb").write_text("x")
    with pytest.raises(UnsafePath, match=r"a\\nb"):
        signature.sign(project.release, project.bundle, private_key=private_key)
    assert unsigned(project)


def test_failing_while_the_key_is_written_leaves_nothing(
    project: Project, private_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.package()

    def fail(public: object) -> bytes:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(key, "public_pem", fail)
    with pytest.raises(PalisadeError, match="disk is full"):
        project.sign()
    assert unsigned(project)


def test_the_private_key_is_nowhere_but_in_its_file(
    signed: Project, private_key: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    signed.sign()
    verify(signed.release)
    printed = "".join(capfd.readouterr())
    secret = key.load_private(private_key)
    number = secret.private_numbers().private_value.to_bytes(32, "big")
    lines = [line for line in private_key.read_text().splitlines() if "-----" not in line]
    traces = [number, number.hex().encode(), b"PRIVATE KEY", *(line.encode() for line in lines)]
    for content in [*contents(signed.root).values(), printed.encode()]:
        assert not any(trace in content for trace in traces)
