"""The device's step, with a front end and a network in Python in the places of the firmware's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import library, records
from palisade.device.guard import of_consistency, record
from palisade.guard.judgement import Decision, Reason, Signal
from palisade.guard.tables import Guard

Int8s = NDArray[np.int8]
_READY = 1


@dataclass(frozen=True)
class Frames:
    """What a stream's frames have to be.

    Attributes:
        samples: of a frame, all channels together.
        largest_gap: by how much a sequence number may go up; 1 where no frame may be missing.
        largest_gap_ms: from one frame to the next.
        largest_age_ms: of a frame when it is judged; only looked at where there is a clock.
    """

    samples: int
    largest_gap: int
    largest_gap_ms: int
    largest_age_ms: int = 0


@dataclass(frozen=True)
class Firmware:
    """What the firmware supplies.

    Attributes:
        prepare: int8 features of a frame ``[samples]``, or None while it has not heard enough.
        invoke: ``(logits [classes], embedding [d])`` of features.
        reset: forgets what ``prepare`` has heard.
        clock: the time now in ms, modulo 2^32, or None: a frame's age is not looked at.
    """

    prepare: Callable[[NDArray[Any]], Int8s | None]
    invoke: Callable[[Int8s], tuple[Int8s, Int8s]]
    reset: Callable[[], None]
    clock: Callable[[], int] | None = None


@dataclass(frozen=True)
class Verdict:
    """What the device says of one frame.

    Attributes:
        decision, reason: see ``palisade.guard.judgement``.
        label: the network's first choice, 255 if there is none.
        scores: ``[4]`` int32 by ``Signal``.
        action_lsb: margin of the labels that warrant the action, if accepted, else -255.
        status: the name of the ``pal_status`` behind a fault, else ``PAL_OK``.
    """

    decision: Decision
    reason: Reason
    label: int
    scores: NDArray[np.int32]
    action_lsb: int
    status: str


class Stream:
    """One stream of frames through ``pal_step``.

    Args:
        guard: the task's.
        firmware: front end and network. What they raise comes out of ``step``.
        frames: what a frame has to be.
        model: the bytes that are attested.
        digest: their SHA-256 as released.
        accepted: indices of the labels that warrant the action; none: no margin is asked for.
    """

    def __init__(
        self,
        guard: Guard,
        firmware: Firmware,
        frames: Frames,
        *,
        model: bytes,
        digest: bytes,
        accepted: tuple[int, ...] = (),
    ) -> None:
        ffi, _ = library.load()
        self._guard, self._firmware = guard, firmware
        self._raised: Exception | None = None
        self._samples: NDArray[Any] = np.zeros(0)
        self._outputs: tuple[Int8s, Int8s] | None = None
        self._features = np.zeros(guard.engineered.inputs, np.int8)
        self._called = self._callbacks()  # they have to live as long as the struct
        self._device = records.struct(
            "pal_device",
            {
                "guard": record(guard),
                **({"consistency": of_consistency(guard.consistency)} if guard.consistency else {}),
                "model": np.frombuffer(model, np.uint8),
                "digest": np.frombuffer(digest, np.uint8),
                **self._called,
                "features": self._features,
                "feature_count": len(self._features),
                "model_bytes": len(model),
                "frame_samples": frames.samples,
                "largest_gap": frames.largest_gap,
                "largest_gap_ms": frames.largest_gap_ms,
                "largest_age_ms": frames.largest_age_ms,
                "accepted": sum(1 << label for label in accepted),
            },
        )
        self._state = ffi.new("pal_state *")

    def boot(self) -> bool:
        """Attest the model and begin anew; whether the model is the one released."""
        _, lib = library.load()
        status: int = lib.pal_boot(self._device, self._state)
        return status == int(lib.PAL_OK)

    def step(self, samples: NDArray[Any], *, sequence: int, time_ms: int) -> Verdict:
        """Judge one frame ``[samples]``, or raise what the firmware's functions raised."""
        ffi, lib = library.load()
        self._samples = np.ascontiguousarray(samples)
        frame = ffi.new("pal_frame *")
        frame.samples = ffi.from_buffer(self._samples)
        frame.count, frame.sequence, frame.time_ms = samples.size, sequence, time_ms
        said = ffi.new("pal_verdict *")
        lib.pal_step(self._device, self._state, frame, said)
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised
        found = said.judgement
        return Verdict(
            decision=Decision(found.decision),
            reason=Reason(found.reason),
            label=found.label,
            scores=np.array([found.scores[signal] for signal in Signal], np.int32),
            action_lsb=said.action_lsb,
            status=str(ffi.string(ffi.cast("pal_status", said.status))),
        )

    def _callbacks(self) -> dict[str, Any]:
        ffi, _ = library.load()
        clock, failed = self._firmware.clock, _status("PAL_FAULT_RANGE")

        def give(kind: str, function: Callable[..., Any], error: int | None = None) -> Any:
            return ffi.callback(kind, function, onerror=self._keep, error=error)

        return {
            "prepare": give("pal_prepare", self._prepare, failed),
            "invoke": give("pal_invoke", self._invoke, failed),
            "reset": give("pal_reset", lambda _: self._firmware.reset()),
            **({"now": give("pal_clock", lambda _: clock(), 0)} if clock else {}),
        }

    def _keep(self, _kind: Any, raised: Exception, _traceback: Any) -> None:
        self._raised = raised

    def _prepare(self, _context: Any, _frame: Any, _features: Any, _count: int, ready: Any) -> int:
        features = self._firmware.prepare(self._samples)
        if features is not None:
            self._features[:] = features.ravel()
            ready[0] = _READY
        return _status("PAL_OK")

    def _invoke(self, _context: Any, _features: Any, _count: int, outputs: Any) -> int:
        logits, embedding = map(np.ascontiguousarray, self._firmware.invoke(self._features.copy()))
        self._outputs = (logits, embedding)  # until the next step
        outputs.logits, outputs.embedding = library.pointer(logits), library.pointer(embedding)
        outputs.classes, outputs.width = logits.size, embedding.size
        return _status("PAL_OK")


def _status(name: str) -> int:
    _, lib = library.load()
    return int(getattr(lib, name))
