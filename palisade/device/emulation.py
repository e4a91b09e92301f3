"""The device's library on an emulated Cortex-M4F: same results as here, and how many instructions.

Debian's cross compiler (packages gcc-arm-none-eabi and libnewlib-arm-none-eabi) compiles it for
hard floating point, and unicorn (PyPI) executes single functions of it. What it counts are
instructions, not cycles: an emulator knows no wait states and no pipeline.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import library
from palisade.device.records import Record
from palisade.errors import PalisadeError

CROSS = "arm-none-eabi"
# Cortex-M4 with its single-precision unit, arguments in its registers.
PROCESSOR = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
FLASH, FLASH_BYTES = 0x08000000, 1 << 20
LAYOUT = ("-nostartfiles", "-Wl,--entry=0", f"-Wl,-Ttext={FLASH:#x}")
RAM, RAM_BYTES = 0x20000000, 1 << 22
STACK_BYTES = 1 << 16
UNTOUCHED = b"\xa5"  # what the stack is filled with, to see how deep it was used
RETURN = 0x1000  # where a function returns to, and the emulator stops
WORD_BYTES = 4
SIZES = {  # of C's types, as NumPy writes them
    "float": "f4", "size_t": "u4", "int": "i4",
    "int8_t": "i1", "int16_t": "i2", "int32_t": "i4", "int64_t": "i8",
    "uint8_t": "u1", "uint16_t": "u2", "uint32_t": "u4", "uint64_t": "u8",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What a call gave.

    Attributes:
        status: register r0, as a signed integer.
        real: register s0, a float function's result.
        instructions: executed by it, or 0 if they were not counted.
        stack_bytes: that it and what it called used, or 0 if they were not counted.
    """

    status: int
    real: float
    instructions: int
    stack_bytes: int = 0


def missing() -> str | None:
    """What keeps this machine from emulating, or None."""
    if not all(shutil.which(f"{CROSS}-{tool}") for tool in ("gcc", "objcopy", "nm")):
        return "the cross compiler for Cortex-M is not there"
    if importlib.util.find_spec("unicorn") is None:
        return "the emulator unicorn is not there"
    return None


def build(device: Path = library.DEVICE, flags: Sequence[str] = library.FLAGS) -> Path:
    """The library for a Cortex-M4F as an ELF file, placed in flash; cached as the host's is.

    Raises:
        PalisadeError: A tool is missing.
    """
    if problem := missing():
        raise PalisadeError(
            problem,
            f"apt-get install gcc-{CROSS} libnewlib-{CROSS}, and pip install unicorn",
        )
    return library.made([f"{CROSS}-gcc", *flags, *PROCESSOR, *LAYOUT], device, "elf")


class Machine:
    """A Cortex-M4F with the library in its flash, and RAM that is filled from the bottom.

    Raises:
        PalisadeError: A tool is missing.
    """

    def __init__(self, device: Path = library.DEVICE, flags: Sequence[str] = library.FLAGS) -> None:
        elf = build(device, flags)
        self._functions = _symbols(elf)
        self._unicorn = importlib.import_module("unicorn")
        self._arm = importlib.import_module("unicorn.arm_const")
        uc = self._unicorn
        self._cpu = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
        self._cpu.ctl_set_cpu_model(self._arm.UC_CPU_ARM_CORTEX_M4)
        self._cpu.mem_map(RETURN, RETURN)
        self._cpu.mem_map(FLASH, FLASH_BYTES)
        self._cpu.mem_map(RAM, RAM_BYTES)
        self._cpu.mem_write(FLASH, _image(elf))
        self._free = RAM
        self._lengths: dict[int, int] = {}  # instructions in a block, by its address

    def forget(self) -> None:
        """Fill RAM from the bottom again: what lies there may be overwritten."""
        self._free = RAM

    def address(self, function: str) -> int:
        """Where a function is, as a pointer to it: with the bit that says Thumb.

        Raises:
            KeyError: There is no such function.
        """
        return self._functions[function] | 1

    def code(self, instructions: bytes) -> int:
        """A pointer to a function of these Thumb instructions, copied into RAM."""
        return self._put(instructions) | 1

    def array(self, values: NDArray[Any]) -> int:
        """The address of a copy in RAM."""
        return self._put(np.ascontiguousarray(values).tobytes())

    def struct(self, name: str, record: Record) -> int:
        """The address of a struct with the record's values, laid out for 32 bits.

        Raises:
            KeyError: The struct has no such field.
        """
        ffi, _ = library.load()
        return self._put(self._packed(ffi.typeof(name), record))

    def read(self, address: int, count: int, dtype: Any) -> NDArray[Any]:
        """``[count]`` values from memory."""
        length = count * np.dtype(dtype).itemsize
        return np.frombuffer(bytes(self._cpu.mem_read(address, length)), dtype)

    def write(self, address: int, values: NDArray[Any]) -> None:
        """Overwrite memory with an array."""
        self._cpu.mem_write(address, np.ascontiguousarray(values).tobytes())

    def call(self, name: str, *arguments: int | float, counting: bool = False) -> Result:
        """Call a function with integers and addresses, and floats apart, in their order.

        Raises:
            KeyError: There is no such function.
        """
        self._pass([one for one in arguments if not isinstance(one, float)])
        reals = [np.float32(one) for one in arguments if isinstance(one, float)]
        for place, real in enumerate(reals):
            self._cpu.reg_write(self._arm.UC_ARM_REG_S0 + place, int(real.view(np.uint32)))
        self._cpu.reg_write(self._arm.UC_ARM_REG_LR, RETURN | 1)
        top = self._cpu.reg_read(self._arm.UC_ARM_REG_SP)
        if counting:
            self._cpu.mem_write(top - STACK_BYTES, UNTOUCHED * STACK_BYTES)
        with self._counted(counting) as counted:
            self._cpu.emu_start(self.address(name), RETURN)
        status = self._cpu.reg_read(self._arm.UC_ARM_REG_R0)
        real = np.uint32(self._cpu.reg_read(self._arm.UC_ARM_REG_S0)).view(np.float32)
        return Result(
            int(np.uint32(status).view(np.int32)),
            float(real),
            sum(counted),
            self._used(top) if counting else 0,
        )

    def _used(self, top: int) -> int:
        """Bytes below ``top`` down to the last one that is not as it was filled."""
        stack = bytes(self._cpu.mem_read(top - STACK_BYTES, STACK_BYTES))
        return len(stack.lstrip(UNTOUCHED))

    def _pass(self, words: list[int]) -> None:
        """Four in registers, the rest on the stack (AAPCS)."""
        rest = np.array([word & 0xFFFFFFFF for word in words[4:]], "<u4")
        top = (RAM + RAM_BYTES - rest.nbytes) & ~7
        self._cpu.mem_write(top, rest.tobytes())
        self._cpu.reg_write(self._arm.UC_ARM_REG_SP, top)
        for place, word in enumerate(words[:4]):
            self._cpu.reg_write(self._arm.UC_ARM_REG_R0 + place, word & 0xFFFFFFFF)

    @contextmanager
    def _counted(self, counting: bool) -> Iterator[list[int]]:
        """The lengths in instructions of the blocks that are executed."""
        counted: list[int] = []
        if not counting:
            yield counted
            return

        def block(_: Any, address: int, length: int, __: Any) -> None:
            counted.append(self._length(address, length))

        self._cpu.ctl_flush_tb()  # what was translated without the hook does not call it
        hook = self._cpu.hook_add(self._unicorn.UC_HOOK_BLOCK, block)
        yield counted
        self._cpu.hook_del(hook)
        self._cpu.ctl_flush_tb()

    def _length(self, address: int, length_bytes: int) -> int:
        """Thumb-2 instructions in a block: those of two halfwords begin with 11101 or 1111."""
        key = address << 16 | length_bytes
        if key not in self._lengths:
            halves, at, found = self.read(address, length_bytes // 2, "<u2"), 0, 0
            while at < len(halves):
                at += 2 if halves[at] >> 11 in (0b11101, 0b11110, 0b11111) else 1
                found += 1
            self._lengths[key] = found
        return self._lengths[key]

    def _put(self, content: bytes) -> int:
        address = self._free
        self._free += (len(content) + 7) & ~7
        if self._free > RAM + RAM_BYTES - STACK_BYTES:
            raise MemoryError(f"{len(content)} bytes do not fit into the emulated RAM")
        self._cpu.mem_write(address, content)
        return address

    def _packed(self, ctype: Any, record: Record) -> bytes:
        offsets, size = _layout(ctype)
        if unknown := set(record) - set(offsets):
            raise KeyError(unknown.pop())
        packed = bytearray(size)
        for field, member in ctype.fields:
            if record.get(field) is not None:
                content = self._member(member.type, record[field])
                packed[offsets[field] : offsets[field] + len(content)] = content
        return bytes(packed)

    def _member(self, ctype: Any, value: Any) -> bytes:
        if ctype.kind == "struct":
            return self._packed(ctype, value)
        if ctype.kind == "primitive":
            return np.array(value).astype(_dtype(ctype)).tobytes()
        if ctype.kind == "array":
            return b"".join(self._member(ctype.item, one) for one in value)
        if isinstance(value, int):  # an address already, as of a function
            address = value
        elif isinstance(value, np.ndarray):
            address = self.array(value)
        else:
            items = [value] if isinstance(value, Mapping) else value
            address = self._put(b"".join(self._packed(ctype.item, one) for one in items))
        return np.array(address, "<u4").tobytes()


def _dtype(ctype: Any) -> np.dtype[Any]:
    name: str = ctype.cname
    return np.dtype("<" + SIZES[name])


def size_bytes(name: str) -> int:
    """Bytes of a struct on the microcontroller."""
    ffi, _ = library.load()
    return _size(ffi.typeof(name))[0]


def _size(ctype: Any) -> tuple[int, int]:
    """Bytes of a type on the microcontroller, and its alignment."""
    if ctype.kind == "struct":
        return _layout(ctype)[1], max(_size(member.type)[1] for _, member in ctype.fields)
    if ctype.kind == "array":
        size, alignment = _size(ctype.item)
        return size * ctype.length, alignment
    if ctype.kind == "primitive":
        return (_dtype(ctype).itemsize,) * 2
    if ctype.kind == "enum":  # as short as its values allow, on a microcontroller
        raise TypeError(f"a struct that holds an {ctype.cname} has no portable layout")
    return WORD_BYTES, WORD_BYTES


def _layout(ctype: Any) -> tuple[dict[str, int], int]:
    """Where each field of a struct begins, and the struct's size, both in bytes."""
    offsets, end, largest = {}, 0, 1
    for field, member in ctype.fields:
        size, alignment = _size(member.type)
        offsets[field] = end + -end % alignment
        end, largest = offsets[field] + size, max(largest, alignment)
    return offsets, end + -end % largest


def _symbols(elf: Path) -> dict[str, int]:
    done = subprocess.run([f"{CROSS}-nm", str(elf)], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3 and row[1] in "Tt"}


def _image(elf: Path) -> bytes:
    command = [f"{CROSS}-objcopy", "-O", "binary", str(elf), "/dev/stdout"]
    return subprocess.run(command, capture_output=True, check=True).stdout
