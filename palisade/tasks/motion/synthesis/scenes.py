"""What each kind of event at the door gives the sensors of motion."""

from __future__ import annotations

from palisade.scenes.events import KINDS, Event
from palisade.tasks.motion.samples import labels
from palisade.tasks.motion.synthesis.trace import Moment

# What the sensors truly witness. A voice from the street is a passer-by's, who has a body; one
# from a loudspeaker has none.
WITNESSED = {
    "visitor_unlocks": labels.PERSON,
    "visitor_commands": labels.PERSON,
    "visitor_talks": labels.PERSON,
    "visitor_silent": labels.PERSON,
    "street_unlock": labels.TRAFFIC,
    "passer_by": labels.TRAFFIC,
    "pet": labels.PET,
    "television": labels.NOTHING,
    "knock": labels.KNOCK,
    "tampering": labels.TAMPERING,
    "weather": labels.TRAFFIC,
    "quiet": labels.NOTHING,
}
assert set(WITNESSED) == set(KINDS)

_PASSING = {
    "street_unlock": frozenset({"person"}),
    "passer_by": frozenset({"person"}),
    "weather": frozenset({"wind"}),
}


def moment(event: Event) -> Moment:
    """What the event fixes of its trace; the rest is drawn, by the event's name."""
    windy = event.weather == "wind"
    passing = _PASSING.get(event.kind)
    if passing is not None and windy:
        passing |= {"wind"}
    return Moment(
        split=event.split,
        label=WITNESSED[event.kind],
        name=event.scene_id,
        seconds=event.window_s,
        arrival_s=event.arrival_s,
        distance_m=event.distance_m,
        wind=windy,
        sun=event.light == "day" and event.weather != "rain",
        passing=passing,
    )
