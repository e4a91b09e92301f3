"""CBOR (RFC 8949) as far as tokens need it, and only in its deterministic form (section 4.2).

Numbers, byte and text strings, arrays, maps with numbers for keys, true and false: shortest
lengths, keys in order and once, nothing after the end, no tags. So no bytes can be read in two
ways, and none makes the reader work or remember more than a few times their length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

DEEPEST = 4
_WIDTHS = {24: ">B", 25: ">H", 26: ">I", 27: ">Q"}
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}  # below, a shorter form would do
_SIMPLE = {20: False, 21: True}


class NotCbor(ValueError):
    """The bytes are not what this module reads."""


@dataclass
class _Reader:
    content: bytes
    at: int = 0

    def take(self, count: int) -> bytes:
        if count > len(self.content) - self.at:
            raise NotCbor("it ends too early")
        self.at += count
        return self.content[self.at - count : self.at]

    def head(self) -> tuple[int, int]:
        """The next item's major type and argument."""
        first = self.take(1)[0]
        major, argument = first >> 5, first & 31
        if argument < 24 or major == 7:
            return major, argument
        if argument not in _WIDTHS:
            raise NotCbor("a length is left open")
        width = _WIDTHS[argument]
        value: int = struct.unpack(width, self.take(struct.calcsize(width)))[0]
        if value < _LEAST[argument]:
            raise NotCbor("a number is longer than it has to be")
        return major, value

    def item(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise NotCbor("it is nested too deeply")
        major, argument = self.head()
        if major == 0:
            return argument
        if major == 1:
            return -1 - argument
        if major == 2:
            return self.take(argument)
        if major == 3:
            return self.take(argument).decode()
        if major == 4:
            return [self.item(depth + 1) for _ in range(self.most(argument))]
        if major == 5:
            return self.map(argument, depth + 1)
        if major == 7 and argument in _SIMPLE:
            return _SIMPLE[argument]
        raise NotCbor("it holds something that no token has")

    def map(self, count: int, depth: int) -> dict[int, Any]:
        found: dict[int, Any] = {}
        last = b""
        for _ in range(self.most(count)):
            start = self.at
            key = self.item(depth)
            written = self.content[start : self.at]
            if type(key) is not int or written <= last:
                raise NotCbor("keys are no numbers, or out of order")
            found[key], last = self.item(depth), written
        return found

    def most(self, count: int) -> int:
        """A number of items, of which each has a byte at least."""
        if count > len(self.content) - self.at:
            raise NotCbor("it ends too early")
        return count


def loads(content: bytes) -> Any:
    """What some bytes hold.

    Raises:
        NotCbor: They are not deterministic CBOR, or hold what no token has.
    """
    reader = _Reader(content)
    try:
        found = reader.item(0)
    except UnicodeDecodeError as error:
        raise NotCbor("a text is not UTF-8") from error
    if reader.at != len(content):
        raise NotCbor("something follows it")
    return found
