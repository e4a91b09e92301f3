"""What a release gets for devices that boot images, and the commands that make and verify them."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from palisade.boot import images, key, model_manifest, payload
from palisade.boot.failures import (
    CounterTooLow,
    ImageError,
    TrailingBytes,
    Truncated,
    WrongImageKey,
    WrongImages,
    WrongManifest,
    WrongPayload,
    WrongTask,
)
from palisade.commands.main import main
from palisade.errors import PalisadeError
from palisade.release import key as release_key
from palisade.release import layout
from palisade.release.contents import digests
from palisade.release.failures import BadKey
from tests.boot import making

ROOT = Path(__file__).parents[2]
TASKS = ("vision", "voice")


@pytest.fixture(scope="module")
def made(key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with its images beside it."""
    release = making.release(tmp_path_factory.mktemp("made") / "release", *TASKS)
    images.make(release, layout.beside(release, layout.IMAGES), private_key=key_file)
    return release


@pytest.fixture
def release(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(layout.beside(made, layout.IMAGES), tmp_path / "release.images")
    return shutil.copytree(made, tmp_path / "release")


def test_payloads_and_their_manifest_follow_from_the_release(made: Path, tmp_path: Path) -> None:
    again = making.release(tmp_path / "again", *reversed(TASKS))
    assert digests(again) == digests(made)
    manifest, _ = model_manifest.read(made / model_manifest.NAME)
    assert (manifest.version, manifest.security_counter) == (making.VERSION, making.COUNTER)
    for task in TASKS:
        found = payload.parse((made / task / "payload.bin").read_bytes())
        assert found.task == task
        assert found.parts["model"] == (made / task / "model.tflite").read_bytes()
        assert found.parts["labels"] == (made / task / "labels.txt").read_bytes()
        for kind in payload.KINDS:
            assert getattr(manifest.tasks[task], kind) == model_manifest.part(found.parts[kind])


def test_images_follow_from_release_and_key(made: Path, key_file: Path, tmp_path: Path) -> None:
    images.make(made, tmp_path / "images", private_key=key_file)
    assert digests(tmp_path / "images") == digests(layout.beside(made, layout.IMAGES))


Spoil = Callable[[Path, Path], object]
ATTACKS: dict[str, tuple[Spoil, type[ImageError]]] = {
    "a missing image": (lambda _, at: (at / "voice.mcuboot.bin").unlink(), WrongImages),
    "a renamed image": (
        lambda _, at: (at / "voice.mcuboot.bin").rename(at / "motion.mcuboot.bin"), WrongImages,
    ),
    "another image": (lambda _, at: (at / "motion.mcuboot.bin").write_bytes(b"x"), WrongImages),
    "no images": (lambda _, at: shutil.rmtree(at), WrongImages),
    "an empty image": (lambda _, at: (at / "voice.mcuboot.bin").write_bytes(b""), Truncated),
    "a huge image": (
        lambda _, at: (at / "voice.mcuboot.bin").write_bytes(bytes(images.LARGEST_BYTES + 1)),
        WrongImages,
    ),
    "images exchanged": (
        lambda _, at: shutil.copy(at / "vision.mcuboot.bin", at / "voice.mcuboot.bin"), WrongTask,
    ),
    "a padded image": (
        lambda _, at: (at / "voice.mcuboot.bin").open("ab").write(b"\xff" * 64), TrailingBytes,
    ),
    "another manifest": (
        lambda release, _: (release / model_manifest.NAME).write_text(
            (release / model_manifest.NAME).read_text().replace("1.2.3", "1.2.4")
        ),
        WrongManifest,
    ),
    "no manifest": (lambda release, _: (release / model_manifest.NAME).unlink(), WrongManifest),
    "a manifest that is none": (
        lambda release, _: (release / model_manifest.NAME).write_text("[" * 9999), WrongManifest,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_spoiled_folder_is_refused(name: str, release: Path, private: key.PrivateKey) -> None:
    spoil, expected = ATTACKS[name]
    folder = layout.beside(release, layout.IMAGES)
    assert set(images.check(release, folder, public_key=private.public_key())) == set(TASKS)
    spoil(release, folder)
    with pytest.raises(ImageError) as refused:
        images.check(release, folder, public_key=private.public_key())
    assert type(refused.value) is expected, refused.value


def test_keys_and_counters_are_the_callers_choice(made: Path, private: key.PrivateKey) -> None:
    folder, public = layout.beside(made, layout.IMAGES), private.public_key()
    images.check(made, folder, public_key=public, least_counter=making.COUNTER)
    with pytest.raises(CounterTooLow):
        images.check(made, folder, public_key=public, least_counter=making.COUNTER + 1)
    with pytest.raises(WrongImageKey):
        images.check(made, folder, public_key=key.PrivateKey.generate().public_key())


def test_no_image_is_made_of_a_payload_that_the_manifest_does_not_list(
    release: Path, key_file: Path, tmp_path: Path
) -> None:
    other = payload.build("voice", making.parts("voice"))
    (release / "voice/payload.bin").write_bytes(other)
    with pytest.raises(WrongPayload, match="of voice is not what the manifest lists"):
        images.make(release, tmp_path / "images", private_key=key_file)
    assert not (tmp_path / "images").exists()
    with pytest.raises(PalisadeError, match="is in the release"):
        images.make(release, release / "images", private_key=key_file)
    held = release.parent / "held"
    held.mkdir()
    (held / "mine.txt").write_text("mine")
    for place in (held, release.parent):
        with pytest.raises(PalisadeError, match="holds .*, which is no image"):
            images.make(release, place, private_key=key_file)
    assert (held / "mine.txt").read_text() == "mine" and release.is_dir()


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"version": "1.2"}, "version"), ({"version": "256.0.0"}, "255.255.65535"),
        ({"version": "1.2.03"}, "version"), ({"version": "1.2.3+4"}, "version"),
        ({"security_counter": -1}, "security_counter"),
        ({"security_counter": 2**32}, "security_counter"), ({"firmware_version": ""}, "firmware"),
    ],
)  # fmt: skip
def test_numbers_that_no_image_can_hold_are_refused(numbers: dict[str, object], said: str) -> None:
    usual = {"version": "1.0.0", "security_counter": 0, "firmware_version": "0.0.0"}
    with pytest.raises(PalisadeError, match=said):
        model_manifest.describe({"voice": making.parts()}, **{**usual, **numbers})  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["", "Voice", "0voice", "a" * 16, "../voice", "voice\0"])
def test_a_task_that_no_payload_can_name_is_refused(task: str) -> None:
    with pytest.raises(PalisadeError, match="cannot stand in a payload"):
        payload.build(task, making.parts())


def test_a_payload_whose_header_lies_is_refused() -> None:
    good = payload.build("voice", making.parts())
    assert payload.parse(good).task == "voice"
    task = range(16, 16 + len("voice"))  # whose letters the image's signature vouches for
    for at in [*sorted({*range(payload.HEADER_BYTES)} - {*task}), len(good) - 1]:
        changed = bytearray(good)
        changed[at] ^= 0x10
        with pytest.raises(WrongPayload):
            payload.parse(bytes(changed))
    for changed_length in (good[:-1], good + bytes(16), good[:100], b""):
        with pytest.raises(WrongPayload):
            payload.parse(changed_length)


@pytest.fixture
def chosen_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secret/image.pem"
    monkeypatch.setenv(key.VARIABLE, str(path))
    return path


def test_from_no_key_to_verified_images(
    release: Path, chosen_key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["image", "make", str(release)]) == BadKey.status
    assert "keys new --for image" in capsys.readouterr().err
    assert main(["keys", "new", "--for", "image"]) == 0
    public = key.load_private(chosen_key).public_key()
    said = capsys.readouterr().out
    assert said == f"made a development key for images: {chosen_key}\n{key.fingerprint(public)}\n"
    assert stat.S_IMODE(chosen_key.stat().st_mode) == 0o600
    assert main(["keys", "new", "--for", "image"]) == BadKey.status
    assert main(["keys", "new", "--for", "image", "--if-none"]) == 0
    assert key.fingerprint(public) in capsys.readouterr().out
    assert main(["image", "make", str(release)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(TASKS)
    assert main(["image", "verify", str(release)]) == 0
    said = capsys.readouterr().out
    assert "voice: version 1.2.3, security counter 5" in said and "integrity only" in said
    named = ["--public-key", str(layout.beside(release, layout.IMAGES) / images.PUBLIC_KEY)]
    assert main(["image", "verify", str(release), *named]) == 0
    assert "integrity only" not in capsys.readouterr().out
    assert main(["image", "verify", str(release), "--least-counter", "6"]) == CounterTooLow.status
    assert capsys.readouterr().out == ""
    secret = chosen_key.read_text().splitlines()[1]
    for path in [*release.rglob("*"), *layout.beside(release, layout.IMAGES).iterdir()]:
        assert not path.is_file() or secret.encode() not in path.read_bytes()


def test_the_two_kinds_of_keys_are_not_mixed_up(tmp_path: Path, chosen_key: Path) -> None:
    assert key.location() == chosen_key
    key.create(chosen_key)
    other = release_key.create(tmp_path / "release.pem")
    with pytest.raises(BadKey, match="not an Ed25519 private key"):
        key.load_private(tmp_path / "release.pem")
    with pytest.raises(BadKey, match="not an EC P-256"):
        release_key.load_private(chosen_key)
    (tmp_path / "pub.pem").write_bytes(release_key.public_pem(other.public_key()))
    with pytest.raises(BadKey, match="not an Ed25519 public key"):
        key.load_public(tmp_path / "pub.pem")
    assert isinstance(other, ec.EllipticCurvePrivateKey)
    with pytest.raises(BadKey, match="inside the checkout.*PALISADE_IMAGE_KEY"):
        key.create(Path(__file__).parent / "key.pem")


def test_imgtools_complaint_is_one_line(made: Path, tmp_path: Path) -> None:
    manifest, digest = model_manifest.read(made / model_manifest.NAME)
    with pytest.raises(PalisadeError, match="^imgtool failed: ") as refused:
        images.signed(b"x" * 100, manifest, digest, tmp_path / "absent.pem")
    assert "\n" not in str(refused.value)


def test_verifying_loads_nothing_that_a_gateway_lacks(made: Path) -> None:
    code = (
        "import sys\n"
        "from palisade.commands.main import main\n"
        f"status = main(['image', 'verify', {str(made)!r}])\n"
        "heavy = {'numpy', 'cffi', 'imgtool', 'click', 'cwt', 'cbor2', 'tensorflow', 'dvc'}\n"
        "print(status, sorted(heavy & set(sys.modules)))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "0 []"
