"""A block of sound to the network's windows, by the device's own front end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from palisade.device.frontend import FrontEnd
from palisade.device.preprocess import Kind
from palisade.stream.recording import Recording
from palisade.tasks.voice.streaming.drawing import Sound


@dataclass(frozen=True)
class Ear:
    """Computes each frame once where windows share them, as a device does.

    A frame depends on its own samples alone, so the frames of a long sound are those of whole
    clips put end to end, each beginning where the frame after its predecessor's last one does.
    This holds unless preprocessing reaches across frames, as a low-pass does, or windows begin
    between frames; then every window goes through the front end as a clip of its own.

    Attributes:
        front_end: preprocessing and front end in C.
        scale, zero_point: of the network's input.
        frame_hop: samples from one frame to the next.
        window_hop: samples from one window to the next.
    """

    front_end: FrontEnd
    scale: float
    zero_point: int
    frame_hop: int
    window_hop: int

    def __call__(self, sound: Sound, kind: str) -> Recording:
        """The windows of a sound of some kind, as many as lie within it."""
        frames = self.front_end.shape[0]
        (length,) = self.front_end.sample
        count = max(0, (len(sound.samples) - length) // self.window_hop + 1)
        if not self._shares_frames:
            rows = self._rows(sound.samples, self.window_hop, count)
            return Recording(kind, rows, frames, frames, sound.said)
        step = self.window_hop // self.frame_hop
        needed = (count - 1) * step + frames if count else 0
        rows = self._rows(sound.samples, frames * self.frame_hop, -(-needed // frames))
        return Recording(kind, rows[:needed], frames, step, sound.said)

    @property
    def _shares_frames(self) -> bool:
        plan = self.front_end.plan
        reaches = plan is not None and any(one.kind == Kind.LOW_PASS for one in plan.filters)
        return not reaches and self.window_hop % self.frame_hop == 0

    def _rows(self, samples: NDArray[np.int16], hop: int, count: int) -> NDArray[np.int8]:
        """Frames of so many clips that begin ``hop`` samples apart, one after the other.

        The last clip may reach beyond the sound, with frames that are in no window.
        """
        (length,) = self.front_end.sample
        padded = np.pad(samples, (0, max(0, (count - 1) * hop + length - len(samples))))
        clips = np.empty((count, length), samples.dtype)
        for place in range(count):
            clips[place] = padded[place * hop : place * hop + length]
        features = self.front_end.int8(clips, self.scale, self.zero_point)
        return features.reshape(-1, *features.shape[2:])
