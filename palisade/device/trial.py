"""Single runs of the library's functions on an emulated machine, with their instructions counted.

Each takes records and arrays as the functions do, and raises ``library.Fault`` unless the
function answers ``PAL_OK``: what is counted is the way of a valid input.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import emulation, library
from palisade.device import guard as on_device
from palisade.device import listen as on_stream
from palisade.device.emulation import Machine, Result
from palisade.device.records import Record
from palisade.guard.judgement import Decision
from palisade.guard.tables import Guard
from palisade.stream.listening import Listening

SCRATCH_BYTES = 1 << 16
# prepare(context, frame, features, count, ready): *ready = 1; return PAL_OK.
#   ldr r1, [sp]; movs r2, #1; strb r2, [r1]; movs r0, #0; bx lr
PREPARE = bytes.fromhex("0099 0122 0a70 0020 7047")
# invoke(context, features, count, outputs): *outputs = *context, four words; return PAL_OK.
#   ldr r1, [r0, #n]; str r1, [r3, #n] for n = 0, 4, 8, 12; movs r0, #0; bx lr
INVOKE = bytes.fromhex("0168 1960 4168 5960 8168 9960 c168 d960 0020 7047")
CALLBACKS = (len(PREPARE) + len(INVOKE)) // 2  # instructions, two bytes each


class Trial:
    """A machine whose RAM is used anew for each run.

    Args:
        machine: with the library compiled as is wanted.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.deepest: dict[str, int] = {}  # stack in bytes, by function

    def front_end(self, record: Record, raw: NDArray[Any]) -> Result:
        """``pal_front_end_i8`` on a sample; with a plan, its preprocessing as well."""
        machine = self._empty()
        front, features = machine.struct("pal_front_end", record), record["features"]
        found = machine.array(np.zeros(features, np.int8))
        return self._counted(
            "pal_front_end_i8", front, machine.array(raw), raw.size, self._scratch(), SCRATCH_BYTES,
            found, features,
        )  # fmt: skip

    def transform(self, cosine: NDArray[np.float32], points: NDArray[np.float32]) -> Result:
        """``pal_fourier_power`` of so many points."""
        machine = self._empty()
        machine.call(
            "pal_fourier_power", machine.array(cosine), points.size, where := machine.array(points)
        )
        return self._counted("pal_fourier_power", machine.array(cosine), points.size, where)

    def preprocess(self, plan: Record, raw: NDArray[Any]) -> Result:
        """``pal_preprocess`` on a sample."""
        machine = self._empty()
        made = machine.struct("pal_preprocess_plan", plan)
        return self._counted(
            "pal_preprocess", made, machine.array(raw), raw.size, self._scratch(), SCRATCH_BYTES
        )

    def push(
        self, tables: Record, to: Record, rows: int, heard: NDArray[Any], new: NDArray[Any]
    ) -> Result:
        """``pal_mfcc_push`` of new sound, in a stream that has heard some."""
        machine = self._empty()
        stream = machine.struct(
            "pal_mfcc_stream",
            {
                "tail": np.zeros(tables["window"], np.int16),
                "features": np.zeros(rows * tables["coefficients"], np.int8),
                "frames": rows,
            },
        )
        fixed = machine.struct("pal_mfcc_tables", tables), machine.struct("pal_quantisation", to)
        scratch, ready = self._scratch(), machine.array(np.zeros(1, np.uint8))
        room = scratch, SCRATCH_BYTES // 4, ready
        before = machine.call(
            "pal_mfcc_push", *fixed, stream, machine.array(heard), heard.size, *room
        )
        library.require(before.status, "pal_mfcc_push")
        return self._counted("pal_mfcc_push", *fixed, stream, machine.array(new), new.size, *room)

    def look(self, guard: Guard, features: NDArray[np.int8]) -> Result:
        """``pal_guard_look`` at a network's input."""
        machine = self._empty()
        table = machine.struct("pal_guard", on_device.record(guard))
        seen = machine.struct("pal_look", {})
        return self._counted("pal_guard_look", table, machine.array(features), features.size, seen)

    def judge(self, guard: Guard, logits: NDArray[np.int8], embedding: NDArray[np.int8]) -> Result:
        """``pal_guard_judge`` of a network's answer that the tree finds plausible."""
        machine = self._empty()
        table = machine.struct("pal_guard", on_device.record(guard))
        said = self._outputs(logits, embedding)
        judgement = machine.array(np.zeros(1, on_device.JUDGEMENT))
        seen = machine.struct("pal_look", {"plausible": 0xFFFFFFFF})
        return self._counted("pal_guard_judge", table, said, seen, judgement)

    def settle(self, rule: Record, history: Record, label: int) -> Result:
        """``pal_consistency_settle`` of an accepted answer."""
        machine = self._empty()
        judgement = np.zeros(1, on_device.JUDGEMENT)
        judgement["label"], judgement["decision"] = label, Decision.ACCEPT
        return self._counted(
            "pal_consistency_settle", machine.struct("pal_consistency", rule),
            machine.struct("pal_history", history), machine.array(judgement),
        )  # fmt: skip

    def listen(self, rules: Listening, logits: NDArray[np.int8]) -> Result:
        """``pal_listen`` of a window ``[classes]``, in a stream that has heard enough like it."""
        machine = self._empty()
        table = machine.struct("pal_listener", on_stream.record(rules))
        heard, action = machine.struct("pal_heard", {}), machine.array(np.zeros(1, np.uint8))
        said = table, heard, machine.array(logits), logits.size, 1, action
        for _ in range(rules.context_windows - 1):
            library.require(machine.call("pal_listen", *said).status, "pal_listen")
        return self._counted("pal_listen", *said)

    def attest(self, model: bytes) -> Result:
        """``pal_attest`` of a model that is what it should be."""
        machine = self._empty()
        region = machine.array(np.frombuffer(model, np.uint8))
        digest = machine.array(np.frombuffer(hashlib.sha256(model).digest(), np.uint8))
        return self._counted("pal_attest", region, len(model), digest)

    def step(self, guard: Guard, logits: NDArray[np.int8], features: NDArray[np.int8]) -> Result:
        """``pal_step`` as a whole, on a front end and a network that only hand over their answer.

        The answer warrants the action if it is label 0.
        """
        machine = self._empty()
        model = np.arange(64, dtype=np.uint8)
        device = machine.struct(
            "pal_device",
            {
                "guard": on_device.record(guard),
                "model": model,
                "digest": np.frombuffer(hashlib.sha256(model.tobytes()).digest(), np.uint8),
                "prepare": machine.code(PREPARE),
                "invoke": machine.code(INVOKE),
                "context": self._outputs(logits, np.zeros(guard.embedding, np.int8)),
                "features": features,
                "feature_count": features.size,
                "model_bytes": model.size,
                "frame_samples": 1,
                "largest_gap": 1,
                "largest_gap_ms": 1,
                "accepted": 1,
            },
        )
        state = machine.array(np.zeros(emulation.size_bytes("pal_state"), np.uint8))
        library.require(machine.call("pal_boot", device, state).status, "pal_boot")
        frame = machine.struct("pal_frame", {"samples": features, "count": 1, "sequence": 1})
        verdict = machine.array(np.zeros(emulation.size_bytes("pal_verdict"), np.uint8))
        return self._counted("pal_step", device, state, frame, verdict)

    def _empty(self) -> Machine:
        self._machine.forget()
        return self._machine

    def _scratch(self) -> int:
        return self._machine.array(np.zeros(SCRATCH_BYTES // 4, np.int32))

    def _outputs(self, logits: NDArray[np.int8], embedding: NDArray[np.int8]) -> int:
        sizes = {"classes": logits.size, "width": embedding.size}
        return self._machine.struct(
            "pal_outputs", {"logits": logits, "embedding": embedding, **sizes}
        )

    def _counted(self, function: str, *arguments: int) -> Result:
        done = self._machine.call(function, *arguments, counting=True)
        if function != "pal_fourier_power":  # which answers nothing
            library.require(done.status, function)
        self.deepest[function] = max(done.stack_bytes, self.deepest.get(function, 0))
        return done
