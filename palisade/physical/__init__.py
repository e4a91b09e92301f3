"""Attacks that reach a sensor through the world: crafted on the white box, judged on the device."""
