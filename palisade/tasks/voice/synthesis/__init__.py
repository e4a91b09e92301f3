"""Draws the default corpus of spoken commands: synthetic voices in random rooms."""
