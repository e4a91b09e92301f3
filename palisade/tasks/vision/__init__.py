"""Vision: is a person at the door, in one grey picture of a door camera."""
