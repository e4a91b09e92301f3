"""``python -m palisade keys new`` and ``verify`` as a person and a script meet them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from palisade.boot import key as image_key
from palisade.commands.main import main
from palisade.release import failures, key
from tests.release.made import finish, publish_from, write_policy

if TYPE_CHECKING:
    from tests.release.conftest import Project

ROOT = Path(__file__).parents[2]
HEAVY = (
    "tensorflow", "tf_keras", "dvc", "librosa", "numpy", "scipy", "sklearn", "joblib",
    "cffi", "imgtool", "cwt", "cbor2", "cyclonedx", "jinja2", "matplotlib",
)  # fmt: skip


def palisade(*arguments: str, cwd: Path, key_file: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, with this project on the path."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), key.VARIABLE: str(key_file)}
    return subprocess.run(
        [sys.executable, "-m", "palisade", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_no_key_to_a_verified_release(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "config/key.pem"
    made = palisade("keys", "new", cwd=tmp_path, key_file=path)
    assert made.returncode == 0 and made.stderr == ""
    fingerprint = key.fingerprint(key.load_private(path).public_key())
    assert made.stdout == f"made a development key: {path}\n{fingerprint}\n"
    for name in ("package", "sign"):
        environment = os.environ | {"PYTHONPATH": str(ROOT), key.VARIABLE: str(path)}
        subprocess.run(
            [sys.executable, "-m", f"stages.{name}"], cwd=project.root, env=environment, check=True
        )
    checked = palisade("verify", "models/release", cwd=project.root, key_file=tmp_path / "none")
    assert checked.returncode == 0 and checked.stderr == ""
    assert checked.stdout == (
        f"DEVELOPMENT: models/release holds exactly the 11 files that {fingerprint} signed\n"
        "integrity only: nothing here says who signed\n"
    )


def test_signing_without_a_key_is_one_line(project: Project, tmp_path: Path) -> None:
    project.package()
    environment = os.environ | {"PYTHONPATH": str(ROOT), key.VARIABLE: str(tmp_path / "none")}
    ended = subprocess.run(
        [sys.executable, "-m", "stages.sign"],
        cwd=project.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1 and "python -m palisade keys new" in ended.stderr


def test_an_existing_key_stays(
    private_key: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = private_key.read_bytes()
    assert main(["keys", "new"]) == failures.BadKey.status
    assert capsys.readouterr().err.startswith(f"error: there is a key at {private_key} already")
    assert main(["keys", "new", "--if-none"]) == 0
    public = key.load_private(private_key).public_key()
    assert key.fingerprint(public) in capsys.readouterr().out
    assert private_key.read_bytes() == before
    private_key.chmod(0o644)
    assert main(["keys", "new", "--if-none"]) == failures.BadKey.status


def test_if_none_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(key.VARIABLE, str(tmp_path / "key.pem"))
    assert main(["keys", "new", "--if-none"]) == 0
    out = capsys.readouterr().out
    assert key.fingerprint(key.load_private(tmp_path / "key.pem").public_key()) in out
    assert "PRIVATE" not in out


def test_a_trusted_release_says_by_whom(
    signed: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public = key.load_public(signed.public_key)
    (tmp_path / "door.pub.pem").write_bytes(key.public_pem(public))
    rules = tmp_path / "policy.yaml"
    rules.write_text(
        "schema_version: 2\naccepted_modes: [key]\nidentities: []\ntrusted_root: null\n"
        "image_keys: []\nrequired_lines: []\n"
        "tasks: null\nrequire_provenance: false\nleast_version: 0.0.0\nleast_security_counter: 0\n"
        "expires_on: null\nkeys:\n"
        f"  - fingerprint: {key.fingerprint(public)}\n    public_key: door.pub.pem\n"
        "    assurance: development\n"
    )
    assert main(["verify", str(signed.release), "--policy", str(rules)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("TRUSTED: ") and "DEVELOPMENT" not in out
    assert f"the policy names its key, {tmp_path / 'door.pub.pem'}; assurance development" in out


def test_the_sample_policy_refuses_by_status(
    signed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = str(ROOT / "trust/policy.yaml")
    status = main(["verify", str(signed.release), "--policy", rules])
    captured = capsys.readouterr()
    assert status == failures.NotTrusted.status
    assert captured.out == ""
    assert captured.err.startswith("error: ") and "development signature" in captured.err
    assert captured.err.count("\n") == 1


def test_unreliable_figures_are_said(
    project: Project, private_key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.fail("voice")
    project.package()
    project.sign()
    assert main(["verify", str(project.release)]) == 0
    assert "not reliable: the figures of voice are marked so" in capsys.readouterr().out


def test_each_refusal_ends_with_its_own_status(
    signed: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends() -> int:
        status = main(["verify", str(signed.release)])
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.count("\n") == 1
        return status

    extra = signed.release / "extra"
    extra.write_text("x")
    assert ends() == failures.UnsignedFile.status == 12
    extra.unlink()
    extra.symlink_to("/etc")
    assert ends() == failures.UnsafePath.status == 13
    extra.unlink()
    labels = (signed.release / "voice/labels.txt").read_bytes()
    (signed.release / "voice/labels.txt").write_bytes(labels + b"x\n")
    assert ends() == failures.ChangedFile.status == 10
    (signed.release / "voice/labels.txt").unlink()
    assert ends() == failures.MissingFile.status == 11
    (signed.release / "voice/labels.txt").write_bytes(labels)
    genuine = signed.public_key.read_bytes()
    other = key.create(tmp_path / "other.pem").public_key()
    signed.public_key.write_bytes(key.public_pem(other))
    assert ends() == failures.WrongKey.status == 16
    signed.public_key.unlink()
    assert ends() == failures.BadKey.status == 20
    signed.public_key.write_bytes(genuine)
    bundle = signed.bundle.read_bytes()
    signed.bundle.write_bytes(b"{}")
    assert ends() == failures.MalformedSignature.status == 15
    signed.bundle.unlink()
    assert ends() == failures.NotSigned.status == 14
    signed.bundle.write_bytes(bundle)
    assert main(["verify", str(signed.release)]) == 0


def test_verify_needs_nothing_of_the_pipeline(
    project: Project, private_key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a policy or without, where no package of the pipeline can be imported; and what it
    says of a release with images."""
    images_by = image_key.create(tmp_path / "image.pem").public_key()
    monkeypatch.setenv(image_key.VARIABLE, str(tmp_path / "image.pem"))
    finish(project, "voice")
    publish_from(project, tmp_path / "dist")
    rules = write_policy(
        tmp_path / "trust",
        {"door.pub.pem": key.load_private(private_key).public_key()},
        {"images.pub.pem": images_by},
        accepted_modes=["key", "keyless"],
        trusted_root="sigstore",
    )
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {HEAVY!r}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from palisade.commands.main import main\n"
        "print([main(['verify', 'dist/release', *words])\n"
        "       for words in ([], ['--policy', 'trust/policy.yaml', '--release-gate'])])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = ended.stdout.splitlines()
    assert rules == tmp_path / "trust/policy.yaml" and said[-1] == "[0, 0]"
    signed_by = f"images of voice carry its model manifest, signed by {key.fingerprint(images_by)}"
    assert f"{signed_by}, which lies beside them: integrity only" in said
    named = "; the policy names that key, trust/images.pub.pem; assurance release"
    assert f"{signed_by}{named}" in said and said[-2] == "it passes the release gate"
