"""A TensorFlow Lite file as exact operators.

References:
    The TensorFlow Lite schema, tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from palisade.integer.fixed_point import Rescale, UnsupportedError, multiplier
from palisade.integer.graph import Graph, Step
from palisade.integer.operators import Convolution, Mean, Product, Scale, Sum, Target

_TYPES = {schema.TensorType.INT8: np.int8, schema.TensorType.INT32: np.int32}


def read(content: bytes) -> Graph:
    """The exact operators of a ``.tflite`` file.

    Raises:
        UnsupportedError: It has an operator, or a form of one, that is not executed exactly.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    if len(model.subgraphs) != 1:
        raise UnsupportedError(f"{len(model.subgraphs)} subgraphs")
    reader = _Reader(model, model.subgraphs[0])
    steps = tuple(reader.step(operator) for operator in reader.graph.operators)
    return Graph(steps, int(reader.graph.inputs[0]), tuple(map(int, reader.graph.outputs)))


@dataclass(frozen=True)
class _Reader:
    model: Any
    graph: Any

    def step(self, operator: Any) -> Step:
        code = self.model.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        if kind not in _MAKERS:
            raise UnsupportedError(f"operator {_name(kind)}")
        make, read = _MAKERS[kind]
        sources = tuple(int(place) for place in operator.inputs[:read])
        return Step(make(self, operator), sources, int(operator.outputs[0]))

    def scale(self, place: int) -> Scale:
        """Of an int8 tensor with one scale."""
        tensor = self.graph.tensors[place]
        found = tensor.quantization
        demand(tensor.type == schema.TensorType.INT8, "a tensor that is not int8")
        demand(found is not None and np.size(found.scale) == 1, "a tensor without one scale")
        return Scale(np.float32(found.scale[0]), int(found.zeroPoint[0]))

    def values(self, place: int) -> NDArray[Any]:
        """Of a constant tensor."""
        tensor = self.graph.tensors[place]
        data = self.model.buffers[tensor.buffer].data
        demand(data is not None and tensor.type in _TYPES, "weights that are no constant integers")
        flat = np.frombuffer(np.asarray(data, np.uint8).tobytes(), _TYPES[tensor.type])
        return flat.reshape(tuple(tensor.shape)).astype(np.int64)

    def target(self, operator: Any, activation: int) -> Target:
        zero_point = self.scale(operator.outputs[0]).zero_point
        kinds = schema.ActivationFunctionType
        demand(activation in (kinds.NONE, kinds.RELU), "a fused activation other than ReLU")
        low = max(-128, zero_point) if activation == kinds.RELU else -128
        return Target(zero_point, low, 127)

    def weight_scales(self, place: int) -> NDArray[np.float32]:
        found = self.graph.tensors[place].quantization
        demand(not np.any(found.zeroPoint), "weights with a zero point")
        return np.asarray(found.scale, np.float32)

    def convolution(self, operator: Any) -> Convolution:
        options = operator.builtinOptions
        demand(options.dilationHFactor == options.dilationWFactor == 1, "dilation")
        source, weights, bias = with_bias(operator)
        filters, *kernel, channels = self.graph.tensors[weights].shape
        shape = self.graph.tensors[source].shape
        demand(channels == shape[3], "groups of channels")
        into, out = self.scale(source), self.scale(operator.outputs[0])
        factors = [
            float(into.scale) * float(scale) / float(out.scale)
            for scale in np.broadcast_to(self.weight_scales(weights), filters)
        ]
        product = Product.of(
            self.values(weights).reshape(filters, -1).T,
            self.values(bias),
            into.zero_point,
            Rescale.by([multiplier(factor) for factor in factors]),
            self.target(operator, options.fusedActivationFunction),
        )
        strides = (options.strideH, options.strideW)
        same = options.padding == schema.Padding.SAME
        rows, columns = (
            _padding(int(length), int(width), stride) if same else (0, 0)
            for length, width, stride in zip(shape[1:3], kernel, strides, strict=True)
        )
        return Convolution(product, (int(kernel[0]), int(kernel[1])), strides, (rows, columns))

    def fully_connected(self, operator: Any) -> Product:
        source, weights, bias = with_bias(operator)
        into, out = self.scale(source), self.scale(operator.outputs[0])
        demand(len(self.weight_scales(weights)) == 1, "a dense layer with a scale a channel")
        factor = float(into.scale) * float(self.weight_scales(weights)[0]) / float(out.scale)
        return Product.of(
            self.values(weights).T,
            self.values(bias),
            into.zero_point,
            Rescale.by([multiplier(factor)]),
            self.target(operator, operator.builtinOptions.fusedActivationFunction),
        )

    def mean(self, operator: Any) -> Mean:
        source, axes = operator.inputs
        shape = self.graph.tensors[source].shape
        demand(sorted(self.values(axes)) == [1, 2] and len(shape) == 4, "a mean over other axes")
        demand(not operator.builtinOptions.keepDims, "a mean that keeps its axes")
        none = schema.ActivationFunctionType.NONE
        return Mean.of(
            self.scale(source),
            self.scale(operator.outputs[0]),
            int(shape[1] * shape[2]),
            self.target(operator, none),
        )

    def add(self, operator: Any) -> Sum:
        first, second = operator.inputs
        tensors = self.graph.tensors
        demand(list(tensors[first].shape) == list(tensors[second].shape), "a sum that broadcasts")
        return Sum.of(
            (self.scale(first), self.scale(second)),
            self.scale(operator.outputs[0]),
            self.target(operator, operator.builtinOptions.fusedActivationFunction),
        )


_KINDS = schema.BuiltinOperator
# How to make each operator, and how many of its inputs are not constants.
_MAKERS: dict[int, tuple[Callable[[_Reader, Any], Callable[..., NDArray[np.int8]]], int]] = {
    _KINDS.CONV_2D: (_Reader.convolution, 1),
    _KINDS.FULLY_CONNECTED: (_Reader.fully_connected, 1),
    _KINDS.MEAN: (_Reader.mean, 1),
    _KINDS.ADD: (_Reader.add, 2),
}


def demand(fulfilled: bool, otherwise: str) -> None:
    """Refuse a model that has something else.

    Raises:
        UnsupportedError: It does.
    """
    if not fulfilled:
        raise UnsupportedError(otherwise)


def with_bias(operator: Any) -> tuple[int, int, int]:
    """Places of input, weights and bias, of which the last may be left out.

    Raises:
        UnsupportedError: It is.
    """
    demand(len(operator.inputs) == 3 and operator.inputs[2] >= 0, "a layer without a bias")
    source, weights, bias = map(int, operator.inputs)
    return source, weights, bias


def _padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Before and after, for ``ceil(length / stride)`` outputs; an odd one goes after."""
    total = max(0, (-(-length // stride) - 1) * stride + kernel - length)
    return total // 2, total - total // 2


def _name(kind: int) -> str:
    return next((name for name, value in vars(_KINDS).items() if value == kind), str(kind))
