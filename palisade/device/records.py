"""Structs of the C library from plain data, which describes them for host and microcontroller.

A record is a mapping from a struct's fields to their values: numbers, NumPy arrays and further
records (or lists of them) where C has pointers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from palisade.device import library

Record = Mapping[str, Any]

# A C struct does not own what it points to; this keeps it as long as the struct.
_kept: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()


def struct(name: str, record: Record) -> Any:
    """A pointer to a new struct ``name`` with the record's values; the rest is zero.

    Arrays are pointed to where they are, not copied.

    Raises:
        KeyError: The struct has no such field.
    """
    ffi, _ = library.load()
    kept: list[Any] = []
    made = ffi.new(f"{name} *", _native(ffi.typeof(name), record, kept))
    _kept[made] = kept
    return made


def _native(ctype: Any, record: Record, kept: list[Any]) -> dict[str, Any]:
    types = {field: member.type for field, member in ctype.fields}
    return {field: _value(types[field], value, kept) for field, value in record.items()}


def _value(ctype: Any, value: Any, kept: list[Any]) -> Any:
    ffi, _ = library.load()
    if isinstance(value, Mapping):
        return (
            _native(ctype, value, kept) if ctype.kind == "struct" else _array(ctype, [value], kept)
        )
    if isinstance(value, list):
        return _array(ctype, value, kept)
    if isinstance(value, np.ndarray):
        kept.append(library.pointer(value))
        return ffi.cast(ctype, kept[-1])
    return value


def _array(ctype: Any, items: list[Record], kept: list[Any]) -> Any:
    ffi, _ = library.load()
    kept.append(ffi.new(f"{ctype.item.cname}[]", [_native(ctype.item, one, kept) for one in items]))
    return kept[-1]
