"""cost@task: what one inference costs on a microcontroller.

Reads what ``convert`` measured of the model, the guard's tables, and what was once measured of the
device's code on an emulated Cortex-M4 (``device/measured.json``). Writes flash, memory,
instructions, and latency and energy as ranges; those two are estimates. Limits on what guard and
front end may take are checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from palisade import stage, tasks
from palisade.cost import boards, figures
from palisade.cost.figures import Subject
from palisade.device import measured
from palisade.files import write_json
from palisade.guard import tables
from palisade.tables import write_csv

Parts = Mapping[str, float]


class Params(stage.Params):
    """Section ``cost``."""

    new_share: float = Field(
        gt=0, le=1, description="of a sample, new at each inference: hop over length"
    )
    share_limit: float = Field(gt=0, description="of guard and front end in the model's cycles")
    guard_flash_limit_bytes: int = Field(gt=0, description="of the guard's code and tables")
    guard_state_limit_bytes: int = Field(gt=0, description="of what is kept between inferences")


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.params("cost", Params)
    found = measured.load(this.dep("device/measured.json").parent)
    subject = deployed(this, params)
    flash, ram = figures.flash_bytes(subject, found), figures.ram_bytes(subject, found)
    parts = figures.instructions(subject, found)
    beside = figures.an_inference(parts)
    latency = boards.over_stacks(boards.M4, subject.macs, beside)
    share = boards.share_of_model(subject.macs, beside)
    kept = list(limits(params, share, flash, ram))
    write_json(
        this.out("metrics/{key}/cost.json"),
        {
            "flash_bytes": sum(flash.values()),
            "arena_bytes": subject.arena_bytes,
            "peak_ram_bytes": sum(ram.values()),
            "macs": subject.macs,
            "instructions": {part: round(count) for part, count in parts.items()},
            "share_of_model_cycles": round(share, 4),
            "latency_ms_m4": latency.rounded(),
            "energy_uj_m4": boards.energy_uj(boards.M4, latency).rounded(),
            "checks": {"passed": sum(one["passed"] for one in kept), "total": len(kept)},
            "within_limits": all(one["passed"] for one in kept),
        },
    )
    write_csv(
        this.out("metrics/{key}/detail/cost.csv"),
        [
            *counted("flash_bytes", flash, "measured"),
            *counted("ram_bytes", ram, "measured"),
            *counted("instructions", parts, "counted on an emulated Cortex-M4"),
            *estimated(subject.macs, beside),
            *kept,
        ],
    )


def deployed(this: stage.Stage, params: Params) -> Subject:
    """The task's model, front end and guard."""
    converted = json.loads(this.dep("metrics/{key}/convert.json").read_bytes())
    to = converted["input"]
    front_end = tasks.load(this.key, "onboard").front_end(this)
    return Subject(
        front_end=front_end.record(to["scale"], to["zero_point"]),
        plan=front_end.plan,
        guard=tables.read(this.dep("models/{key}/guard.json")),
        model_bytes=converted["flash_bytes"],
        arena_bytes=converted["arena_bytes"],
        macs=converted["macs"],
        new_share=params.new_share,
    )


def limits(params: Params, share: float, flash: Parts, ram: Parts) -> Iterator[dict[str, Any]]:
    """A row a check."""
    guard_flash = flash["guard_code"] + flash["guard_tables"] + flash["compiler_helpers"]
    for figure, value, limit in (
        ("share_of_model_cycles", share, params.share_limit),
        ("guard_flash_bytes", guard_flash, params.guard_flash_limit_bytes),
        ("guard_state_bytes", ram["guard_state"], params.guard_state_limit_bytes),
    ):
        yield {**row(figure, "check", value, value, "checked"), "limit": limit} | {
            "passed": value <= limit
        }


def counted(figure: str, parts: Parts, basis: str) -> Iterator[dict[str, Any]]:
    """A row a part."""
    for part, count in parts.items():
        yield row(figure, part, round(count), round(count), basis)


def estimated(macs: int, beside: float) -> Iterator[dict[str, Any]]:
    """Two rows a board and stack."""
    for board in boards.BOARDS:
        for stack in board.cycles_a_mac:
            of = f"{board.name} ({board.core}, {board.clock_mhz:g} MHz), {stack}"
            latency = boards.latency_ms(board, stack, macs, beside)
            energy = boards.energy_uj(board, latency)
            for figure, found in {"latency_ms": latency, "energy_uj": energy}.items():
                yield row(figure, of, **found.rounded(), basis="estimated")


def row(figure: str, of: str, low: float, high: float, basis: str) -> dict[str, Any]:
    """A row of the table; only checks have a limit."""
    return {
        "figure": figure,
        "of": of,
        "low": low,
        "high": high,
        "basis": basis,
        "limit": None,
        "passed": None,
    }


if __name__ == "__main__":
    stage.run("cost", main)
