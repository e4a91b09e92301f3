"""Every way of tampering with a release or its signature is refused, for its own reason."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from palisade.errors import PalisadeError
from palisade.files import write_json
from palisade.release import failures, key
from palisade.release.verify import verify

if TYPE_CHECKING:
    from tests.release.conftest import Project

FILES = [
    "bom.cdx.json",
    "checklist.json",
    "manifest.json",
    "model-manifest.json",
    "voice/labels.txt",
    "voice/model.tflite",
]
FILE_COUNT = 11


def flip(path: Path, at: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def edit_bundle(project: Project, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(project.bundle.read_bytes())
    change(content)
    project.bundle.write_text(json.dumps(content))


def edit_statement(content: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> None:
    statement = json.loads(base64.b64decode(content["dsseEnvelope"]["payload"]))
    change(statement)
    payload = json.dumps(statement).encode()
    content["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()


def resign(project: Project, private: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Let the real key sign an edited statement (DSSE v1.0: the pre-authentication encoding)."""

    def apply(content: dict[str, Any]) -> None:
        edit_statement(content, change)
        envelope = content["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"])
        kind = envelope["payloadType"].encode()
        message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        made = key.load_private(private).sign(message, ec.ECDSA(hashes.SHA256()))
        envelope["signatures"][0]["sig"] = base64.b64encode(made).decode()

    edit_bundle(project, apply)


def root_digest(resources: list[dict[str, str]]) -> str:
    return hashlib.sha256(b"".join(bytes.fromhex(r["digest"]) for r in resources)).hexdigest()


def refused(project: Project, kind: type[failures.ReleaseError], naming: str = "") -> str:
    with pytest.raises(kind) as caught:
        verify(project.release)
    assert type(caught.value) is kind
    assert naming in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _in_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)


def test_a_signed_release_verifies(signed: Project) -> None:
    verdict = verify(Path("models/release"))
    assert verdict.files == FILE_COUNT
    assert verdict.signer.trusted_by is None
    assert verdict.signer.assurance == "development"
    assert verdict.unreliable == () and verdict.commit is None
    assert verdict.signer.name == key.fingerprint(key.load_public(signed.public_key))


@pytest.mark.parametrize("spelling", ["models/release/", "models/../models/release"])
def test_the_release_may_be_spelt_otherwise(signed: Project, spelling: str) -> None:
    assert verify(Path(spelling)).files == FILE_COUNT


def test_the_release_may_be_the_current_folder(
    signed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(signed.release)
    assert verify(Path()).files == FILE_COUNT


def test_the_folder_may_be_moved_and_reached_by_a_link(signed: Project, tmp_path: Path) -> None:
    signed.release.rename(tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert (
        verify(tmp_path / "link", signature_file=signed.bundle, public_key=signed.public_key).files
        == FILE_COUNT
    )


def test_a_p384_key_signs_too(project: Project, private_key: Path) -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    private_key.write_bytes(key.private_pem(private))
    project.package()
    project.sign()
    assert verify(project.release).files == FILE_COUNT


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("at", [0, -1])
def test_a_flipped_bit(signed: Project, name: str, at: int) -> None:
    flip(signed.release / name, at)
    refused(signed, failures.ChangedFile, f"changed {name}")


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file(signed: Project, name: str) -> None:
    (signed.release / name).write_bytes((signed.release / name).read_bytes()[:-1])
    refused(signed, failures.ChangedFile, name)


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file(signed: Project, name: str) -> None:
    (signed.release / name).unlink()
    refused(signed, failures.MissingFile, f"missing {name}")


@pytest.mark.parametrize(
    "name", ["extra.bin", "voice/extra", ".gitignore", ".git/config", ".github/x", "voice/.hidden"]
)
def test_an_added_file(signed: Project, name: str) -> None:
    (signed.release / name).parent.mkdir(exist_ok=True)
    (signed.release / name).write_text("x")
    refused(signed, failures.UnsignedFile, f"not signed {name}")


def test_a_renamed_file(signed: Project) -> None:
    (signed.release / "voice/model.tflite").rename(signed.release / "voice/model2.tflite")
    message = refused(signed, failures.MissingFile, "voice/model2.tflite")
    assert "voice/model.tflite" in message


def test_two_files_swapped(signed: Project) -> None:
    one, two = signed.release / "voice/labels.txt", signed.release / "voice/model.tflite"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    refused(signed, failures.ChangedFile, "voice/labels.txt, voice/model.tflite")


def test_all_that_is_wrong_is_named(signed: Project) -> None:
    flip(signed.release / "manifest.json")
    (signed.release / "voice/labels.txt").unlink()
    (signed.release / "new").write_text("x")
    message = refused(signed, failures.ChangedFile, "manifest.json")
    assert "missing voice/labels.txt" in message and "not signed new" in message


def test_a_name_cannot_write_on_the_terminal(signed: Project) -> None:
    (signed.release / "x\nTRUSTED: \x1b[2J").write_text("x")
    refused(signed, failures.UnsignedFile, r"'x\nTRUSTED: \x1b[2J'")


def test_a_name_that_is_not_utf8(signed: Project) -> None:
    Path(os.fsdecode(os.fsencode(signed.release) + b"/\xff")).write_text("x")
    refused(signed, failures.UnsignedFile, r"\udcff")


def test_a_file_replaced_by_a_link_to_the_same_bytes(signed: Project, tmp_path: Path) -> None:
    model = signed.release / "voice/model.tflite"
    model.rename(tmp_path / "cached")
    model.symlink_to(tmp_path / "cached")
    refused(signed, failures.UnsafePath, "voice/model.tflite is a symbolic link")


@pytest.mark.parametrize("target", ["/etc", "/etc/passwd", "voice", "/nowhere"])
def test_an_added_link(signed: Project, target: str) -> None:
    (signed.release / "link").symlink_to(target)
    refused(signed, failures.UnsafePath, "link is a symbolic link")


def test_a_special_file(signed: Project) -> None:
    os.mkfifo(signed.release / "pipe")
    refused(signed, failures.UnsafePath, "pipe is a special file")


def test_a_very_deep_folder(signed: Project) -> None:
    folders = [signed.release / "/".join("d" * depth) for depth in range(1, 1201)]
    for folder in folders:
        folder.mkdir()
    (folders[-1] / "f").write_text("x")
    try:
        refused(signed, failures.UnsignedFile, "d/d/d")
    finally:  # too deep for the recursive clean-up of the standard library
        (folders[-1] / "f").unlink()
        for folder in reversed(folders):
            folder.rmdir()


def test_another_key_beside_the_release(signed: Project, tmp_path: Path) -> None:
    other = key.create(tmp_path / "other.pem").public_key()
    signed.public_key.write_bytes(key.public_pem(other))
    refused(signed, failures.WrongKey, "models/release.pub.pem")


def test_the_signature_of_another_key(
    signed: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = signed.public_key.read_bytes()
    other = tmp_path / "other.pem"
    key.create(other)
    monkeypatch.setenv(key.VARIABLE, str(other))
    signed.sign()
    signed.public_key.write_bytes(genuine)
    refused(signed, failures.WrongKey, "release.sigstore.json")
    # ... and with the genuine key's name written over its own:
    public = key.hint(key.load_public(signed.public_key))
    edit_bundle(signed, lambda b: b["verificationMaterial"]["publicKey"].update(hint=public))
    refused(signed, failures.ForgedSignature, "release.sigstore.json")


def test_a_statement_edited_to_fit_a_changed_model(signed: Project) -> None:
    flip(signed.release / "voice/model.tflite")
    digest = hashlib.sha256((signed.release / "voice/model.tflite").read_bytes()).hexdigest()

    def fit(statement: dict[str, Any]) -> None:
        resources = statement["predicate"]["resources"]
        next(r for r in resources if r["name"] == "voice/model.tflite")["digest"] = digest
        statement["subject"][0]["digest"]["sha256"] = root_digest(resources)

    edit_bundle(signed, lambda content: edit_statement(content, fit))
    refused(signed, failures.ForgedSignature, "release.sigstore.json")


def test_the_signature_of_another_release(signed: Project) -> None:
    old = signed.bundle.read_bytes()
    (signed.root / "models/voice/model.tflite").write_bytes(b"another model")
    signed.package()
    signed.sign()
    assert verify(signed.release).files == FILE_COUNT
    signed.bundle.write_bytes(old)
    refused(signed, failures.ChangedFile, "manifest.json, voice/model.tflite")


def test_the_signature_of_another_task(signed: Project) -> None:
    old = signed.bundle.read_bytes()
    signed.write("motion")
    signed.package()
    signed.sign()
    signed.bundle.write_bytes(old)
    message = refused(signed, failures.ChangedFile, "manifest.json")
    gone = ("guard.json", "labels.txt", "model.tflite", "payload.bin")
    assert f"missing {', '.join(f'voice/{name}' for name in gone)}" in message


def test_no_signature(signed: Project) -> None:
    signed.bundle.unlink()
    refused(signed, failures.NotSigned, "release.sigstore.json")


def test_no_public_key(signed: Project) -> None:
    signed.public_key.unlink()
    refused(signed, failures.BadKey, "release.pub.pem")


def _without(*keys: str) -> Callable[[dict[str, Any]], None]:
    def remove(content: dict[str, Any]) -> None:
        for name in keys[:-1]:
            content = content[name]
        del content[keys[-1]]

    return remove


@pytest.mark.parametrize(
    "change",
    [
        _without("mediaType"),
        _without("verificationMaterial"),
        _without("verificationMaterial", "publicKey"),
        _without("verificationMaterial", "publicKey", "hint"),
        _without("dsseEnvelope"),
        _without("dsseEnvelope", "payload"),
        _without("dsseEnvelope", "signatures"),
        lambda b: b.update(mediaType="application/vnd.dev.sigstore.bundle.v0.1+json"),
        lambda b: b["dsseEnvelope"].update(payloadType="text/plain"),
        lambda b: b["dsseEnvelope"].update(signatures=[]),
        lambda b: b["dsseEnvelope"].update(signatures=b["dsseEnvelope"]["signatures"] * 2),
        lambda b: b["dsseEnvelope"].update(payload="%%%"),
        lambda b: b["dsseEnvelope"]["signatures"][0].update(sig="%%%"),
        lambda b: b["dsseEnvelope"]["signatures"][0].update(sig=None),
    ],
)
def test_a_bundle_of_another_kind(
    signed: Project, change: Callable[[dict[str, Any]], None]
) -> None:
    edit_bundle(signed, change)
    refused(signed, failures.MalformedSignature, "release.sigstore.json")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b"[" * 100_000, b"x" * (5 << 20)],
    ids=["empty", "brace", "list", "null", "object", "binary", "deep", "huge"],
)
def test_a_garbage_bundle(signed: Project, content: bytes) -> None:
    signed.bundle.write_bytes(content)
    message = refused(signed, failures.MalformedSignature, "release.sigstore.json")
    assert len(message) < 1000


def test_a_bundle_cut_short_anywhere(signed: Project) -> None:
    whole = signed.bundle.read_bytes()
    for length in range(0, len(whole), 97):
        signed.bundle.write_bytes(whole[:length])
        refused(signed, failures.MalformedSignature)


def test_a_bundle_that_is_a_pipe(signed: Project) -> None:
    signed.bundle.unlink()
    os.mkfifo(signed.bundle)
    refused(signed, failures.MalformedSignature, "plain file")


def test_every_flipped_byte_of_the_bundle_is_refused_or_harmless(signed: Project) -> None:
    whole = signed.bundle.read_bytes()
    genuine = json.loads(whole)
    for at in range(0, len(whole), 13):
        signed.bundle.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            verify(signed.release)
        except failures.ReleaseError:
            continue
        # Only what says nothing may change: names of fields that nobody reads.
        changed = json.loads(signed.bundle.read_bytes())
        assert changed["dsseEnvelope"]["payload"] == genuine["dsseEnvelope"]["payload"]
        assert (
            changed["verificationMaterial"]["publicKey"]
            == (genuine["verificationMaterial"]["publicKey"])
        )


def test_a_signature_inside_the_release(signed: Project) -> None:
    inside = signed.release / "release.sigstore.json"
    signed.bundle.rename(inside)
    with pytest.raises(failures.UnsafePath, match="inside the release"):
        verify(signed.release, signature_file=inside)


def _resources(statement: dict[str, Any]) -> Any:
    return statement["predicate"]["resources"]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "voice/../x", "a\\b", "./x", "a//b"])
def test_a_signed_path_that_leads_out(signed: Project, private_key: Path, name: str) -> None:
    def lead_out(statement: dict[str, Any]) -> None:
        _resources(statement)[-1]["name"] = name

    resign(signed, private_key, lead_out)
    refused(signed, failures.UnsafePath, ascii(name))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["predicate"]["serialization"].update(ignore_paths=["extra"]),
        lambda s: s["predicate"]["serialization"].update(allow_symlinks=True),
        lambda s: s["predicate"]["serialization"].update(hash_type="blake2"),
        lambda s: s["predicate"]["serialization"].update(method="shards"),
        lambda s: s.update(predicateType="https://model_signing/Digests/v0.1"),
        lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda s: s.update(subject=[]),
        lambda s: s["subject"][0]["digest"].update(sha256="00" * 32),
        lambda s: _resources(s).clear(),
        lambda s: _resources(s).append(_resources(s)[0]),
        lambda s: _resources(s)[0].update(algorithm="md5"),
        lambda s: s.pop("predicate"),
    ],
)
def test_a_statement_of_another_kind_by_the_right_key(
    signed: Project, private_key: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    resign(signed, private_key, change)
    refused(signed, failures.MalformedSignature, "release.sigstore.json")


def test_a_signed_statement_cannot_list_a_file_twice(signed: Project, private_key: Path) -> None:
    def repeat(statement: dict[str, Any]) -> None:
        _resources(statement).append(_resources(statement)[0])
        statement["subject"][0]["digest"]["sha256"] = root_digest(_resources(statement))

    resign(signed, private_key, repeat)
    refused(signed, failures.MalformedSignature, "lists a file twice")


def test_a_signed_statement_cannot_leave_files_out(signed: Project, private_key: Path) -> None:
    (signed.release / "extra").write_text("x")
    resign(
        signed,
        private_key,
        lambda s: s["predicate"]["serialization"].update(ignore_paths=["extra"]),
    )
    refused(signed, failures.MalformedSignature, "ignore_paths")


def _hide(manifest: dict[str, Any]) -> None:
    """A check that failed, honestly listed, of figures that are still called reliable."""
    check = manifest["tasks"]["voice"]["checks"]["enough_examples"]
    check["passed"] = False
    figures = {name: check[name] for name in ("figure", "relation", "limit")}
    manifest["failed_checks"] = [{"part": "voice", "check": "enough_examples", **figures}]


@pytest.mark.parametrize(
    "change",
    [
        _hide,
        lambda m: m["files"].pop("voice/labels.txt"),
        lambda m: m["files"]["voice/model.tflite"].update(sha256="00" * 32),
        lambda m: m["files"].update({"voice/guard": m["files"]["voice/labels.txt"]}),
        lambda m: m.update(schema_version=1),
        lambda m: m.update(version="1.2"),
        lambda m: m.update(security_counter=-1),
        lambda m: m["documents"].update(checklist="elsewhere.json"),
        lambda m: m["tasks"]["voice"]["checks"]["enough_examples"].update(passed=False),
        lambda m: m.update(assurance="release"),
        lambda m: m.update(unheard_of=1),
        lambda m: m["tasks"]["voice"].update(model="voice/other.tflite"),
        lambda m: m["tasks"]["voice"].update(reliable=False),
        lambda m: m["tasks"].clear(),
        lambda m: m.pop("tasks"),
    ],
)
def test_a_signed_manifest_that_does_not_describe_the_release(
    signed: Project, change: Callable[[dict[str, Any]], Any]
) -> None:
    manifest = json.loads((signed.release / "manifest.json").read_text())
    change(manifest)
    write_json(signed.release / "manifest.json", manifest)
    refused(signed, failures.ChangedFile, "manifest.json")
    signed.sign()
    refused(signed, failures.BadManifest, "manifest.json")


@pytest.mark.parametrize("content", [b"", b"[1]", b"nonsense", b"\xff", b"[" * 100_000])
def test_a_signed_manifest_that_is_none(signed: Project, content: bytes) -> None:
    (signed.release / "manifest.json").write_bytes(content)
    signed.sign()
    refused(signed, failures.BadManifest, "manifest.json")


def test_a_signed_release_without_manifest(signed: Project) -> None:
    (signed.release / "manifest.json").unlink()
    signed.sign()
    refused(signed, failures.BadManifest, "manifest.json")


def test_a_release_that_is_no_folder(signed: Project) -> None:
    for name in ("models/absent", "dvc.yaml"):
        with pytest.raises(PalisadeError, match="not a folder"):
            verify(Path(name))
