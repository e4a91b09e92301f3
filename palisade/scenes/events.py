"""What happens at the door: drawn once by ``scene_id``, and rendered by every task's synthesizer.

An event's split is drawn here and nowhere else, so that a test event has its sound, its
pictures and its trace, and none of them is met in calibration. What a kind of event sounds,
looks and feels like, each task knows for itself (``palisade/tasks/<task>/synthesis/scenes.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field, model_validator

from palisade import seeds, stage

SPLITS = ("calibration", "test")  # no event trains anything
ARRIVAL_SHARE = (0.1, 0.6)  # of the window, when what happens begins
DISTANCE_M = (0.8, 2.5)  # of a visitor from the door, once there
LIGHTS = ("day", "dusk", "night")
WEATHERS = ("calm", "wind", "rain")


class Counts(stage.Params):
    """How many events of each kind one split holds.

    A near-miss is an event at which all but one of the sensors have reason to unlock, or at
    which something passes for such a reason.
    """

    visitor_unlocks: int = Field(ge=1, description="walks up and says unlock: the one to open for")
    visitor_commands: int = Field(ge=0, description="walks up, says another command; near-miss")
    visitor_talks: int = Field(ge=0, description="walks up, says other words; near-miss")
    visitor_silent: int = Field(ge=0, description="walks up, says nothing")
    street_unlock: int = Field(ge=0, description="unlock is said by one who passes by; near-miss")
    passer_by: int = Field(ge=0, description="passes by, in talk or silent; near-miss")
    pet: int = Field(ge=0, description="an animal comes up, nobody is there; near-miss")
    television: int = Field(ge=0, description="speech, commands in it, no one there; near-miss")
    knock: int = Field(ge=0, description="a visitor knocks")
    tampering: int = Field(ge=0, description="somebody works at the lock")
    weather: int = Field(ge=0, description="wind and traffic, nobody is there")
    quiet: int = Field(ge=0, description="nothing happens")


KINDS = tuple(Counts.model_fields)
NEAR_MISSES = frozenset(
    {"visitor_commands", "visitor_talks", "street_unlock", "passer_by", "pet", "television"}
)


class Params(stage.Params):
    """The events that fusion is calibrated and tested on."""

    window_s: float = Field(ge=1, le=30, description="length of an event, all sensors alike")
    calibration: Counts
    test: Counts

    @model_validator(mode="after")
    def _has_near_misses(self) -> Params:
        for split in SPLITS:
            counts: dict[str, int] = getattr(self, split).model_dump()
            negatives = sum(counts.values()) - counts["visitor_unlocks"]
            near = sum(counts[kind] for kind in NEAR_MISSES)
            if 3 * near < negatives:
                raise ValueError(f"{split} needs near-misses as a third of its negatives")
        return self


@dataclass(frozen=True)
class Event:
    """One event, the same for every task.

    Attributes:
        scene_id: twelve hexadecimal digits.
        split: ``calibration`` or ``test``.
        kind: one of ``KINDS``.
        window_s: its length.
        arrival_s: when what happens begins, from the window's start.
        distance_m: how near the door a visitor comes.
        light: one of ``LIGHTS``.
        weather: one of ``WEATHERS``.
    """

    scene_id: str
    split: str
    kind: str
    window_s: float
    arrival_s: float
    distance_m: float
    light: str
    weather: str


def draw(params: Params, *, seed: int) -> tuple[Event, ...]:
    """Every event of both splits. More events of a kind leave the others as they were."""
    return tuple(
        _draw(split, kind, index, params.window_s, seed)
        for split in SPLITS
        for kind, count in getattr(params, split)
        for index in range(count)
    )


def _draw(split: str, kind: str, index: int, window_s: float, seed: int) -> Event:
    dice = seeds.generator(seed, "scenes", split, kind, index)
    return Event(
        scene_id=f"{seeds.derive(seed, 'scene', split, kind, index):016x}"[-12:],
        split=split,
        kind=kind,
        window_s=window_s,
        arrival_s=round(float(dice.uniform(*ARRIVAL_SHARE)) * window_s, 3),
        distance_m=round(float(dice.uniform(*DISTANCE_M)), 3),
        light=str(dice.choice(LIGHTS, p=(0.5, 0.2, 0.3))),
        weather="wind" if kind == "weather" else str(dice.choice(WEATHERS, p=(0.6, 0.25, 0.15))),
    )
