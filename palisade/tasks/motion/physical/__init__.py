"""Attacks on a PIR and an accelerometer by heat, cover, pace and shaking."""
