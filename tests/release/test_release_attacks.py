"""The table of attacks on a release: each is refused, and for the reason that is meant for it.

An attacker may swap any file beside or in the release, replay what was signed before, hold keys
that the policy does not name, and even have the right key sign what it should not. What else can
be done to a device (an update that is interrupted or tampered with in flight, other tokens) stands
in tests/boot and tests/attestation.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from palisade.attestation.failures import ReplayedNonce, WrongMeasurement
from palisade.attestation.simulated import Attester
from palisade.attestation.verifier import Verifier
from palisade.boot import images, model_manifest, released
from palisade.boot import key as image_key
from palisade.boot.failures import (
    BadMagic,
    CounterTooLow,
    HashMismatch,
    TrailingBytes,
    Truncated,
    WrongImageKey,
    WrongImages,
    WrongManifest,
)
from palisade.boot.flash import Flash
from palisade.boot.simulated import Device, Identity
from palisade.evaluation.full_strength import LEAST
from palisade.refusal import Refusal
from palisade.release import audits, contents, failures, key
from palisade.release.failures import (
    BadManifest,
    BadPolicy,
    ChangedFile,
    DevelopmentSignature,
    FailedChecks,
    ForgedSignature,
    MalformedSignature,
    MissingFile,
    NoAudit,
    NoProvenance,
    NotSigned,
    NotTrusted,
    OldRelease,
    StaleAudit,
    TooLarge,
    UnsafePath,
    UnsignedFile,
    WrongProvenance,
    WrongTasks,
)
from palisade.release.provenance import LOCAL_BUILDER
from palisade.release.reading import canonical_json
from tests.boot import making
from tests.release.conftest import Project
from tests.release.made import Made, amend, finish, publish_from, statement, write_policy

MODEL = "voice/model.tflite"
PARTS = ("manifest.json", "checklist.json", "voice/guard.json", "voice/labels.txt", MODEL)
GIBIBYTE = 1 << 30


@dataclass(frozen=True)
class World:
    """A release, and what else an attacker has at hand.

    Attributes:
        made: the release under attack.
        older: a genuine release of before, by the same keys.
        motion: a genuine release of another task, by the same keys.
        stranger: a private key that no policy names.
        second: a private key that the policy names too.
        image_stranger: a private key of images that no policy names.
    """

    made: Made
    older: Made
    motion: Made
    stranger: Path
    second: Path
    image_stranger: Path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("attacks")
    names = ("right", "second", "stranger")
    public = {name: key.create(root / f"{name}.pem").public_key() for name in names}
    trusted = {f"{name}.pub.pem": public[name] for name in ("right", "second")}
    images = {name: image_key.create(root / f"{name}.pem") for name in ("image", "image_stranger")}
    policy = write_policy(root / "trust", trusted, {"image.pub.pem": images["image"].public_key()})

    def release(name: str, task: str, **fields: Any) -> Made:
        project = Project(root / f"project-{name}")
        project.root.mkdir()
        finish(project, task, **fields)
        publish_from(project, root / name)
        return Made(root / name, root / "right.pem", root / "image.pem", policy)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(key.VARIABLE, str(root / "right.pem"))
        patch.setenv(image_key.VARIABLE, str(root / "image.pem"))
        return World(
            made=release("made", "voice"),
            older=release("older", "voice", version="1.1.0", counter=4),
            motion=release("motion", "motion"),
            stranger=root / "stranger.pem",
            second=root / "second.pem",
            image_stranger=root / "image_stranger.pem",
        )


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    """The same, to be spoilt."""
    shutil.copytree(template.made.folder, tmp_path / "made")
    shutil.copytree(template.made.policy.parent, tmp_path / "trust")
    policy = tmp_path / "trust/policy.yaml"
    made = replace(template.made, folder=tmp_path / "made", policy=policy)
    return replace(template, made=made)


Attack = Callable[[World], object]


def flip(file: Callable[[Made], Path], at: int = 40) -> Attack:
    def attack(world: World) -> None:
        path = file(world.made)
        content = bytearray(path.read_bytes())
        content[at % len(content)] ^= 1
        path.write_bytes(content)

    return attack


def write(name: str, content: bytes) -> Attack:
    return lambda world: (world.made.release / name).write_bytes(content)


def huge(name: str) -> Attack:
    """A sparse file: it takes no disk, and a gibibyte to read."""
    return lambda world: os.truncate((world.made.release / name), GIBIBYTE)


def link(name: str, target: str) -> Attack:
    def attack(world: World) -> None:
        (world.made.release / name).unlink(missing_ok=True)
        (world.made.release / name).symlink_to(target)

    return attack


def edit(
    file: Callable[[Made], Path], change: Callable[[Any], object], *, signed: bool = False
) -> Attack:
    """Change the JSON of a file; an insider then has the right key sign the folder again."""

    def attack(world: World) -> None:
        content = json.loads(file(world.made).read_bytes())
        change(content)
        file(world.made).write_text(json.dumps(content))
        if signed:
            world.made.resign()

    return attack


def restate(change: Callable[[Any], object], which: str = "provenance") -> Attack:
    """Have the right key sign another statement."""

    def attack(world: World) -> None:
        file = getattr(world.made, which)
        content = statement(file)
        change(content)
        world.made.sign_text(file, canonical_json(content))

    return attack


def resay(change: Callable[[bytes], bytes], which: str = "provenance") -> Attack:
    """Have the right key sign another text of a statement."""

    def attack(world: World) -> None:
        file = getattr(world.made, which)
        world.made.sign_text(file, change(canonical_json(statement(file))))

    return attack


def replay(which: str, of: str) -> Attack:
    """Put a genuine signature of another release in the place of this one's."""
    return lambda world: shutil.copy(getattr(getattr(world, of), which), getattr(world.made, which))


def whole(of: str) -> Attack:
    """Put another genuine release, with all that belongs to it, in the place of this one."""

    def attack(world: World) -> None:
        shutil.rmtree(world.made.folder)
        shutil.copytree(getattr(world, of).folder, world.made.folder)

    return attack


def policy(**changes: Any) -> Attack:
    return lambda world: world.made.edit_policy(**changes)


def remake(change: Callable[[dict[str, Any]], object]) -> Attack:
    """A release with another manifest, signed and stated as the right key's owner would."""

    def attack(world: World) -> None:
        amend(world.made.release, change)
        world.made.resign()
        world.made.restate()

    return attack


def stated(attack: Attack) -> Attack:
    """An attack beside the release, which the right key's owner then states."""
    return lambda world: (attack(world), world.made.restate())


def forge(content: Any) -> None:
    """Flip the last bit of a signature; a bit of its base64 might be no base64 any more."""
    (one,) = content["dsseEnvelope"]["signatures"]
    raw = bytearray(base64.b64decode(one["sig"]))
    raw[-1] ^= 1
    one["sig"] = base64.b64encode(raw).decode()


def unstated(world: World) -> None:
    """A release without a provenance, for a gateway whose policy asks for none."""
    world.made.provenance.unlink()
    world.made.edit_policy(require_provenance=False)


def by_stranger(world: World) -> None:
    world.made.resign(world.stranger)


def claiming(world: World) -> None:
    """A stranger's signature that names the right key as its maker."""
    world.made.resign(world.stranger)
    content = json.loads(world.made.signature.read_bytes())
    right = key.load_private(world.made.private_key).public_key()
    content["verificationMaterial"]["publicKey"]["hint"] = key.hint(right)
    world.made.signature.write_text(json.dumps(content))


def fit_statement(world: World) -> None:
    """Change a model, and edit the statement to match without a key."""
    flip(lambda made: made.release / MODEL)(world)
    digest = contents.sha256(world.made.release / MODEL)
    content = json.loads(world.made.signature.read_bytes())
    said = statement(world.made.signature)
    next(r for r in said["predicate"]["resources"] if r["name"] == MODEL)["digest"] = digest
    payload = base64.b64encode(json.dumps(said).encode()).decode()
    content["dsseEnvelope"]["payload"] = payload
    world.made.signature.write_text(json.dumps(content))


def swapped_task(world: World) -> None:
    """Another task's model, with its own valid signature, under the name of this task's."""
    shutil.copy(world.motion.release / "motion/model.tflite", world.made.release / MODEL)
    shutil.copy(world.motion.signature, world.made.signature)


def as_keyless(world: World) -> None:
    """A key's signature dressed as an identity's."""
    content = json.loads(world.made.signature.read_bytes())
    del content["verificationMaterial"]["publicKey"]
    content["verificationMaterial"]["certificate"] = {"rawBytes": "AAAA"}
    world.made.signature.write_text(json.dumps(content))


def unsigned_provenance(world: World) -> None:
    content = json.loads(world.made.provenance.read_bytes())
    content["dsseEnvelope"]["signatures"] = []
    world.made.provenance.write_text(json.dumps(content))


def provenance_of_stranger(world: World) -> None:
    text = canonical_json(statement(world.made.provenance))
    world.made.sign_text(world.made.provenance, text, world.stranger)


def provenance_of_second(world: World) -> None:
    text = canonical_json(statement(world.made.provenance))
    world.made.sign_text(world.made.provenance, text, world.second)


def twice(text: bytes) -> bytes:
    return text.replace(b'"_type":', b'"_type":"x","_type":', 1)


def manifest_with_a_key_twice(world: World) -> None:
    file = world.made.release / "manifest.json"
    file.write_text(file.read_text().replace("{", '{"reliable": false,', 1))
    world.made.resign()


def policy_text(old: str, new: str) -> Attack:
    return lambda world: world.made.policy.write_text(
        world.made.policy.read_text().replace(old, new, 1)
    )


def swap_trusted_key(world: World) -> None:
    public = key.load_private(world.stranger).public_key()
    (world.made.policy.parent / "right.pub.pem").write_bytes(key.public_pem(public))


def for_development(content: Any) -> None:
    for one in content["keys"]:
        one["assurance"] = "development"


def failed_check(world: World) -> None:
    """A release whose maker says that a check failed, and signs it."""

    def change(content: dict[str, Any]) -> None:
        task = content["tasks"]["voice"]
        check = task["checks"]["enough_examples"]
        check["passed"] = task["reliable"] = content["reliable"] = False
        figures = {name: check[name] for name in ("figure", "relation", "limit")}
        content["failed_checks"] = [{"part": "voice", "check": "enough_examples", **figures}]

    remake(change)(world)


def release_file(name: str) -> Callable[[Made], Path]:
    return lambda made: made.release / name


def signature_file(made: Made) -> Path:
    return made.signature


def provenance_file(made: Made) -> Path:
    return made.provenance


def manifest_file(made: Made) -> Path:
    return made.release / "manifest.json"


def remake_checklist(name: str, **changes: Any) -> Attack:
    """A line of the checklist says something else, in a release that is signed."""

    def change(content: Any) -> None:
        (line,) = (line for line in content["lines"] if line["name"] == name)
        line.update(changes)

    return lambda world: (
        edit(release_file("checklist.json"), change)(world),
        remake(lambda content: None)(world),
    )


HELD = audits.HELD
AUDITED = {"worst_case_accuracy": 0.73, "accepted_and_wrong": 0.235, **LEAST}


def audit_file(made: Made) -> Path:
    return made.audits / "voice.json"


def reaudit(**changes: Any) -> Attack:
    return stated(edit(audit_file, lambda content: content.update(changes)))


IMAGE = "voice.mcuboot.bin"


def image_file(made: Made) -> Path:
    return made.images / IMAGE


def image_from(of: str, task: str = "voice") -> Attack:
    """A genuine image of another release, signed by the right key, in the place of this one's."""
    return lambda world: shutil.copy(
        getattr(world, of).images / f"{task}.mcuboot.bin", image_file(world.made)
    )


def image_by_stranger(world: World) -> None:
    shutil.rmtree(world.made.images)
    images.make(world.made.release, world.made.images, private_key=world.image_stranger)


def image_of_a_release(world: World, **fields: Any) -> None:
    """The right key signs an image that says of itself what this release does not."""
    body = (world.made.release / "voice/payload.bin").read_bytes()
    private = image_key.load_private(world.made.image_key)
    digest = hashlib.sha256((world.made.release / "model-manifest.json").read_bytes()).digest()
    usual = {"counter": 5, "version": "1.2.0", "firmware": "1.0.0"} | fields
    tlvs = making.protected(private, usual.pop("digest", digest), **usual)
    image_file(world.made).write_bytes(
        making.assembled(private, body, tlvs, version=usual["version"])
    )


def other_model_manifest(world: World) -> None:
    """The right keys sign a release whose images hold another model than the one measured."""
    release = world.made.release
    shutil.copy(world.motion.release / "motion/model.tflite", release / MODEL)
    released.write(
        release, tasks=["voice"], version="1.2.0", security_counter=5, firmware_version="1.0.0"
    )
    shutil.copy(world.older.release / MODEL, release / MODEL)
    remake(lambda content: None)(world)
    shutil.rmtree(world.made.images)
    images.make(release, world.made.images, private_key=world.made.image_key)


SECTOR_BYTES = 4096


def attested(world: World) -> tuple[Attester, Verifier]:
    """A simulated device that booted the release's image, and who judges it."""
    public = image_key.load_private(world.made.image_key).public_key()
    content = image_file(world.made).read_bytes()
    room = -(-len(content) // SECTOR_BYTES) * SECTOR_BYTES
    device = Device(
        Flash(Device.flash_bytes(room, SECTOR_BYTES), SECTOR_BYTES),
        Identity(public, "voice", "1.0.0"),
        room,
    )
    device.provision(content)
    device.boot()
    attester = Attester(device)
    manifest, _ = model_manifest.read(world.made.release / model_manifest.NAME)
    verifier = Verifier(
        [attester.enrolled()],
        manifest,
        signer_id=image_key.digest(public),
        least_counter=5,
        accept_simulated=True,
    )
    return attester, verifier


def replayed_nonce(world: World) -> None:
    attester, verifier = attested(world)
    token = attester.token(verifier.challenge(attester.ueid))
    assert verifier.verify(token).security_counter == 5
    verifier.verify(token)


def model_changed_in_memory(world: World) -> None:
    attester, verifier = attested(world)
    running = attester.device.boot().model.payload
    running.memory[running.model_at] ^= 1
    verifier.verify(attester.token(verifier.challenge(attester.ueid)))


def downgraded_device(world: World) -> None:
    attester, _ = attested(world)
    attester.device.update([(world.older.images / IMAGE).read_bytes()])


def _builder(content: Any) -> Any:
    return content["predicate"]["runDetails"]["builder"]


def _params(content: Any) -> Any:
    return content["predicate"]["buildDefinition"]["externalParameters"]["params"]


def another_seed(content: Any) -> None:
    _params(content)["seed"] = 8
    digest = hashlib.sha256(canonical_json(_params(content))).hexdigest()
    for one in content["predicate"]["buildDefinition"]["resolvedDependencies"]:
        if one["name"] == "params.yaml":
            one["digest"]["sha256"] = digest


# What it is called, what the attacker does, why it is refused, and what the message names.
ATTACKS: list[tuple[str, Attack, type[Refusal], str]] = [
    *((f"flipped bit in {n}", flip(release_file(n), 3), ChangedFile, n) for n in PARTS),
    ("flipped bit in the signature", edit(signature_file, forge), ForgedSignature, "sigstore"),
    ("flipped bit in the provenance", flip(provenance_file, 60), ForgedSignature, "provenance"),
    ("added file", write("extra.bin", b"x"), UnsignedFile, "extra.bin"),
    ("added hidden file", write(".gitignore", b"*"), UnsignedFile, ".gitignore"),
    ("removed file", lambda w: (w.made.release / MODEL).unlink(), MissingFile, MODEL),
    (
        "renamed file",
        lambda w: (w.made.release / MODEL).rename(w.made.release / "voice/m"),
        MissingFile,
        "voice/m",
    ),
    ("truncated model", write(MODEL, b"\x1c"), ChangedFile, MODEL),
    ("emptied model", write(MODEL, b""), ChangedFile, MODEL),
    ("huge model", huge(MODEL), TooLarge, MODEL),
    ("link out of the folder", link("extra", "/etc/passwd"), UnsafePath, "symbolic link"),
    ("folder that is a link", link("extra", "/etc"), UnsafePath, "symbolic link"),
    ("link in a file's place", link(MODEL, "labels.txt"), UnsafePath, "symbolic link"),
    ("pipe", lambda w: os.mkfifo(w.made.release / "pipe"), UnsafePath, "special file"),
    (
        "signed path out of the folder",
        restate(lambda s: s["predicate"]["resources"][0].update(name="../x"), "signature"),
        UnsafePath,
        "../x",
    ),
    (
        "signed absolute path",
        restate(lambda s: s["predicate"]["resources"][0].update(name="/etc/x"), "signature"),
        UnsafePath,
        "/etc/x",
    ),
    ("edited metrics", edit(manifest_file, lambda m: m["tasks"]["voice"]["metrics"].clear()),
     ChangedFile, "manifest.json"),
    (
        "edited checklist",
        edit(release_file("checklist.json"), lambda c: c["lines"].pop()),
        ChangedFile,
        "checklist.json",
    ),
    ("no signature", lambda w: w.made.signature.unlink(), NotSigned, "sigstore"),
    ("truncated signature", lambda w: os.truncate(w.made.signature, 900), MalformedSignature, ""),
    ("huge signature", lambda w: os.truncate(w.made.signature, GIBIBYTE), MalformedSignature,
     "larger"),
    ("signature of a strange key", by_stranger, NotTrusted, "does not name"),
    ("strange key that claims to be the right one", claiming, ForgedSignature, "sigstore"),
    ("statement edited to fit a changed model", fit_statement, ForgedSignature, "sigstore"),
    ("stale signature of an older release", replay("signature", "older"), ChangedFile, "manifest"),
    ("another task's model with its valid signature", swapped_task, ChangedFile, MODEL),
    ("another task's whole release", whole("motion"), WrongTasks, "of motion"),
    ("downgrade to an older release", whole("older"), OldRelease, "counter is 4"),
    ("downgrade of version", remake(lambda m: m.update(version="0.9.9")), OldRelease, "0.9.9"),
    ("downgrade of counter", remake(lambda m: m.update(security_counter=4)), OldRelease, "is 4"),
    (
        "downgrade of mode to a key",
        policy(accepted_modes=["keyless"], trusted_root="sigstore"),
        NotTrusted,
        "mode key",
    ),
    ("key's signature dressed as an identity's", as_keyless, NotTrusted, "mode keyless"),
    (
        "identity that is none",
        lambda w: (
            as_keyless(w),
            w.made.edit_policy(accepted_modes=["keyless"], trusted_root="sigstore"),
        ),
        MalformedSignature,
        "sigstore",
    ),
    (
        "key twice in the signature",
        lambda w: w.made.signature.write_bytes(
            w.made.signature.read_bytes().replace(b"{", b'{"mediaType":"x",', 1)
        ),
        MalformedSignature,
        "twice",
    ),
    ("key twice in the signed statement", resay(twice, "signature"), MalformedSignature, "twice"),
    ("key twice in the manifest", manifest_with_a_key_twice, BadManifest, "twice"),
    (
        "provenance in the signature's place",
        lambda w: shutil.copy(w.made.provenance, w.made.signature),
        MalformedSignature,
        "predicateType",
    ),
    (
        "signature in the provenance's place",
        lambda w: shutil.copy(w.made.signature, w.made.provenance),
        MalformedSignature,
        "predicate",
    ),
    (
        "another predicate type",
        restate(lambda s: s.update(predicateType="https://slsa.dev/provenance/v0.2")),
        MalformedSignature,
        "predicateType",
    ),
    ("another kind of build", restate(
        lambda s: s["predicate"]["buildDefinition"].update(buildType="urn:x")
    ), MalformedSignature, "buildType"),
    ("provenance left out", lambda w: w.made.provenance.unlink(), NoProvenance, "provenance"),
    ("unsigned provenance", unsigned_provenance, MalformedSignature, "provenance"),
    ("provenance by a strange key", provenance_of_stranger, NotTrusted, "provenance"),
    ("provenance by another trusted key", provenance_of_second, WrongProvenance, "signed it"),
    ("provenance of an older release", replay("provenance", "older"), WrongProvenance,
     "another release"),
    ("provenance of another task", replay("provenance", "motion"), WrongProvenance,
     "audits/motion"),
    ("provenance that leaves a file out", restate(lambda s: s["subject"].pop()),
     WrongProvenance, "release/voice/payload.bin"),
    (
        "provenance that names a file twice",
        restate(lambda s: s["subject"].append(s["subject"][0])),
        WrongProvenance,
        "a subject",
    ),
    (
        "provenance with a weaker digest",
        restate(lambda s: s["subject"][0]["digest"].update(md5="0" * 32)),
        MalformedSignature,
        "md5",
    ),
    (
        "provenance that claims a CI",
        restate(lambda s: _builder(s).update(id="https://github.com/x/.github/workflows/r.yml@m")),
        WrongProvenance,
        "builder",
    ),
    ("provenance with other params", restate(lambda s: _params(s).update(seed=8)), WrongProvenance,
     "params"),
    ("provenance with another seed and its digest", restate(another_seed),
     WrongProvenance, "another seed"),
    ("provenance in another form", resay(lambda t: t.replace(b",", b", ")), MalformedSignature,
     "canonical"),
    ("provenance with a key twice", resay(twice), MalformedSignature, "twice"),
    ("provenance with more in it", restate(lambda s: s.update(x=1)), MalformedSignature, "x"),
    ("policy with an unknown field", policy(trust_all=True), BadPolicy, "trust_all is unknown"),
    ("policy that has expired", policy_text('"expires_on": null', '"expires_on": 2020-02-29'),
     BadPolicy, "expired on 2020-02-29"),
    ("policy with a swapped key", swap_trusted_key, BadPolicy, "fingerprint"),
    ("policy that trusts nobody", policy(keys=[]), NotTrusted, "names 0"),
    (
        "key that signs for development alone",
        lambda w: edit(lambda made: made.policy, for_development)(w),
        DevelopmentSignature,
        "signs for development",
    ),
    ("no provenance for a policy that asks for none", unstated, NoProvenance, "whose audits"),
    ("failed check", failed_check, FailedChecks, "voice: enough_examples"),
    ("failed check that is not owned up to", remake(
        lambda m: m["tasks"]["voice"]["checks"]["enough_examples"].update(passed=False)
    ), BadManifest, "hides that voice is not reliable"),
    ("failed line of the checklist", remake_checklist("voice.self_checks", status="fail"),
     FailedChecks, "voice.self_checks"),
    ("line that nothing decides", remake_checklist("provenance_is_signed", verify="trust_me"),
     FailedChecks, "trust_me"),
    ("checklist without lines", lambda w: (
        edit(release_file("checklist.json"), lambda c: c["lines"].clear())(w),
        remake(lambda content: None)(w),
    ), BadManifest, "checklist"),
    ("line that the policy asks for", policy(required_lines=["companion_has_a_say", "x"]),
     FailedChecks, "x (not on the checklist)"),
    ("target that the policy asks for", policy(required_lines=["stream_false_accepts"]),
     FailedChecks, "voice.stream_false_accepts"),
    ("model without an audit", stated(lambda w: audit_file(w.made).unlink()),
     NoAudit, "voice was not audited"),
    ("audit that nobody stated", edit(audit_file, lambda a: a.update(x=1)), WrongProvenance,
     "audits/voice.json"),
    ("audit of an older model", lambda w: (
        shutil.copy(audit_file(w.motion).with_name("motion.json"), audit_file(w.made)),
        w.made.restate(),
    ), StaleAudit, "another model"),
    ("audit of another guard", reaudit(guard_sha256="0" * 64), StaleAudit, "another guard"),
    ("audit that hardly tried", reaudit(audit=AUDITED | {"steps": 10}),
     NoAudit, "not at full strength (steps 10"),
    ("audit that does not say how hard it tried", reaudit(audit={"steps": 100}),
     NoAudit, "not at full strength (restarts of the audit: None"),
    ("audit that tried less than twice as hard as the battery",
     reaudit(default={"steps": 100, "restarts": 6, "targets": 5, "queries": 2000}),
     NoAudit, "not at full strength (gradients 500, and 1200"),
    ("audit of one goal", reaudit(audit=AUDITED | {"targets": 1}),
     NoAudit, "not at full strength (targets 1"),
    ("audit of another budget", reaudit(budget="snr_99db"), StaleAudit, "another budget"),
    ("audit of another test set", reaudit(audit=AUDITED | {"worst_case_accuracy": 0.0}),
     StaleAudit, "another budget or test set"),
    ("audit that found more than the figures say, by a limit that was raised", lambda w: (
        edit(audit_file, lambda a: a["audit"].update(worst_case_accuracy=0.634))(w),
        remake(lambda c: c["tasks"]["voice"]["checks"][HELD].update(figure=0.1, limit=0.2))(w),
    ), FailedChecks, "audit of voice"),
    ("check that says it passed", remake(
        lambda c: c["tasks"]["voice"]["checks"]["enough_examples"].update(figure=0.61)),
     BadManifest, "says that 'enough_examples' of voice passed"),
    ("check of nothing that says it passed", remake(
        lambda c: c["tasks"]["voice"]["checks"]["enough_examples"].update(figure=None)),
     BadManifest, "says that 'enough_examples' of voice passed"),
    ("figures that were held against no audit", remake(
        lambda c: c["tasks"]["voice"]["checks"].pop(HELD)), NoAudit, "held against its audit"),
    ("audit that never was", stated(lambda w: audit_file(w.made).write_text("{}\n")),
     NoAudit, "voice was not audited"),
    ("folder of audits that is a link", stated(lambda w: (
        w.made.audits.rename(w.made.folder.parent / "audits"),
        w.made.audits.symlink_to(w.made.folder.parent / "audits"),
    )), UnsafePath, "symbolic link"),
    ("audit that is a link", lambda w: (
        audit_file(w.made).rename(w.made.folder.parent / "audit"),
        audit_file(w.made).symlink_to(w.made.folder.parent / "audit"),
    ), UnsafePath, "symbolic link"),
    ("flipped bit in an image", flip(image_file, 700), HashMismatch, "changed"),
    ("truncated image", lambda w: os.truncate(image_file(w.made), 900), Truncated, "ends after"),
    ("image with a tail", lambda w: image_file(w.made).open("ab").write(b"x"), TrailingBytes,
     "follow"),
    ("emptied image", lambda w: image_file(w.made).write_bytes(b""), Truncated, "is empty"),
    ("no image at all", lambda w: image_file(w.made).write_bytes(b"x" * 999), BadMagic, "MCUboot"),
    ("removed images", lambda w: shutil.rmtree(w.made.images), WrongImages, "no images"),
    ("removed image", lambda w: image_file(w.made).unlink(), WrongImages, IMAGE),
    ("added image", lambda w: shutil.copy(image_file(w.made), w.made.images / "x.mcuboot.bin"),
     WrongImages, "x.mcuboot.bin"),
    ("image that is a link", lambda w: (
        image_file(w.made).rename(w.made.folder.parent / IMAGE),
        image_file(w.made).symlink_to(w.made.folder.parent / IMAGE),
    ), UnsafePath, "symbolic link"),
    ("huge image", lambda w: os.truncate(image_file(w.made), GIBIBYTE), TooLarge, IMAGE),
    ("image of a strange key", image_by_stranger, WrongImageKey, "no one key of the 1"),
    ("another key beside the images", lambda w: (
        w.made.images / "image.pub.pem").write_bytes(b"x"), WrongProvenance, "image.pub.pem"),
    ("policy that trusts no image key", policy(image_keys=[]), WrongImageKey, "of the 0"),
    ("image key that signs for development", lambda w: w.made.edit_policy(image_keys=[
        one | {"assurance": "development"} for one in w.made.policy_content()["image_keys"]
    ]), DevelopmentSignature, "signs images for development"),
    ("image of an older release", image_from("older"), CounterTooLow, "counter is 4"),
    ("image of a release of another task", image_from("motion", "motion"), WrongManifest,
     "another release"),
    ("image with a lower counter", lambda w: image_of_a_release(w, counter=4), CounterTooLow,
     "counter is 4"),
    ("image with another version", lambda w: image_of_a_release(w, version="1.1.9"),
     WrongManifest, "1.1.9"),
    ("image for older firmware", lambda w: image_of_a_release(w, firmware="0.9.0"),
     WrongManifest, "0.9.0"),
    ("image of another manifest", lambda w: image_of_a_release(w, digest=bytes(32)),
     WrongManifest, "another release"),
    ("image of a model that was not measured", other_model_manifest, BadManifest,
     "another model of voice"),
    ("image of an older release on a device", downgraded_device, CounterTooLow, "counter is 4"),
    ("replayed nonce", replayed_nonce, ReplayedNonce, "answered before"),
    ("model changed in a device's memory", model_changed_in_memory, WrongMeasurement, "model"),
]  # fmt: skip


def test_the_release_is_what_the_attacks_start_from(world: World) -> None:
    verdict = world.made.verify()
    assert verdict.files == 11 and verdict.unreliable == ()
    assert verdict.images is not None and verdict.images.tasks == ("voice",)
    assert verdict.signer.assurance == "release" and verdict.commit == "5a" * 20
    assert _builder(statement(world.made.provenance)) == {"id": LOCAL_BUILDER}


def test_the_gate_allows_what_the_evaluation_allows() -> None:
    audited = pytest.importorskip("palisade.evaluation.audited")
    assert audited.LARGEST_DROP == audits.LARGEST_DROP


@pytest.mark.parametrize(
    ("attack", "kind", "naming"),
    [pytest.param(*row[1:], id=row[0]) for row in ATTACKS],
)
def test_attack(world: World, attack: Attack, kind: type[Refusal], naming: str) -> None:
    with pytest.raises(Refusal) as caught:
        attack(world)  # what is done to a device is refused there
        world.made.verify()
    assert type(caught.value) is kind, str(caught.value)
    assert naming in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1000


def test_the_table_holds_each_attack_once_and_every_reason_that_needs_no_identity() -> None:
    names = [row[0] for row in ATTACKS]
    assert len(set(names)) == len(names)
    elsewhere = {"WrongKey", "BadKey", "WrongIdentity"}  # test_release_verify, test_keyless
    ours = {
        kind.__name__ for kind in failures.kinds() if kind.__module__ == failures.__name__
    } - elsewhere
    assert len(names) > 80
    assert ours == {row[2].__name__ for row in ATTACKS if row[2] in failures.kinds()}
