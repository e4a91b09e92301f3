"""The speech synthesiser, in a process of its own: ``python -m ...synthesis.espeak``.

espeak-ng is GPL-3.0, so nothing else of this project loads it or links to it: this process
does, and others talk to it over pipes. A request is a line of JSON on standard input,
``{"voice": "en-us+f2", "rate_wpm": 170, "pitch": 50, "pitch_range": 50, "text": "stop"}``;
the answer on standard output is the number of samples (uint32) and the samples (int16), both
little-endian, mono at ``RATE_HZ``. It ends when its input ends.

The library's sound depends on what it said before (flutter, breath noise), so whoever needs
the same bytes again starts a new process and repeats the same requests in the same order.

Source: espeak-ng 1.52, src/include/espeak-ng/speak_lib.h and espeak_ng.h.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import espeakng_loader

RATE_HZ = 22_050
HEADER = struct.Struct("<I")

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to a callback, nothing is played
_BUFFER_MS = 500
_RATE, _PITCH, _PITCH_RANGE = 1, 3, 4  # espeak_PARAMETER
_UTF8 = 1  # espeakCHARS_UTF8
_RANDOM_SEED = 1
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Failure(Exception):
    """The library refused something."""


def open_library(library: str, data: str) -> ctypes.CDLL:
    """Load the library and start it on its data folder.

    Raises:
        Failure: The library or its data cannot be loaded, or it speaks at another rate.
    """
    try:
        espeak = ctypes.CDLL(library)
    except OSError as error:
        raise Failure(f"cannot load {library} ({error})") from error
    home = str(Path(data).parent).encode()
    rate_hz = espeak.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, home, 0)
    if rate_hz != RATE_HZ:
        raise Failure(f"it gives {rate_hz} Hz, not {RATE_HZ}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(_RANDOM_SEED))
    return espeak


def speaker(espeak: ctypes.CDLL) -> Callable[[dict[str, Any]], bytes]:
    """A function that turns a request into samples (little-endian int16)."""
    heard: list[bytes] = []

    def hear(samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = _Callback(hear)
    espeak.espeak_SetSynthCallback(callback)

    def say(request: dict[str, Any]) -> bytes:
        _ = callback  # the library keeps only a pointer to it
        heard.clear()
        _set_up(espeak, request)
        text = request["text"].encode() + b"\0"
        if espeak.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 1, 0, _UTF8, None, None):
            raise Failure(f"it does not say {request['text']!r}")
        espeak.espeak_Synchronize()
        return b"".join(heard)

    return say


def _set_up(espeak: ctypes.CDLL, request: dict[str, Any]) -> None:
    if espeak.espeak_SetVoiceByName(request["voice"].encode()):
        raise Failure(f"it has no voice {request['voice']}")
    for parameter, value in (
        (_RATE, request["rate_wpm"]),
        (_PITCH, request["pitch"]),
        (_PITCH_RANGE, request["pitch_range"]),
    ):
        if espeak.espeak_SetParameter(parameter, value, 0):
            raise Failure(f"it refuses value {value} for parameter {parameter}")


def main() -> None:
    """Answer requests until there are no more."""
    try:
        library = open_library(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
        say = speaker(library)
        for line in sys.stdin:
            samples = say(json.loads(line))
            sys.stdout.buffer.write(HEADER.pack(len(samples) // 2) + samples)
            sys.stdout.buffer.flush()
    except (Failure, RuntimeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
