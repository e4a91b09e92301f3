"""Finished releases for tests: made by the library from fake models, and what a policy says."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from palisade.files import write_json
from palisade.release import checkout, contents, envelope, key, publish, signature
from palisade.release.verify import Verdict, verify
from palisade.stage import read_yaml

if TYPE_CHECKING:
    from tests.release.conftest import Project

COMMIT = "5a" * 20
CHECKLIST = [
    {"name": "threat model", "status": "pass"},
    {"name": "signed", "status": "verify", "verify": "signature_is_trusted"},
    {"name": "provenance", "status": "verify", "verify": "provenance_is_signed"},
]


@dataclass(frozen=True)
class Made:
    """A release as ``make release`` leaves it, the key that signed it, and a policy."""

    folder: Path
    private_key: Path
    policy: Path

    @property
    def release(self) -> Path:
        return self.folder / "release"

    @property
    def signature(self) -> Path:
        return self.folder / "release.sigstore.json"

    @property
    def provenance(self) -> Path:
        return self.folder / "release.provenance.sigstore.json"

    def verify(self, *, release_gate: bool = True) -> Verdict:
        """What a gateway does."""
        return verify(self.release, policy_file=self.policy, release_gate=release_gate)

    def resign(self, private_key: Path | None = None) -> None:
        """Sign what the folder holds now, by the right key or another."""
        signature.sign(self.release, self.signature, private_key=private_key or self.private_key)

    def sign_text(self, file: Path, text: bytes, private_key: Path | None = None) -> None:
        """Let a key sign any text as a statement."""
        private = key.load_private(private_key or self.private_key)
        file.write_bytes(envelope.sign(text, private))

    def edit_policy(self, **changes: Any) -> None:
        """Change fields of the policy (JSON is YAML)."""
        self.policy.write_text(json.dumps(json.loads(self.policy.read_text()) | changes))


def statement(bundle: Path) -> Any:
    """The statement in a bundle, parsed."""
    return json.loads(base64.b64decode(json.loads(bundle.read_bytes())["dsseEnvelope"]["payload"]))


def amend(release: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest, which then still describes the folder."""
    file = release / "manifest.json"
    content = json.loads(file.read_bytes())
    change(content)
    digests = {name: it for name, it in contents.digests(release).items() if name != file.name}
    content["files"] = {
        name: {"sha256": digest, "length_bytes": (release / name).stat().st_size}
        for name, digest in digests.items()
    }
    write_json(file, content)


def audit(content: dict[str, Any]) -> None:
    """Give every task an audit of its model and guard, with the fields that the gate reads."""
    for name, task in content["tasks"].items():
        files = {"model": task["model"], "guard": f"{name}/guard.json"}
        task["metrics"]["audit"] = {
            "default_battery_is_strong_enough": True,
            **{f"{part}_sha256": content["files"][file]["sha256"] for part, file in files.items()},
        }


def finish(project: Project, *, version: str = "1.2.0", security_counter: int = 5) -> None:
    """Package a project's release, with all that a gate asks for."""
    project.package()
    write_json(project.release / "checklist.json", {"schema_version": 1, "lines": CHECKLIST})

    def fill(content: dict[str, Any]) -> None:
        content.update(version=version, security_counter=security_counter)
        content.setdefault("documents", {})["checklist"] = "checklist.json"
        audit(content)

    amend(project.release, fill)


def source(root: Path, commit: str = COMMIT) -> checkout.Source:
    """What a clean checkout would say of itself."""
    return checkout.Source(
        commit=commit,
        repository="https://github.com/example/door",
        params=read_yaml(root / "params.yaml"),
        lock_sha256=hashlib.sha256(b"lock").hexdigest(),
        data={"data/raw/voice": "d41d8cd98f00b204e9800998ecf8427e.dir"},
        release_md5="0cc175b9c0f1b6a831c399e269772661.dir",
    )


def publish_from(
    project: Project,
    output: Path,
    mode: publish.Mode = "key",
    instance: Path | None = None,
    commit: str = COMMIT,
) -> str:
    """``make release`` of a project that is taken to be clean."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkout, "read", lambda root: source(root, commit))
        return publish.make(project.root, output, mode=mode, instance_file=instance)


def write_policy(folder: Path, keys: Mapping[str, key.PublicKey], **changes: Any) -> Path:
    """A policy that trusts some keys for releases, as JSON, which is YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, public in keys.items():
        (folder / name).write_bytes(key.public_pem(public))
    content = {
        "schema_version": 2,
        "accepted_modes": ["key"],
        "keys": [
            {
                "fingerprint": key.fingerprint(public),
                "public_key": name,
                "assurance": "release",
            }
            for name, public in keys.items()
        ],
        "identities": [],
        "trusted_root": None,
        "tasks": ["voice"],
        "require_provenance": True,
        "least_version": "1.0.0",
        "least_security_counter": 5,
        "expires_on": None,
    }
    (folder / "policy.yaml").write_text(json.dumps(content | changes))
    return folder / "policy.yaml"
