"""What the device's own code costs beside the models: ``python -m benchmarks.device_cost``.

Runs the front end and the guard of each released model on an emulated Cortex-M4F, on test examples,
and counts instructions, of which 1.3 cycles each are estimated. The model's cycles are
estimated from its multiply-accumulates, at 1.8 cycles each: what STM32's X-CUBE-AI needs on a
Cortex-M4 by the published logs of MLPerf Tiny (closed division, STM32L4R5), the fastest of
the stacks there, so that the share of everything else comes out large. An emulator counts
instructions, no cycles. Run the pipeline first (``make repro``); Debian's gcc-arm-none-eabi and
libnewlib-arm-none-eabi must be there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from palisade import edge, splits, stage
from palisade.device import emulation, library, records
from palisade.device import guard as on_device
from palisade.device.emulation import Machine
from palisade.edge import Edge
from palisade.guard import flash
from palisade.stage import Stage, read_yaml

CYCLES_AN_INSTRUCTION = 1.3
CYCLES_A_MAC = 1.8
EXAMPLES = 8  # evenly over the test set
STATE = ("pal_state", "pal_judgement", "pal_verdict")


def main() -> None:
    """Print figures as JSON, and write them where ``--output`` says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    if problem := emulation.missing():
        sys.exit(f"error: {problem}: install gcc-arm-none-eabi, libnewlib-arm-none-eabi, unicorn")
    tasks = [one.key for one in stage.entries(Path()).values() if one.name == "attack"]
    figures = {
        "code_text_bytes": text_bytes(),
        "stream_state_bytes": sum(map(emulation.size_bytes, STATE)),
        "tasks": {str(key): of_task(stage.enter("attack", key)) for key in tasks},
    }
    text = json.dumps(figures, indent=2, sort_keys=True)
    if chosen.output:
        chosen.output.write_text(text + "\n")
    print(text)


def text_bytes() -> int:
    """Code and constants of the whole library on a Cortex-M4, optimised for size, in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [f"{emulation.CROSS}-gcc", "-std=c99", "-Os", "-ffp-contract=off"]
        command += [*emulation.PROCESSOR, f"-I{library.DEVICE / 'include'}", "-c"]
        subprocess.run([*command, *map(str, library.sources())], check=True, cwd=folder)
        objects = sorted(str(path) for path in Path(folder).glob("*.o"))
        done = subprocess.run(
            [f"{emulation.CROSS}-size", "-t", *objects], check=True, capture_output=True, text=True
        )
    return int(done.stdout.splitlines()[-1].split()[0])


def of_task(this: Stage) -> dict[str, Any]:
    """Means over some test examples, for one inference; the front end's are of a whole sample."""
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    raw = test.x[np.linspace(0, len(test) - 1, EXAMPLES).astype(np.intp)]
    macs = json.loads(Path(f"metrics/{this.key}/convert.json").read_text())["macs"]
    counted = [_instructions(device, one) for one in np.asarray(raw)]
    front, guard = (float(np.mean(column)) for column in zip(*counted, strict=True))
    assert device.guard is not None
    cycles = (front * new_share(this.key) + guard) * CYCLES_AN_INSTRUCTION
    return {
        "front_end_instructions": round(front),
        "guard_instructions": round(guard),
        "front_end_scratch_bytes": scratch_bytes(device),
        "new_share": new_share(this.key),
        "guard_table_bytes": sum(flash.table_bytes(device.guard).values()),
        "model_macs": macs,
        "share_of_model_cycles": round(cycles / (macs * CYCLES_A_MAC), 4),
    }


def scratch_bytes(device: Edge) -> int:
    """Memory that the front end works in; it may be shared with the interpreter's arena."""
    ffi, lib = library.load()
    artefact = device.artefact
    record = device.front_end.record(float(artefact.scale), int(artefact.zero_point))
    needed = ffi.new("size_t *")
    status = lib.pal_front_end_check(records.struct("pal_front_end", record), needed)
    library.require(status, "pal_front_end_check")
    return int(needed[0])


def new_share(key: str) -> float:
    """Share of a sample that is new at each inference; the rest was heard at earlier ones."""
    prepared = read_yaml(Path("params.yaml"))["prepare"][key]
    return float(prepared.get("scene_hop_ms", 1) / prepared.get("clip_ms", 1))


def _instructions(device: Edge, raw: Any) -> tuple[int, int]:
    """Of the front end on one whole sample, and of the guard on the model's answer to it."""
    machine, front_end, guard = Machine(), device.front_end, device.guard
    outputs, inputs = device.run(raw[np.newaxis]), device.inputs(raw[np.newaxis])[0]
    artefact = device.artefact
    front = machine.struct(
        "pal_front_end", front_end.record(float(artefact.scale), int(artefact.zero_point))
    )
    scratch, features = machine.array(np.zeros(4096, np.int32)), machine.array(inputs)
    values = machine.array(raw)
    heard = machine.call(
        "pal_front_end_i8", front, values, raw.size, scratch, 16384, features, inputs.size,
        counting=True,
    )  # fmt: skip
    table = machine.struct("pal_guard", on_device.record(guard))
    said = machine.struct(
        "pal_outputs",
        {
            "logits": outputs.logits[0],
            "embedding": outputs.embedding[0],
            "classes": outputs.logits.shape[1],
            "width": outputs.embedding.shape[1],
        },
    )
    look = machine.array(np.zeros(2, np.uint32))  # pal_look
    judgement = machine.array(np.zeros(on_device.JUDGEMENT.itemsize, np.uint8))
    looked = machine.call("pal_guard_look", table, features, inputs.size, look, counting=True)
    judged = machine.call("pal_guard_judge", table, said, look, judgement, counting=True)
    for done in (heard, looked, judged):
        library.require(done.status, "the emulated library")
    same = machine.read(features, inputs.size, np.int8).reshape(inputs.shape)
    assert np.array_equal(same, inputs), "the microcontroller hears otherwise than this machine"
    return heard.instructions, looked.instructions + judged.instructions


if __name__ == "__main__":
    main()
