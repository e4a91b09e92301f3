"""Draws the default corpus of traces, from the physics of door, sensors and passers-by."""
