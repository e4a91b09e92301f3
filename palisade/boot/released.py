"""What ``package`` adds to a release for devices that boot images: payloads and their manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from palisade.boot import guard_tables, model_manifest, payload
from palisade.files import write_bytes
from palisade.guard import tables
from palisade.release import sources

PAYLOAD = "payload.bin"


def write(
    release: Path,
    *,
    tasks: Iterable[str],
    version: str,
    security_counter: int,
    firmware_version: str,
) -> None:
    """Write ``<task>/payload.bin`` and ``model-manifest.json`` into a release.

    Args:
        release: a folder with ``<task>/model.tflite``, ``guard.json`` and ``labels.txt``.
        tasks: their names.
        version: of the models, ``major.minor.patch``.
        security_counter: goes up where no device may go back.
        firmware_version: the least that the models run on.

    Raises:
        PalisadeError: A file is not what it has to be, or a number is out of its range.
    """
    payloads = {task: _parts(release / task) for task in sorted(tasks)}
    manifest = model_manifest.describe(
        payloads,
        version=version,
        security_counter=security_counter,
        firmware_version=firmware_version,
    )
    for task, parts in payloads.items():
        write_bytes(release / task / PAYLOAD, payload.build(task, parts))
    write_bytes(release / model_manifest.NAME, manifest)


def _parts(folder: Path) -> dict[str, bytes]:
    labels = sources.labels(folder / "labels.txt")
    return {
        "model": (folder / "model.tflite").read_bytes(),
        "guard": guard_tables.to_bytes(tables.read(folder / "guard.json")),
        "labels": "".join(f"{label}\n" for label in labels).encode(),
    }
