"""Attacks on a microphone through the air."""
