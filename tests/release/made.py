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
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from palisade.boot import key as image_key
from palisade.evaluation.full_strength import LEAST
from palisade.files import write_json
from palisade.release import checkout, contents, envelope, key, layout, publish, signature
from palisade.release.reading import canonical_json
from palisade.release.verify import Verdict, verify
from palisade.stage import read_yaml

if TYPE_CHECKING:
    from tests.release.conftest import Project

COMMIT = "5a" * 20


@dataclass(frozen=True)
class Made:
    """A release as ``make release`` leaves it, the keys that signed it, and a policy."""

    folder: Path
    private_key: Path
    image_key: Path
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

    @property
    def images(self) -> Path:
        return self.folder / "release.images"

    @property
    def audits(self) -> Path:
        return self.folder / "release.audits"

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

    def restate(self) -> None:
        """Have the right key state, in the same provenance, what now lies there."""
        content = statement(self.provenance)
        found = layout.subjects(self.release, contents.digests(self.release))
        content["subject"] = [
            {"name": name, "digest": {"sha256": digest}} for name, digest in sorted(found.items())
        ]
        self.sign_text(self.provenance, canonical_json(content))

    def edit_policy(self, **changes: Any) -> None:
        """Change fields of the policy (JSON is YAML)."""
        self.policy.write_text(json.dumps(self.policy_content() | changes))

    def policy_content(self) -> dict[str, Any]:
        """What the policy says."""
        content: dict[str, Any] = json.loads(self.policy.read_text())
        return content


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


def audit(project: Project, task: str) -> None:
    """What ``make audit`` would have written of the packaged model."""
    digests = {
        f"{part}_sha256": contents.sha256(project.release / task / file)
        for part, file in (("model", "model.tflite"), ("guard", "guard.json"))
    }
    found = {"worst_case_accuracy": 0.73, "accepted_and_wrong": 0.235}
    default = {"steps": 50, "restarts": 4, "targets": 3, "queries": 300}
    made = json.loads((project.release / "manifest.json").read_text())["tasks"][task]
    _, reference, _ = made["worst_case"]["int8"]["all"]
    content = {"budget": reference, "audit": {**found, **LEAST}, "default": default, **digests}
    write_json(project.root / f"metrics/{task}/audit.json", content)


def finish(project: Project, task: str, *, version: str = "1.2.0", counter: int = 5) -> None:
    """Package a project's release of a task, with all that a gate asks for."""
    cost = {f"metrics/{task}/cost.json": b'{"within_limits": true}'}
    project.write(task, extra=cost)
    project.params([task], version=version, security_counter=counter)
    project.package()
    audit(project, task)


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


def write_policy(
    folder: Path,
    keys: Mapping[str, key.PublicKey],
    image_keys: Mapping[str, image_key.PublicKey] = {},
    **changes: Any,
) -> Path:
    """A policy that trusts some keys for releases and images, as JSON, which is YAML."""

    def listed(some: Mapping[str, PublicKeyTypes]) -> list[dict[str, str]]:
        for name, public in some.items():
            (folder / name).write_bytes(key.public_pem(public))
        return [
            {"fingerprint": key.fingerprint(public), "public_key": name, "assurance": "release"}
            for name, public in some.items()
        ]

    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "schema_version": 2,
        "accepted_modes": ["key"],
        "keys": listed(keys),
        "image_keys": listed(image_keys),
        "identities": [],
        "trusted_root": None,
        "tasks": ["voice"],
        "require_provenance": True,
        "least_version": "1.0.0",
        "least_security_counter": 5,
        "required_lines": [],
        "expires_on": None,
    }
    (folder / "policy.yaml").write_text(json.dumps(content | changes))
    return folder / "policy.yaml"
