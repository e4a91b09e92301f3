"""Speech from text, through the synthesiser's own process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np
import soxr
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.tasks.voice.synthesis import espeak

SAMPLE_RATE_HZ = 16_000  # of Speech Commands (Warden 2018, arXiv:1804.03209)
FASTEST_WPM = 450  # espeakRATE_MAXIMUM of espeak-ng's speak_lib.h
_TRIES = 4
_FRAME = 80  # samples, 5 ms
_FLOOR_DB = -45.0  # frames this far below the loudest one, at either end, are no speech

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class Utterance:
    """What is said, by whom and how.

    Attributes:
        voice: espeak-ng's name of accent and variant, ``en-us+f2``.
        rate_wpm: words a minute, 80 to 450.
        pitch: 0 to 99, 50 is the variant's own.
        pitch_range: 0 (monotone) to 99.
        tract_scale: formants and pitch so many times as high, as of a vocal tract so many
            times shorter; the word is so many times shorter too.
        text: what is said.
    """

    voice: str
    rate_wpm: int
    pitch: int
    pitch_range: int
    tract_scale: float
    text: str


class Synthesizer:
    """One process of the synthesiser; the same calls in the same order give the same bytes."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", espeak.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=Path(__file__).resolve().parents[4],
        )

    def __enter__(self) -> Synthesizer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def say(self, utterance: Utterance) -> Waveform:
        """Say it: ``[n]`` float32 at 16 kHz, full scale 1.0, without silence at either end.

        Raises:
            PalisadeError: The synthesiser is missing or failed, or it said nothing.
        """
        samples = np.frombuffer(self._ask(utterance), dtype="<i2").astype(np.float32) / 2**15
        if not samples.any():
            raise PalisadeError(
                f"{utterance.voice} says nothing for {utterance.text!r}", "use another word"
            )
        return trim(soxr.resample(samples, espeak.RATE_HZ * utterance.tract_scale, SAMPLE_RATE_HZ))

    def say_within(self, utterance: Utterance, longest: int) -> tuple[Waveform, Utterance]:
        """Say it in at most ``longest`` samples, faster if need be, and tell how it was said.

        Raises:
            PalisadeError: Even at the synthesiser's fastest it takes longer.
        """
        for _ in range(_TRIES):
            said = self.say(utterance)
            if len(said) <= longest:
                return said, utterance
            faster = int(utterance.rate_wpm * 1.05 * len(said) / longest)
            utterance = replace(utterance, rate_wpm=min(faster, FASTEST_WPM))
        raise PalisadeError(
            f"{utterance.text!r} takes longer than {1000 * longest // SAMPLE_RATE_HZ} ms to say",
            "use a shorter word",
        )

    def _ask(self, utterance: Utterance) -> bytes:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(asdict(utterance)).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._failure() from error
        header = self._process.stdout.read(espeak.HEADER.size)
        if len(header) < espeak.HEADER.size:
            raise self._failure()
        size = 2 * espeak.HEADER.unpack(header)[0]
        answer = self._process.stdout.read(size)
        if len(answer) < size:
            raise self._failure()
        return answer

    def _failure(self) -> PalisadeError:
        status = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"it ended with status {status}"
        return PalisadeError(
            f"the speech synthesiser espeak-ng failed ({reason})",
            "install requirements.lock again and rerun",
        )


def trim(x: Waveform) -> Waveform:
    """Without the silence at either end: whole frames more than 45 dB below the loudest."""
    frames = np.pad(x, (0, -len(x) % _FRAME)).reshape(-1, _FRAME)
    energy = np.mean(np.square(frames), axis=1)
    loud = np.flatnonzero(energy > energy.max() * 10 ** (_FLOOR_DB / 10))
    return x[loud[0] * _FRAME : (loud[-1] + 1) * _FRAME]
