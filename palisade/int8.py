"""The int8 artefact as interpreters run it: LiteRT to search, TFLM's arithmetic for the verdict.

Microcontrollers run TensorFlow Lite for Microcontrollers (TFLM), whose reference kernels do
not agree with LiteRT's bit for bit on every model; a figure says which of the two gave it.
A verdict is what TFLM says, worked out in NumPy (``palisade/integer``) and held against TFLM
itself on a sample of the inputs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from tflite_micro import runtime

from palisade.errors import PalisadeError
from palisade.integer import reading
from palisade.integer.fixed_point import UnsupportedError
from palisade.integer.graph import Graph
from palisade.parallel import each, workers
from palisade.progress import say
from palisade.quiet import native_stderr

LARGEST_ARENA_BYTES = 1 << 20
BATCH = 64
PREFIX = "quant_"  # put before a layer's name by quantisation-aware training
# Work for a TFLM process: large enough to forget the cost of starting one.
SHARE = 64
VERDICTS = "PALISADE_VERDICTS"
# Of a verdict's inputs, those that also run on TFLM.
LEAST_CHECKED, ONE_CHECKED_IN = 8, 50


@dataclass(frozen=True)
class Outputs:
    """What the artefact says: raw int8.

    Attributes:
        logits: ``[n, classes]``.
        embedding: ``[n, d]``.
    """

    logits: NDArray[np.int8]
    embedding: NDArray[np.int8]

    @property
    def label(self) -> NDArray[np.int64]:
        """``[n]`` the class of the largest logit, the first of equals."""
        label: NDArray[np.int64] = np.argmax(self.logits, axis=1)
        return label

    def equal(self, other: Outputs) -> NDArray[np.bool_]:
        """``[n]`` whether an example's outputs are the same in every byte."""
        same = (self.logits == other.logits).all(axis=1)
        return np.asarray(same & (self.embedding == other.embedding).all(axis=1), np.bool_)


class Artefact:
    """A full int8 model with one input and two outputs, ``logits`` and ``embedding``.

    Raises:
        PalisadeError: It is not a TensorFlow Lite model of that form.
    """

    def __init__(self, content: bytes, name: str = "the model") -> None:
        self.content = content
        self.name = name
        try:
            with native_stderr():
                self._interpreter = Interpreter(model_content=content, num_threads=1)
        except ValueError as error:
            raise PalisadeError(f"{name} is not a TensorFlow Lite model", str(error)) from error
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        signature = self._interpreter.get_signature_list().get("serving_default", {})
        names = sorted(name.removeprefix(PREFIX) for name in signature.get("outputs", []))
        if len(inputs) != 1 or names != ["embedding", "logits"]:
            raise PalisadeError(
                f"{name} has {len(inputs)} inputs and the outputs {names}",
                "it needs one input and the outputs logits and embedding",
            )
        if any(tensor["dtype"] != np.int8 for tensor in inputs + outputs):
            raise PalisadeError(f"{name} is not int8 in and out", "convert it with int8 tensors")
        self.shape = tuple(int(n) for n in inputs[0]["shape"][1:])
        self.scale, self.zero_point = inputs[0]["quantization"]
        self._index = inputs[0]["index"]
        self._outputs = _output_order(self._interpreter)

    def scales(self) -> dict[str, Any]:
        """Scale and zero point of the input and of each output, as firmware needs them."""
        outputs = self._interpreter.get_output_details()
        return {
            "input": _scale(self.scale, self.zero_point),
            "outputs": {
                name: _scale(*outputs[place]["quantization"])
                for name, place in self._outputs.items()
            },
        }

    @classmethod
    def load(cls, path: Path) -> Artefact:
        """Read a ``.tflite`` file."""
        return cls(path.read_bytes(), str(path))

    def quantise(self, features: Any) -> NDArray[np.int8]:
        """Features as the model's input: rounded to the nearest step, ties to even, clipped."""
        steps = np.rint(np.asarray(features, np.float32) / np.float32(self.scale))
        return np.asarray(np.clip(steps + self.zero_point, -128, 127), np.int8)

    def litert(self, inputs: NDArray[np.int8]) -> Outputs:
        """Run on LiteRT (XNNPACK), in batches."""
        found = []
        for start in range(0, len(inputs), BATCH):
            batch = inputs[start : start + BATCH]
            self._interpreter.resize_tensor_input(self._index, (len(batch), *self.shape))
            with native_stderr():
                self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(self._index, batch)
            self._interpreter.invoke()
            details = self._interpreter.get_output_details()
            found.append([self._interpreter.get_tensor(tensor["index"]) for tensor in details])
        return self._joined(found)

    def tflm(self, inputs: NDArray[np.int8]) -> Outputs:
        """Run on TFLM, one by one, over the machine's cores."""
        shares = [inputs[start : start + SHARE] for start in range(0, len(inputs), SHARE)]
        run = _MicroRun(self.content, self._outputs)
        found = each(run, shares, "TFLM") if workers() > 1 else [run(share) for share in shares]
        logits = [outputs.logits for outputs in found]
        embedding = [outputs.embedding for outputs in found]
        return Outputs(np.concatenate(logits), np.concatenate(embedding))

    def exact(self, inputs: NDArray[np.int8]) -> Outputs | None:
        """TFLM's arithmetic in NumPy, in batches; None where an operator is not known."""
        if self._graph is None:
            return None
        found = self._graph(inputs)
        return Outputs(found[self._outputs["logits"]], found[self._outputs["embedding"]])

    def verdict(self, inputs: NDArray[np.int8]) -> Outputs:
        """What TFLM says, in exact integers; a spread sample of the inputs runs on TFLM too.

        Raises:
            PalisadeError: The two differ in any byte of the sample.
        """
        found = None if tflm_alone() else self.exact(inputs)
        if found is None:
            return self.tflm(inputs)
        checked = _spread(len(inputs))
        said = _MicroRun(self.content, self._outputs)(inputs[checked])
        self.agreement(Outputs(found.logits[checked], found.embedding[checked]), said)
        return found

    def agreement(self, exact: Outputs, tflm: Outputs) -> float:
        """The share of examples whose outputs are the same in every byte.

        Raises:
            PalisadeError: It is not all of them, and verdicts are not taken on TFLM alone.
        """
        share = float(np.mean(exact.equal(tflm)))
        if share < 1 and not tflm_alone():
            raise PalisadeError(
                f"{self.name} says something else on TFLM than in exact integers",
                f"run it on TFLM alone: set {VERDICTS}=tflm",
            )
        return share

    @cached_property
    def _graph(self) -> Graph | None:
        try:
            return reading.read(self.content)
        except UnsupportedError as error:
            say(f"{self.name} runs on TFLM for every verdict, as it has {error}")
            return None

    def _joined(self, found: list[list[NDArray[np.int8]]]) -> Outputs:
        ordered = {
            name: np.concatenate([outputs[place] for outputs in found])
            for name, place in self._outputs.items()
        }
        return Outputs(ordered["logits"], ordered["embedding"])


@dataclass(frozen=True)
class _MicroRun:
    """A picklable run of a TFLM interpreter over a share of the inputs."""

    content: bytes
    places: dict[str, int]

    def __call__(self, inputs: NDArray[np.int8]) -> Outputs:
        interpreter = runtime.Interpreter.from_bytes(self.content, arena_size=LARGEST_ARENA_BYTES)
        rows: dict[str, list[NDArray[np.int8]]] = {name: [] for name in self.places}
        for one in inputs:
            interpreter.set_input(one[np.newaxis], 0)
            interpreter.invoke()
            for name, place in self.places.items():
                rows[name].append(interpreter.get_output(place)[0])
        return Outputs(np.array(rows["logits"]), np.array(rows["embedding"]))


def tflm_alone() -> bool:
    """Whether ``$PALISADE_VERDICTS`` asks to take every verdict on TFLM itself.

    Raises:
        PalisadeError: It is neither ``tflm`` nor ``exact``.
    """
    text = os.environ.get(VERDICTS, "exact")
    if text not in ("exact", "tflm"):
        raise PalisadeError(f"{VERDICTS} is {text!r}", "set it to exact or tflm, or not at all")
    return text == "tflm"


def _spread(count: int) -> NDArray[np.intp]:
    """Which of ``count`` inputs are checked: first, last, and evenly between them."""
    checked = min(count, max(LEAST_CHECKED, count // ONE_CHECKED_IN))
    return np.linspace(0, count - 1, checked).astype(np.intp)


def _scale(scale: float, zero_point: int) -> dict[str, float | int]:
    return {"scale": float(scale), "zero_point": int(zero_point)}


def _output_order(interpreter: Any) -> dict[str, int]:
    """Which place each named output has: found by its tensor, as names get lost on the way."""
    runner: Any = interpreter.get_signature_runner("serving_default")
    details = runner.get_output_details()
    names = {d["name"]: name.removeprefix(PREFIX) for name, d in details.items()}
    return {names[d["name"]]: i for i, d in enumerate(interpreter.get_output_details())}


def arena_bytes(content: bytes) -> int:
    """The smallest TFLM arena that the model runs in, on this machine, to 16 bytes.

    A 64-bit host needs somewhat more than a 32-bit microcontroller.
    """
    low, high = 0, LARGEST_ARENA_BYTES // 16
    if not _fits(content, high * 16):
        raise PalisadeError(
            f"the model needs an arena above {LARGEST_ARENA_BYTES} bytes", "make it smaller"
        )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _fits(content, middle * 16) else (middle, high)
    return high * 16


def _fits(content: bytes, arena: int) -> bool:
    try:
        with native_stderr():
            runtime.Interpreter.from_bytes(content, arena_size=arena)
    except RuntimeError:
        return False
    return True
