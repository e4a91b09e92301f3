"""Draws the default corpus of door-camera pictures: people, and what is taken for them."""
