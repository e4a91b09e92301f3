"""Somebody else's int8 model: what it takes, and what it says on LiteRT and on TFLM."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from tflite_micro import runtime

from palisade.errors import PalisadeError
from palisade.foreign.surgery import searchable
from palisade.parallel import each, workers
from palisade.quiet import native_stderr

LARGEST_ARENA_BYTES = 1 << 22
BATCH = 64
SHARE = 32  # examples that a TFLM process takes at once
OURS = "logits"  # of this pipeline's models, which also give an embedding
TFLM, LITERT = "TFLM", "LiteRT"
_WRONG_AXIS = "quantized_dimension"  # in LiteRT's complaint; surgery mends it

Int8 = NDArray[np.int8]


@dataclass(frozen=True)
class ForeignModel:
    """An int8 model with one input and one output of scores, the largest of which is the answer.

    Attributes:
        name: for messages.
        content: the file.
        shape: of the input, without the batch.
        scale, zero_point: of the input: it stands for ``scale * (value - zero_point)``.
        classes: how many scores.
        softmax: whether the search sees what goes into a Softmax that ends the model.
    """

    name: str
    content: bytes
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    classes: int
    softmax: bool
    output: int
    search: bytes

    @property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest value that an input stands for."""
        return (
            self.scale * (-128 - self.zero_point),
            self.scale * (127 - self.zero_point),
        )

    def quantise(self, values: Any) -> Int8:
        """Real values as the model's input: to the nearest step, ties to even, clipped."""
        steps = np.rint(np.asarray(values, np.float64) / self.scale) + self.zero_point
        return np.asarray(np.clip(steps, -128, 127), np.int8)

    def scores(self) -> Callable[[Int8], Int8]:
        """A search's view: int8 scores ``[n, classes]`` of inputs ``[n, ...]``, on LiteRT."""
        return partial(_batched, *_opened(self.search, self.name))

    def own_scores(self) -> Callable[[Int8], Int8] | None:
        """What the untouched file says on TFLM, one by one; None where TFLM does not run it."""
        try:
            with native_stderr():
                interpreter = _micro(self.content)
        except RuntimeError:
            return None
        return partial(_one_by_one, interpreter, self.output)

    def verdict(self, inputs: Int8) -> tuple[NDArray[np.int64], str]:
        """What the untouched file answers, and whether TFLM or, failing it, LiteRT said so."""
        if self.own_scores() is None:
            return answers(self.scores()(inputs)), LITERT
        shares = [inputs[start : start + SHARE] for start in range(0, len(inputs), SHARE)]
        run = partial(_on_tflm, self.content, self.output)
        found = each(run, shares, "TFLM") if workers() > 1 else [run(share) for share in shares]
        return answers(np.concatenate(found)), TFLM


def load(path: Path) -> ForeignModel:
    """Read a ``.tflite`` file.

    Raises:
        PalisadeError: It is not a model of the form that ``ForeignModel`` says.
    """
    content, name = path.read_bytes(), str(path)
    interpreter = _verified(content, name)
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    if len(inputs) != 1:
        raise PalisadeError(f"{name} has {len(inputs)} inputs", "only one input can be attacked")
    _demand_int8(inputs[0], "input", name)
    place = _output(interpreter, outputs, name)
    _demand_int8(outputs[place], "output", name)
    *front, classes = (int(n) for n in outputs[place]["shape"])
    if classes < 2 or any(n != 1 for n in front):
        raise PalisadeError(
            f"{name} answers with the shape {[*front, classes]}",
            "only a classifier that gives two or more scores an input can be attacked",
        )
    search, softmax = searchable(content, place)
    scale, zero_point = inputs[0]["quantization"]
    return ForeignModel(
        name,
        content,
        tuple(int(n) for n in inputs[0]["shape"][1:]),
        float(scale),
        int(zero_point),
        classes,
        softmax,
        place,
        search,
    )


def _verified(content: bytes, name: str) -> Interpreter:
    """LiteRT's view of the file, of which it has seen that it is whole."""
    try:
        return _interpreter(content)
    except (ValueError, RuntimeError) as error:
        reason = str(error)
    if _WRONG_AXIS in reason:
        return _interpreter(_mended(content))
    reason = " ".join(reason.split())[:120]
    raise PalisadeError(
        f"{name} is not a TensorFlow Lite model that LiteRT can run ({reason})",
        "give a whole .tflite file of built-in operators",
    )


def _mended(content: bytes) -> bytes:
    return searchable(content, 0)[0]


def _interpreter(content: bytes) -> Interpreter:
    with native_stderr():
        interpreter = Interpreter(model_content=content, num_threads=workers())
        interpreter.allocate_tensors()
    return interpreter


def _output(interpreter: Any, outputs: list[dict[str, Any]], name: str) -> int:
    """The place of the scores: the only output, or the one that is called logits."""
    if len(outputs) == 1:
        return 0
    for signature in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(signature)
        for label, detail in runner.get_output_details().items():
            if label.removeprefix("quant_") == OURS:
                return [d["name"] for d in outputs].index(detail["name"])
    raise PalisadeError(
        f"{name} has {len(outputs)} outputs, and none is called {OURS}",
        "only one output of scores can be attacked",
    )


def _demand_int8(tensor: dict[str, Any], what: str, name: str) -> None:
    kind = np.dtype(tensor["dtype"]).name
    if kind != "int8":
        raise PalisadeError(
            f"{name} has {kind} {what}s", "convert it with int8 inputs and outputs (full integer)"
        )
    if not tensor["quantization"][0] > 0:
        raise PalisadeError(f"{name} does not say what its {what}s stand for", "quantise it anew")


def _opened(content: bytes, name: str) -> tuple[Interpreter, int]:
    """An interpreter, and the largest batch that it takes: some graphs hold a batch of one."""
    interpreter = _interpreter(content)
    detail = interpreter.get_input_details()[0]
    pair = np.zeros((2, *detail["shape"][1:]), np.int8)
    try:
        both = _batched(interpreter, 2, pair)
        if np.array_equal(both[0], both[1]) and len(both) == 2:
            return interpreter, BATCH
    except (ValueError, RuntimeError):
        pass
    return _interpreter(content), 1


def _batched(interpreter: Interpreter, batch: int, inputs: Int8) -> Int8:
    source, found = interpreter.get_input_details()[0]["index"], []
    for start in range(0, len(inputs), batch):
        part = inputs[start : start + batch]
        if interpreter.get_input_details()[0]["shape"][0] != len(part):
            with native_stderr():
                interpreter.resize_tensor_input(source, part.shape)
                interpreter.allocate_tensors()
        interpreter.set_tensor(source, part)
        interpreter.invoke()
        scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        found.append(scores.reshape(len(part), -1))
    return np.concatenate(found)


def _micro(content: bytes) -> Any:
    return runtime.Interpreter.from_bytes(content, arena_size=LARGEST_ARENA_BYTES)


def _on_tflm(content: bytes, output: int, inputs: Int8) -> Int8:
    return _one_by_one(_micro(content), output, inputs)


def _one_by_one(interpreter: Any, output: int, inputs: Int8) -> Int8:
    found = []
    for one in inputs:
        interpreter.set_input(one[np.newaxis], 0)
        interpreter.invoke()
        found.append(np.array(interpreter.get_output(output)).reshape(-1))
    return np.array(found)


def answers(scores: Int8) -> NDArray[np.int64]:
    """``[n]`` the class of the largest score, the first of equals."""
    label: NDArray[np.int64] = np.argmax(scores, axis=1)
    return label
