"""Small params for the synthetic corpus of pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from palisade import stage
from palisade.scenes import events
from palisade.scenes.events import KINDS, Event
from palisade.splits import NAMES
from palisade.tasks.vision.synthesis.params import Params

AMOUNTS = {"person_images": 4, "nobody_images": 5, "homes": 2}


def values(**changes: Any) -> dict[str, Any]:
    """A small corpus as params.yaml would name it; dotted names change what is below."""
    tree: dict[str, Any] = {
        "image_px": 32,
        "oversampling": 2,
        "frames_per_event": 3,
        "passer_by_m": [2.0, 2.4],
        "visible_least": 0.045,
        "homes": {
            "focal": [0.64, 0.8],
            "camera_m": [1.2, 1.5],
            "horizon": [0.4, 0.5],
            "backdrop_m": [4.4, 6.5],
            "barrel": [0.0, 0.25],
            "vignette": [0.1, 0.5],
            "blur_px": [0.2, 0.5],
            "infrared_share": 0.6,
        },
        "people": {
            "number_weights": [0.66, 0.24, 0.1],
            "distance_m": [0.85, 2.4],
            "across": [0.15, 0.85],
            "height_m": [1.5, 1.95],
            "build": [0.85, 1.4],
            "lean": [-0.06, 0.06],
            "tone": [0.06, 0.94],
            "skin": [0.25, 0.82],
            "pattern_share": 0.3,
            "hat_share": 0.35,
            "umbrella_share": 0.08,
            "carrying_share": 0.4,
        },
        "things": {
            "lookalike_weights": [0.64, 0.3, 0.06],
            "pet_share": 0.2,
            "litter_share": 0.16,
            "car_share": 0.35,
            "hidden_share": 0.16,
        },
        "light": {
            "light_weights": [0.5, 0.2, 0.3],
            "weather_weights": [0.6, 0.2, 0.2],
            "sun_share": 0.5,
            "backlight_share": 0.08,
            "brightness": [0.34, 0.54],
            "contrast_least": 0.36,
            "defocus_px": [0.0, 0.4],
            "sharpening": [0.2, 0.8],
            "noise": [0.004, 0.015],
            "night_noise": [0.012, 0.03],
            "jpeg_quality": [45.0, 92.0],
        },
        "material": {"background_share": 1.0, "cutout_share": 1.0, "largest_megapixels": 1.0},
        **{name: dict(AMOUNTS) for name in NAMES},
    }
    for name, value in changes.items():
        *path, last = name.split("__")
        branch = tree
        for part in path:
            branch = branch[part]
        branch[last] = value
    return tree


Make = Callable[..., Params]


@pytest.fixture(scope="session")
def make_params() -> Make:
    """Params with changes: ``make_params(people__hat_share=1.0)``."""
    return lambda **changes: stage.checked(
        Params, values(**changes), "params.yaml: synthesize.vision"
    )


@pytest.fixture(scope="session")
def some_events() -> tuple[Event, ...]:
    """Two events of each kind in either split."""
    counts = dict.fromkeys(KINDS, 2)
    drawn = {"window_s": 3.0, "calibration": counts, "test": counts}
    return events.draw(stage.checked(events.Params, drawn, "params.yaml: scenes"), seed=7)
