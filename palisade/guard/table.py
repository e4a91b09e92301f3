"""What a guard's tables are made of: closed, frozen models whose arrays hold whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator

from palisade import stage


class Table(stage.Params):
    """Base of every table. Two are equal if they hold the same numbers."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]


def _whole(dtype: type[np.integer[Any]]) -> Callable[[Any], NDArray[Any]]:
    """Takes a list or an array of integers that a C type can hold, as a read-only array."""
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)

    def take(value: Any) -> NDArray[Any]:
        numbers = value.tolist() if isinstance(value, np.ndarray) else value
        if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
            raise ValueError("must be a list of whole numbers")
        if any(not low <= number <= high for number in numbers):
            raise ValueError(f"must hold numbers from {low} to {high}")
        array = np.array(numbers, dtype)
        array.setflags(write=False)
        return array

    return take


_listed = PlainSerializer(lambda array: array.tolist())
Int8s = Annotated[NDArray[np.int8], PlainValidator(_whole(np.int8)), _listed]
Int16s = Annotated[NDArray[np.int16], PlainValidator(_whole(np.int16)), _listed]
Int32s = Annotated[NDArray[np.int32], PlainValidator(_whole(np.int32)), _listed]
UInt8s = Annotated[NDArray[np.uint8], PlainValidator(_whole(np.uint8)), _listed]
UInt16s = Annotated[NDArray[np.uint16], PlainValidator(_whole(np.uint16)), _listed]
UInt32s = Annotated[NDArray[np.uint32], PlainValidator(_whole(np.uint32)), _listed]
