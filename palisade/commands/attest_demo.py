"""``attest demo``: what a device's token proves, and what does not get past its verifier."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from palisade.attestation.failures import TokenError
from palisade.attestation.simulated import Attester
from palisade.attestation.verifier import Verifier
from palisade.boot import images, key, model_manifest
from palisade.boot.failures import ImageError
from palisade.boot.flash import Flash
from palisade.boot.simulated import Device, Identity
from palisade.errors import PalisadeError
from palisade.release import layout

SECTOR_BYTES = 4096


def run(arguments: Namespace) -> None:
    """Boot, attest, and attack."""
    folder = arguments.images or layout.beside(arguments.release, layout.IMAGES)
    public = key.load_public(folder / images.PUBLIC_KEY)
    found = images.check(arguments.release, folder, public_key=public)
    task = arguments.task or min(found)
    if task not in found:
        raise PalisadeError(f"the release has no {task}", f"it has {', '.join(sorted(found))}")
    manifest, _ = model_manifest.read(arguments.release / model_manifest.NAME)
    content = (folder / f"{task}{images.ENDING}").read_bytes()
    device = _device(content, Identity(public, task, manifest.firmware_version))
    attester = Attester(device)
    verifier = Verifier(
        [attester.enrolled()],
        manifest,
        signer_id=key.digest(public),
        least_counter=manifest.security_counter,
        accept_simulated=True,
    )
    _show(attester, verifier, content)


def _device(content: bytes, identity: Identity) -> Device:
    room = -(-len(content) // SECTOR_BYTES) * SECTOR_BYTES
    flash = Flash(Device.flash_bytes(room, SECTOR_BYTES), SECTOR_BYTES)
    made = Device(flash, identity, room)
    made.provision(content)
    made.boot()
    return made


def _show(attester: Attester, verifier: Verifier, content: bytes) -> None:
    ueid, device = attester.ueid, attester.device
    token = attester.token(verifier.challenge(ueid))
    claims = verifier.verify(token)
    print(f"SIMULATED: device {ueid.hex()[:16]}... runs {claims.task}; no hardware root of trust")
    print(f"token of {len(token)} bytes, security counter {claims.security_counter}")
    for one in claims.components:
        print(f"{one.kind}: version {one.version}, sha256 {one.sha256.hex()}")
    _refused("the same token again", lambda: verifier.verify(token))
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    _refused("an update with a flipped bit", lambda: device.update([bytes(changed)]))
    running = device.boot()
    running.model.payload.memory[running.model.payload.model_at] ^= 1
    _refused(
        "a bit flipped in the running model",
        lambda: verifier.verify(attester.token(verifier.challenge(ueid))),
    )


def _refused(attack: str, attempt: Callable[[], object]) -> None:
    try:
        attempt()
    except (ImageError, TokenError) as error:
        print(f"refused, {attack}: {error.problem} (status {error.status})")
        return
    raise PalisadeError(f"{attack} was not refused", "this is a defect of palisade; report it")
