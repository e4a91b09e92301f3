"""A release's images: one a task, made by imgtool, checked without it.

One image a task: a door's sensors are often boards of their own, and their slots differ in length.
What binds the tasks of a release together is ``model-manifest.json``, whose SHA-256 each image
carries.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from palisade.boot import image, key, model_manifest, payload
from palisade.boot.failures import (
    Truncated,
    WrongImages,
    WrongManifest,
    WrongPayload,
    WrongTask,
)
from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes
from palisade.release import contents
from palisade.release.contents import shown
from palisade.release.reading import bounded

ENDING = ".mcuboot.bin"
PUBLIC_KEY = "image.pub.pem"
HEADER_BYTES = 0x200
SLOT_BYTES = (
    0x100000  # imgtool only checks that an image fits; what a device's slot holds, it knows
)
WRITE_BYTES = 4
FIRMWARE_IMAGE = 0  # MCUboot's number of the image that a model depends on
LARGEST_BYTES = 16 * 1024 * 1024
_AGAIN = "make the images again from this release"


def make(release: Path, folder: Path, *, private_key: Path) -> dict[str, Path]:
    """Make every task's image, and write the public key beside them; all or nothing.

    The bytes follow from the release and the key.

    Returns:
        Each task's image.

    Raises:
        BadKey: There is no usable key.
        PalisadeError: imgtool failed, the folder lies in the release, or holds something else.
        ImageError: The release has no payloads, or they are not what its manifest says.
    """
    public = key.load_private(private_key).public_key()
    manifest, digest = model_manifest.read(release / model_manifest.NAME)
    if folder.resolve().is_relative_to(release.resolve()):
        raise PalisadeError(f"{shown(str(folder))} is in the release", "keep the images beside it")
    _check_place(folder)
    with replacing(Path(os.path.abspath(folder))) as draft:  # "." has no name of its own
        draft.mkdir()
        for task in manifest.tasks:
            content = _payload(release, task)
            _check_payload(content, task, manifest)
            write_bytes(draft / f"{task}{ENDING}", signed(content, manifest, digest, private_key))
        write_bytes(draft / PUBLIC_KEY, key.public_pem(public))
        check(release, draft, public_key=public)
    return {task: folder / f"{task}{ENDING}" for task in manifest.tasks}


def _check_place(folder: Path) -> None:
    """Refuse to replace what is no earlier folder of images."""
    problem = ""
    if folder.is_dir():
        others = sorted(
            one.name
            for one in folder.iterdir()
            if one.name != PUBLIC_KEY and not one.name.endswith(ENDING)
        )
        if others:
            problem = f"{shown(str(folder))} holds {shown(others[0])}, which is no image"
    elif folder.exists():
        problem = f"{shown(str(folder))} is no folder"
    if problem:
        raise PalisadeError(problem, "name another --images, or take away what is there")


def signed(
    content: bytes, manifest: model_manifest.ModelManifest, digest: bytes, private_key: Path
) -> bytes:
    """An image of a payload.

    Args:
        content: the payload.
        manifest: whose versions and counter the image gets.
        digest: the SHA-256 of the manifest's file, 32 bytes.
        private_key: the key's file.

    Raises:
        PalisadeError: imgtool failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "payload.bin", Path(folder) / "image.bin"
        source.write_bytes(content)
        command = [
            *(sys.executable, "-m", "imgtool.main", "sign", "--key", str(private_key)),
            *("--align", str(WRITE_BYTES), "--header-size", hex(HEADER_BYTES), "--pad-header"),
            *("--slot-size", hex(SLOT_BYTES), "--version", manifest.version, "--non-bootable"),
            *("--security-counter", str(manifest.security_counter), "--boot-record", "MODEL"),
            *("--dependencies", f"({FIRMWARE_IMAGE},{manifest.firmware_version})"),
            *("--custom-tlv", f"0x{image.MANIFEST:04x}", f"0x{digest.hex()}"),
            *(str(source), str(target)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
            raise PalisadeError(
                f"imgtool failed: {last}", "see whether it is installed (requirements.lock)"
            )
        return target.read_bytes()


def check(
    release: Path, folder: Path, *, public_key: key.PublicKey, least_counter: int = 0
) -> dict[str, image.Image]:
    """Check that a folder holds exactly a release's images, signed by a key.

    Args:
        release: the release, which was verified or is verified after this.
        folder: the images.
        public_key: whose signature is believed.
        least_counter: images with a lower security counter are refused.

    Returns:
        Each task's verified image.

    Raises:
        ImageError: They are not; the class says why.
        UnsafePath: The folder holds something else than plain files.
    """
    manifest, digest = model_manifest.read(release / model_manifest.NAME)
    expected = {f"{task}{ENDING}": task for task in manifest.tasks}
    found = set(contents.digests(folder)) if folder.is_dir() else set()
    if wrong := sorted((found - {PUBLIC_KEY}) ^ set(expected)):
        raise WrongImages(
            f"{shown(str(folder))} does not hold one image a task ({', '.join(map(shown, wrong))})",
            _AGAIN,
        )
    return {
        task: check_one(
            _read(folder / name), task, manifest, digest, public_key, least_counter=least_counter
        )
        for name, task in sorted(expected.items())
    }


def check_one(
    content: bytes,
    task: str,
    manifest: model_manifest.ModelManifest,
    digest: bytes,
    public_key: key.PublicKey,
    *,
    least_counter: int = 0,
) -> image.Image:
    """Check one image against a key, a counter and a manifest whose SHA-256 is ``digest``.

    Raises:
        ImageError: It does not hold; the class says why.
    """
    verified = image.verify(content, public_key, least_counter=least_counter)
    if verified.manifest_sha256 != digest:
        raise WrongManifest(f"the image of {task} is of another release", _AGAIN)
    said = (verified.version, verified.security_counter, verified.needs_version)
    asked = (manifest.version, manifest.security_counter, manifest.firmware_version)
    if said != asked or verified.needs_image != FIRMWARE_IMAGE:
        raise WrongManifest(
            f"the image of {task} has version, counter and firmware {said}, not {asked}", _AGAIN
        )
    _check_payload(verified.payload, task, manifest)
    return verified


def _check_payload(content: bytes, task: str, manifest: model_manifest.ModelManifest) -> None:
    found = payload.parse(content)
    if found.task != task:
        raise WrongTask(f"the image of {task} holds {shown(found.task)}", _AGAIN)
    listed = manifest.tasks[task]
    for kind, part in found.parts.items():
        if model_manifest.part(part) != getattr(listed, kind):
            raise WrongPayload(f"the {kind} of {task} is not what the manifest lists", _AGAIN)


def _payload(release: Path, task: str) -> bytes:
    return _bounded(release / task / "payload.bin")


def _read(path: Path) -> bytes:
    content = _bounded(path)
    if not content:
        raise Truncated(f"{shown(str(path))} is empty", _AGAIN)
    return content


def _bounded(path: Path) -> bytes:
    try:
        return bounded(path, limit_bytes=LARGEST_BYTES)
    except OSError as error:
        raise WrongImages(
            f"{shown(str(path))} cannot be read ({error.strerror})", _AGAIN
        ) from error
