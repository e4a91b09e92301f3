"""Changes to a TensorFlow Lite file that make it easier to search and leave its answers alone.

An int8 Softmax rounds most answers to 0 or 1, and a search that sees only those is blind. Whoever
has the file can read what goes into the Softmax, so the search does. The verdict is the file's own.

References:
    The TensorFlow Lite schema, tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

IDENTIFIER = b"TFL3"


def searchable(content: bytes, output: int) -> tuple[bytes, bool]:
    """The model with one output, and without the Softmax that ends it.

    Also mends what old converters wrote and LiteRT refuses, though TFLM runs it: biases whose
    channels are said to lie along an axis that they do not have.

    Args:
        content: a ``.tflite`` file of one subgraph, as LiteRT has verified it.
        output: place among its outputs of the one that is kept.

    Returns:
        The file, and whether a Softmax was taken off.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    graph = model.subgraphs[0]
    for tensor in graph.tensors:
        found = tensor.quantization
        if found is not None and found.quantizedDimension >= np.size(tensor.shape):
            found.quantizedDimension = 0
    last = graph.outputs[output]
    softmax = _softmax_before(model, graph, last)
    if softmax is not None:
        graph.operators.remove(softmax)
        last = softmax.inputs[0]
    graph.outputs = np.array([last], np.int32)
    model.signatureDefs = None  # they name the outputs that there were
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output()), softmax is not None


def _softmax_before(model: Any, graph: Any, tensor: int) -> Any | None:
    """The Softmax that makes a tensor from an int8 one, if one does and nothing else reads it."""
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        makes = operator.outputs is not None and tensor in operator.outputs
        if makes and kind == schema.BuiltinOperator.SOFTMAX:
            int8 = graph.tensors[operator.inputs[0]].type == schema.TensorType.INT8
            return operator if int8 and not _is_read(graph, tensor) else None
    return None


def _is_read(graph: Any, tensor: int) -> bool:
    return any(
        operator.inputs is not None and tensor in operator.inputs for operator in graph.operators
    )
