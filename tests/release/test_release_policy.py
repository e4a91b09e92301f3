"""Only the policy confers trust, and a policy with a mistake in it trusts nobody."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from palisade.release import bundle, key, policy
from palisade.release.failures import BadPolicy, ForgedSignature, NotTrusted
from palisade.release.verify import verify

if TYPE_CHECKING:
    from tests.release.conftest import Project

SAMPLE = Path(__file__).parents[2] / "trust/policy.yaml"
ZEROS = "sha256:" + "0" * 64


def write(folder: Path, public: key.PublicKey, **changes: str) -> Path:
    """A policy that trusts one key, and that key's file."""
    folder.mkdir(exist_ok=True)
    (folder / "door.pub.pem").write_bytes(key.public_pem(public))
    values = {
        "schema_version": "2",
        "modes": "[key]",
        "identities": "[]",
        "root": "null",
        "images": "[]",
        "tasks": "null",
        "provenance": "false",
        "version": "0.0.0",
        "counter": "0",
        "expires": "null",
        "fingerprint": key.fingerprint(public),
        "public_key": "door.pub.pem",
        "more": "",
    } | changes
    path = folder / "policy.yaml"
    path.write_text(
        "schema_version: {schema_version}\naccepted_modes: {modes}\nidentities: {identities}\n"
        "trusted_root: {root}\nimage_keys: {images}\nrequired_lines: []\n"
        "require_provenance: {provenance}\ntasks: {tasks}\nleast_version: {version}\n"
        "least_security_counter: {counter}\nexpires_on: {expires}\nkeys:\n"
        "  - fingerprint: {fingerprint}\n    public_key: {public_key}\n"
        "    assurance: development\n{more}\n".format(**values)
    )
    return path


@pytest.fixture
def public(signed: Project) -> key.PublicKey:
    return key.load_public(signed.public_key)


def test_a_named_key_is_trusted(signed: Project, public: key.PublicKey, tmp_path: Path) -> None:
    rules = write(tmp_path / "trust", public)
    signed.public_key.unlink()  # what comes with the release is not asked
    verdict = verify(signed.release, policy_file=rules)
    assert verdict.signer.trusted_by == str(tmp_path / "trust/door.pub.pem")
    assert verdict.signer.name == key.fingerprint(public)


def test_the_right_key_is_found_among_many(
    signed: Project, public: key.PublicKey, tmp_path: Path
) -> None:
    other = key.create(tmp_path / "other.pem").public_key()
    rules = write(tmp_path / "trust", other)
    (tmp_path / "trust/right.pub.pem").write_bytes(key.public_pem(public))
    rules.write_text(
        rules.read_text()
        + f"  - fingerprint: {key.fingerprint(public)}\n    public_key: right.pub.pem\n"
        "    assurance: release\n"
    )
    signer = verify(signed.release, policy_file=rules).signer
    assert signer.trusted_by == str(tmp_path / "trust/right.pub.pem")
    assert signer.assurance == "release"


def test_the_sample_policy_refuses_development_signatures(signed: Project) -> None:
    assert policy.load(SAMPLE).content.keys == policy.load(SAMPLE).content.identities == []
    with pytest.raises(NotTrusted, match="release.sigstore.json is a development signature"):
        verify(signed.release, policy_file=SAMPLE)


def test_another_key_is_not_trusted(signed: Project, tmp_path: Path) -> None:
    other = key.create(tmp_path / "other.pem").public_key()
    with pytest.raises(NotTrusted, match="does not name"):
        verify(signed.release, policy_file=write(tmp_path / "trust", other))


def test_claiming_a_trusted_key_is_not_enough(signed: Project, tmp_path: Path) -> None:
    other = key.create(tmp_path / "other.pem").public_key()
    claimed = bundle.read(signed.bundle).hint
    signed.bundle.write_text(signed.bundle.read_text().replace(claimed, key.hint(other)))
    with pytest.raises(ForgedSignature):
        verify(signed.release, policy_file=write(tmp_path / "trust", other))


def test_a_mode_that_is_not_accepted(
    signed: Project, public: key.PublicKey, tmp_path: Path
) -> None:
    with pytest.raises(NotTrusted, match="does not accept signatures of mode key"):
        verify(signed.release, policy_file=write(tmp_path / "trust", public, modes="[]"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"more": "trust_all: true"}, "trust_all is unknown"),
        ({"more": "    comment: mine"}, "keys.0.comment is unknown"),
        ({"schema_version": "1"}, "schema_version"),
        ({"schema_version": "'2'"}, "schema_version"),
        ({"modes": "[any]"}, "accepted_modes.0 is 'any'"),
        ({"modes": "[keyless]"}, "keyless needs a trusted_root"),
        ({"modes": "[keyless]", "root": "door.pub.pem"}, "door.pub.pem, which is none"),
        ({"modes": "[keyless]", "root": "absent.json"}, "absent.json, which is none"),
        ({"modes": "[keyless]", "root": "../x.json"}, "keep it in the policy's folder"),
        ({"identities": "[{issuer: 'https://a', identity: 'b'}]"}, "identities.0.repository"),
        (
            {"identities": "[{issuer: 'https://a', identity: '*', repository: null}]"},
            "no wildcards",
        ),
        (
            {"identities": "[{issuer: 'http://a', identity: 'b', repository: null}]"},
            "identities.0.issuer",
        ),
        ({"tasks": "voice"}, "tasks is 'voice'"),
        ({"provenance": "'yes'"}, "require_provenance"),
        ({"version": "'1.0'"}, "least_version"),
        ({"counter": "-1"}, "least_security_counter is -1"),
        ({"counter": "4294967296"}, "least_security_counter"),
        ({"expires": "2020-01-31"}, "expired on 2020-01-31"),
        ({"expires": "soon"}, "expires_on is 'soon'"),
        ({"modes": "key"}, "accepted_modes"),
        ({"fingerprint": "sha256:12"}, "keys.0.fingerprint is 'sha256:12'"),
        ({"fingerprint": ZEROS.upper()}, "keys.0.fingerprint"),
        ({"fingerprint": ZEROS}, "gives door.pub.pem the fingerprint"),
        ({"public_key": "absent.pem"}, "no key at .*absent.pem"),
        ({"public_key": "policy.yaml"}, "policy.yaml is not a public key"),
        ({"public_key": "../project/models/release.pub.pem"}, "keep it in the policy's folder"),
        ({"public_key": "/etc/passwd"}, "keep it in the policy's folder"),
        ({"more": "keys: []"}, "not valid YAML"),
        ({"more": "]"}, "not valid YAML"),
    ],
)
def test_a_policy_with_a_mistake(
    signed: Project, public: key.PublicKey, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    rules = write(tmp_path / "trust", public, **changes)
    with pytest.raises(BadPolicy, match=reason) as caught:
        verify(signed.release, policy_file=rules)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe\x00", b"keys: []"])
def test_a_policy_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "policy.yaml").write_bytes(content)
    with pytest.raises(BadPolicy, match=r"policy\.yaml"):
        policy.load(tmp_path / "policy.yaml")


def test_a_policy_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "policy.yaml")
    with pytest.raises(BadPolicy, match="not a plain file"):
        policy.load(tmp_path / "policy.yaml")


def test_a_policy_nested_without_end(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("[" * 3000)
    with pytest.raises(BadPolicy, match=r"nested too deeply|cannot be read|is no"):
        policy.load(tmp_path / "policy.yaml")


def test_a_missing_policy(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(BadPolicy):
            policy.load(path)
