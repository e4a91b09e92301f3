"""What is carried into a real room: files to play, print or drive with, and a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from palisade import tasks
from palisade.errors import PalisadeError
from palisade.files import replacing, write_bytes, write_text
from palisade.physical import target
from palisade.physical.contest import prepared
from palisade.stage import Stage

PROTOCOL = "protocol.md"


def export(this: Stage, folder: Path) -> list[str]:
    """Write a task's attacks on its defended model into a new folder; returns what is in it.

    Raises:
        PalisadeError: The folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PalisadeError(f"{folder} is there already", "name a folder that is not, or is empty")
    attacks = tasks.load(this.key, "physical.attacks")
    room = tasks.load(this.key, "physical.room")
    contest = prepared(this, attacks.Params, target.DEFENDED)
    contents: Mapping[str, bytes] = room.contents(contest)
    with replacing(folder) as draft:
        draft.mkdir()
        for name, content in contents.items():
            write_bytes(draft / name, content)
        write_text(draft / PROTOCOL, protocol(this.key, room.protocol(contest)))
    return sorted([*contents, PROTOCOL])


def protocol(key: str, own: str) -> str:
    """A task's protocol, with what is the same for all."""
    return f"""# Physical attacks on {key}: protocol for a real room

{own.strip()}

## Where recordings go

One file a recording, as the device's own sensor delivers it, without any processing:

    data/raw/physical/{key}/<attack>/<label>/<place>_<distance>_<number>.<ending>

- `<attack>`: the name in the table above; `none` for the same scene without an attack, recorded in
  the same place on the same day. Without `none` the others cannot be judged.
- `<label>`: the true class, one of the model's.
- Keep the folder under `dvc add` or git, then run `dvc repro`. `metrics/{key}/physical.json` and
  `metrics/{key}/detail/physical.csv` then have a row `recorded_<attack>` beside the simulated one.

Ask everyone whose voice or picture is recorded, and attack no device but your own.
"""
