"""Measure the library on an emulated Cortex-M4F: ``python -m palisade.device.measure``.

Compiles it for size, as firmware is, and writes to ``device/measured.json`` the bytes of code and
constants of each source file, and what each unit of work of each function costs in instructions
(see ``palisade.device.work``). Needs Debian's gcc-arm-none-eabi and libnewlib-arm-none-eabi, and
unicorn from PyPI; the pipeline, which reads the file, needs none of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from palisade import files
from palisade.device import emulation, library, measured, shapes, work
from palisade.device.emulation import CROSS, PROCESSOR, Machine
from palisade.device.measured import Measured
from palisade.device.trial import Trial
from palisade.device.work import Units
from palisade.errors import PalisadeError

FLAGS = ("-std=c99", "-Os", "-ffp-contract=off")
SEED = 20261125
REPEATS = 24  # runs of each function
DECIMALS = 3
# Functions whose instructions depend on the values as well: all runs stay at or below the fit.
UPPER = {
    f"{work.FRONT_END}.motion", "pal_preprocess.int32.squeeze", "pal_preprocess.int16.mu_law",
}  # fmt: skip
LENGTHS = (128, 256, 512, 1024, 2048, 4096)  # of a Fourier transform
STRUCTS = (
    "pal_device", "pal_state", "pal_verdict", "pal_front_end", "pal_mfcc_tables",
    "pal_mfcc_stream", "pal_traces_tables", "pal_preprocess_plan", "pal_filter", "pal_listener",
    "pal_confirmer", "pal_heard",
)  # fmt: skip


def measure(device: Path = library.DEVICE) -> Measured:
    """All of it.

    Raises:
        PalisadeError: A tool is missing.
    """
    trial = Trial(Machine(device, FLAGS))
    instructions = prices(trial)
    sections, helpers, of_listening = section_bytes(device)
    return Measured(
        sources_sha256=measured.digest(device),
        compiler=compiler(),
        flags=[*FLAGS, *PROCESSOR],
        section_bytes=sections,
        helper_bytes=helpers,
        listen_helper_bytes=of_listening,
        struct_bytes={name: emulation.size_bytes(name) for name in STRUCTS},
        instructions=instructions,
        stack_bytes=dict(sorted(trial.deepest.items())),
    )


def compiler() -> str:
    """The cross compiler and its version."""
    return _run([f"{CROSS}-gcc", "--version"]).splitlines()[0]


def prices(trial: Trial) -> dict[str, dict[str, float]]:
    """Instructions of each unit of each function's work."""
    runs: dict[str, list[tuple[Units, int]]] = {}
    for case in shapes.cases(np.random.default_rng(SEED), REPEATS):
        runs.setdefault(case.function, []).append((case.units, case.run(trial)))
    transforms = {work.transform(length): _transform(trial, length) for length in LENGTHS}
    return {
        function: fitted(
            [units for units, _ in some],
            [count for _, count in some],
            transforms,
            upper=function in UPPER,
        )
        for function, some in runs.items()
    }


def fitted(
    units: Sequence[Units], counts: Sequence[int], known: Mapping[str, float], *, upper: bool
) -> dict[str, float]:
    """What a unit costs, by least squares of relative errors; no unit costs less than nothing.

    Args:
        units: of each run.
        counts: its instructions.
        known: units whose price is known, of which some may occur.
        upper: raise the prices until no run costs more than they say.
    """
    names = sorted({name for one in units for name in one} - set(known))
    rest = [
        count - sum(known.get(name, 0.0) * n for name, n in one.items())
        for one, count in zip(units, counts, strict=True)
    ]
    rows = np.array([[one.get(name, 0) for name in names] for one in units], float)
    weights = 1.0 / np.array(counts, float)
    spread = np.abs(rows * weights[:, np.newaxis]).max(axis=0)
    found, _ = nnls(rows * weights[:, np.newaxis] / spread, np.array(rest) * weights)
    found = found / spread
    if upper:
        found *= max(1.0, float(np.max(np.array(rest) / (rows @ found))))
    met = known if any(set(one) & set(known) for one in units) else {}
    return {
        name: round(float(price), DECIMALS)
        for name, price in {**dict(zip(names, found, strict=True)), **met}.items()
    }


def _transform(trial: Trial, length: int) -> float:
    cosine = np.cos(2 * np.pi * np.arange(length // 4 + 1) / length).astype(np.float32)
    points = np.random.default_rng(SEED).normal(size=length).astype(np.float32)
    return float(trial.transform(cosine, points).instructions)


def section_bytes(device: Path) -> tuple[dict[str, int], int, int]:
    """Code and constants by source file, and those of the compiler's library that they need.

    Of the latter, what all sources need but those that listen, and what these need on top.
    """
    include = f"-I{device / 'include'}"
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for path in library.sources(device):
            made = f"{folder}/{path.stem}.o"
            command = [f"{CROSS}-gcc", *FLAGS, *PROCESSOR, include, "-c", str(path), "-o", made]
            _run(command)
            found[path.name] = _text_bytes(made)

        def helpers(names: Iterable[str]) -> int:
            linked, chosen = f"{folder}/linked.elf", list(names)
            objects = [f"{folder}/{Path(name).stem}.o" for name in chosen]
            _run([f"{CROSS}-gcc", *PROCESSOR, *emulation.LAYOUT, "-o", linked, *objects])
            return _text_bytes(linked) - sum(found[name] for name in chosen)

        without = helpers(name for name in found if name not in measured.LISTEN_SOURCES)
        return found, without, helpers(found) - without


def _text_bytes(path: str) -> int:
    text, data, *_ = _run([f"{CROSS}-size", path]).splitlines()[-1].split()
    return int(text) + int(data)


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Write the file."""
    try:
        found = measure()
    except PalisadeError as error:
        sys.exit(f"error: {error}")
    files.write_json(measured.place(), found.model_dump())
    print(f"wrote {measured.place()}")


if __name__ == "__main__":
    main()
