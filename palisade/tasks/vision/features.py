"""The camera's front end: pixels as they are, centred so that int8 loses nothing.

The network's input is ``(pixel - 128) / 255``: its quantised form has a step of 1/255, so each
of the 256 grey levels is an integer of its own, and the device only flips a bit.
"""

from __future__ import annotations

from typing import Any

from palisade.errors import PalisadeError
from palisade.tasks.vision.geometry import Params

CENTRE = 128.0 / 255.0
CHANNELS = {"grey": 1, "colour": 3}


class FrontEnd:
    """Pixels in [0, 1] to the network's input.

    Attributes:
        shape: ``(image_px, image_px, 1 or 3)``.
    """

    def __init__(self, params: Params) -> None:
        self.shape = (params.image_px, params.image_px, CHANNELS[params.channels])

    def __call__(self, x: Any) -> Any:
        """Features ``[n, px, px, channels]`` in [-0.502, 0.498] of pixels in [0, 1].

        Raises:
            PalisadeError: The pictures are of another form than the params say.
        """
        if tuple(x.shape[1:]) != self.shape:
            raise PalisadeError(
                f"pictures are {tuple(x.shape[1:])}, and features expects {self.shape}",
                "give features and prepare the same image_px and channels",
            )
        return x - CENTRE
