"""Keyless signing for real: against a Sigstore instance on loopback, by the code that CI runs.

The instance (keyless/server.js) is a mock that believes any token, so what is tested is our
client and our verifier, not how an identity is proved. It needs Node and npm.
"""

from __future__ import annotations

import base64
import copy
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from model_signing import hashing, verifying

from palisade.boot import key as image_key
from palisade.commands.main import main
from palisade.release import checkout, failures, key, keyless
from palisade.release.failures import (
    ChangedFile,
    DevelopmentSignature,
    ForgedSignature,
    MalformedSignature,
    NotTrusted,
    WrongIdentity,
    WrongProvenance,
)
from palisade.release.reading import canonical_json
from palisade.release.verify import verify
from tests.release.conftest import Project
from tests.release.made import (
    COMMIT,
    Made,
    finish,
    publish_from,
    source,
    statement,
    write_policy,
)

HERE = Path(__file__).parent / "keyless"
ISSUER = "https://token.actions.githubusercontent.com"
REPOSITORY = "https://github.com/example/door"
WORKFLOW = f"{REPOSITORY}/.github/workflows/release.yml@refs/heads/main"
CLAIMS = {"iss": ISSUER, "sub": WORKFLOW, "repository": "example/door", "sha": COMMIT}
INSTALL_S, START_S = 300, 60


@dataclass(frozen=True)
class Sigstore:
    """The instance: how to reach it, and a certificate of another one."""

    config: dict[str, Any]
    stranger: str
    file: Path

    def token_of(self, **claims: str) -> dict[str, str]:
        """The environment of a CI's job with these claims in its token."""
        url = self.config["signingConfig"]["caUrls"][0]["url"]
        text = base64.urlsafe_b64encode(json.dumps(CLAIMS | claims).encode()).decode()
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-secret",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/token?claims={text.rstrip('=')}&seal=c2VhbA",
        }


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sigstore]:
    folder = tmp_path_factory.mktemp("sigstore")
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not there")
    for name in ("package.json", "package-lock.json", ".npmrc", "server.js"):
        shutil.copy(HERE / name, folder)
    try:
        install = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install the mock within {INSTALL_S} s")
    if install.returncode:
        pytest.skip(f"npm cannot install the mock: {install.stderr.strip()[-200:]}")
    with subprocess.Popen(
        ["node", "server.js"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        made = json.loads(server.stdout.readline())
        (folder / "instance.json").write_text(json.dumps(made["config"]))
        yield Sigstore(made["config"], made["stranger"], folder / "instance.json")
        server.communicate(timeout=START_S)  # it ends with its standard input


def released(
    sigstore: Sigstore, project: Project, output: Path, images_by: Path, **claims: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sigstore.token_of(**claims).items():
            patch.setenv(name, value)
        patch.setenv(key.VARIABLE, "/nowhere/key.pem")  # no key but that of images is asked for
        patch.setenv(image_key.VARIABLE, str(images_by))
        publish_from(project, output, "keyless-ambient", sigstore.file)


@dataclass(frozen=True)
class World:
    """Two releases that were signed in CI: one, and one of before."""

    sigstore: Sigstore
    made: Made
    older: Made


@pytest.fixture(scope="module")
def template(sigstore: Sigstore, tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("keyless")
    images_by = root / "image.pem"
    policy = write_policy(
        root / "trust",
        {},
        {"images.pub.pem": image_key.create(images_by).public_key()},
        accepted_modes=["keyless"],
        trusted_root="root.json",
        identities=[{"issuer": ISSUER, "identity": WORKFLOW, "repository": REPOSITORY}],
    )
    (policy.parent / "root.json").write_text(json.dumps(sigstore.config["trustedRoot"]))
    project = Project(root / "project")
    project.root.mkdir()
    finish(project, "voice")
    released(sigstore, project, root / "made", images_by)
    finish(project, "voice", version="1.0.0")
    released(sigstore, project, root / "older", images_by)
    made, older = (
        Made(root / name, root / "none.pem", images_by, policy) for name in ("made", "older")
    )
    return World(sigstore, made, older)


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    shutil.copytree(template.made.folder, tmp_path / "made")
    shutil.copytree(template.made.policy.parent, tmp_path / "trust")
    policy = tmp_path / "trust/policy.yaml"
    made = replace(template.made, folder=tmp_path / "made", policy=policy)
    return World(template.sigstore, made, template.older)


def test_a_workflow_signs_and_a_gateway_verifies_offline(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("verify asked the network")

    monkeypatch.setattr("socket.socket.connect", no_network)
    arguments = [str(world.made.release), "--policy", str(world.made.policy), "--release-gate"]
    assert main(["verify", *arguments]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("TRUSTED: ") and f"{WORKFLOW} signed" in said.out
    assert f"names commit {COMMIT}" in said.out and "it passes the release gate" in said.out
    made = statement(world.made.provenance)
    assert made["predicate"]["runDetails"]["builder"]["id"] == WORKFLOW
    assert not (world.made.folder / "release.pub.pem").exists()


def test_the_library_of_model_signing_agrees(world: World) -> None:
    config = hashing.Config().set_ignored_paths(paths=[], ignore_git_paths=False)
    verifying.Config().set_hashing_config(config).use_sigstore_verifier(
        identity=WORKFLOW, oidc_issuer=ISSUER, trust_config=world.sigstore.file
    ).verify(world.made.release, world.made.signature)


def identity(**changes: str | None) -> Callable[[World], object]:
    right = {"issuer": ISSUER, "identity": WORKFLOW, "repository": REPOSITORY}
    return lambda world: world.made.edit_policy(identities=[right | changes])


def edit(which: str, change: Callable[[Any], object]) -> Callable[[World], object]:
    def attack(world: World) -> None:
        file = getattr(world.made, which)
        content = json.loads(file.read_bytes())
        change(content)
        file.write_text(json.dumps(content))

    return attack


def tampered_payload(content: Any) -> None:
    envelope = content["dsseEnvelope"]
    said = json.loads(base64.b64decode(envelope["payload"]))
    said["predicate"]["resources"][0]["digest"] = "0" * 64
    envelope["payload"] = base64.b64encode(canonical_json(said)).decode()


def of_another_log(content: Any) -> None:
    entry = content["verificationMaterial"]["tlogEntries"][0]
    entry["logIndex"] = str(int(entry["logIndex"]) + 1)


def later(content: Any) -> None:
    """As if the log had seen it an hour later, when the certificate had expired."""
    entry = content["verificationMaterial"]["tlogEntries"][0]
    entry["integratedTime"] = str(int(entry["integratedTime"]) + 3600)


def replay(which: str, of: str) -> Callable[[World], object]:
    return lambda world: shutil.copy(getattr(getattr(world, of), which), getattr(world.made, which))


def of_another_commit(world: World) -> None:
    """The right workflow states, and signs, that it built another commit than it ran."""
    said = statement(world.made.provenance)
    source_ = said["predicate"]["buildDefinition"]["resolvedDependencies"][0]
    source_["digest"]["gitCommit"] = "6b" * 20
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.sigstore.token_of().items():
            patch.setenv(name, value)
        signer = keyless.Signer(keyless.instance(world.sigstore.file), keyless.ambient())
        world.made.provenance.write_bytes(signer.sign(canonical_json(said)))


def entry_of_another(world: World) -> None:
    """The log entry of another genuine signature."""
    content = json.loads(world.made.signature.read_bytes())
    other = json.loads(world.older.signature.read_bytes())
    for name in ("certificate", "tlogEntries"):
        content["verificationMaterial"][name] = other["verificationMaterial"][name]
    world.made.signature.write_text(json.dumps(content))


def another_root(part: str) -> Callable[[World], object]:
    def attack(world: World) -> None:
        root = copy.deepcopy(world.sigstore.config["trustedRoot"])
        if part == "authority":
            chain = root["certificateAuthorities"][0]["certChain"]["certificates"]
            chain[0]["rawBytes"] = world.sigstore.stranger
        else:
            root["tlogs"][0]["publicKey"] = root["ctlogs"][0]["publicKey"]
        (world.made.policy.parent / "root.json").write_text(json.dumps(root))

    return attack


ATTACKS: list[tuple[str, Callable[[World], object], type[failures.ReleaseError], str]] = [
    ("identity", identity(identity=WORKFLOW + "x"), WrongIdentity, "the identity differs"),
    ("issuer", identity(issuer="https://example.org"), WrongIdentity, "the issuer differs"),
    ("repository", identity(repository=REPOSITORY + "s"), WrongIdentity, "repository differs"),
    ("nobody", lambda w: w.made.edit_policy(identities=[]), WrongIdentity, "does not name"),
    ("payload", edit("signature", tampered_payload), ForgedSignature, "does not hold"),
    ("replayed bundle", replay("signature", "older"), ChangedFile, "manifest.json"),
    ("replayed provenance", replay("provenance", "older"), WrongProvenance, "another release"),
    ("log entry", edit("signature", of_another_log), ForgedSignature, "log entry"),
    ("log entry of another", entry_of_another, ForgedSignature, "does not hold"),
    ("expired certificate", edit("signature", later), NotTrusted, "not valid when it signed"),
    ("another authority", another_root("authority"), NotTrusted, "did not issue"),
    ("another log", another_root("log"), ForgedSignature, "log entry"),
    ("commit", of_another_commit, WrongProvenance, f"its signer ran {COMMIT}"),
    (
        "public root",
        lambda w: w.made.edit_policy(trusted_root="sigstore"),
        NotTrusted,
        "did not issue",
    ),
    ("mode", lambda w: w.made.edit_policy(accepted_modes=["key"]), NotTrusted, "mode keyless"),
    (
        "no log entry",
        edit("signature", lambda b: b["verificationMaterial"].update(tlogEntries=[])),
        MalformedSignature,
        "log entry",
    ),
]


@pytest.mark.parametrize(
    ("attack", "kind", "naming"), [pytest.param(*row[1:], id=row[0]) for row in ATTACKS]
)
def test_attack_on_an_identity(
    world: World,
    attack: Callable[[World], object],
    kind: type[failures.ReleaseError],
    naming: str,
) -> None:
    attack(world)
    with pytest.raises(failures.ReleaseError) as caught:
        world.made.verify()
    assert type(caught.value) is kind, str(caught.value)
    assert naming in str(caught.value) and "\n" not in str(caught.value)


def test_without_a_policy_an_identity_is_no_key(world: World, tmp_path: Path) -> None:
    other = key.create(tmp_path / "key.pem").public_key()
    (tmp_path / "other.pub.pem").write_bytes(key.public_pem(other))
    with pytest.raises(NotTrusted, match="made by an identity"):
        verify(world.made.release, public_key=tmp_path / "other.pub.pem")


def test_flipped_bytes_of_a_keyless_bundle_are_refused_or_harmless(world: World) -> None:
    whole = world.made.signature.read_bytes()
    genuine = json.loads(whole)["dsseEnvelope"]["payload"]
    for at in range(0, len(whole), 149):
        world.made.signature.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            world.made.verify()
        except failures.ReleaseError:
            continue
        changed = json.loads(world.made.signature.read_bytes())
        assert changed["dsseEnvelope"]["payload"] == genuine


def test_a_person_may_not_claim_the_workflow(
    sigstore: Sigstore, world: World, project: Project, tmp_path: Path
) -> None:
    finish(project, "voice")
    mallory = "https://github.com/login/mallory"
    released(sigstore, project, tmp_path / "other", world.made.image_key, sub=mallory)
    other = replace(world.made, folder=tmp_path / "other")
    with pytest.raises(WrongIdentity, match="mallory"):
        other.verify()


def test_the_gate_needs_a_policy(world: World) -> None:
    with pytest.raises((DevelopmentSignature, failures.BadKey)):
        verify(world.made.release, release_gate=True)


def test_a_service_that_refuses_is_one_line(
    sigstore: Sigstore, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(project, "voice")
    broken = copy.deepcopy(sigstore.config)
    broken["signingConfig"]["caUrls"][0]["url"] = "http://127.0.0.1:9"
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    monkeypatch.setattr(checkout, "read", source)
    image_key.create(tmp_path / "image.pem")
    monkeypatch.setenv(image_key.VARIABLE, str(tmp_path / "image.pem"))
    for name, value in sigstore.token_of().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(failures.SigningFailed) as caught:
        publish_from(project, tmp_path / "out", "keyless-ambient", tmp_path / "broken.json")
    assert "\n" not in str(caught.value) and "c2VhbA" not in str(caught.value)
    assert not (tmp_path / "out").exists()
