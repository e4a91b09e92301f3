"""Attacks in the raw domain of a sensor: balls, losses, one loop, and the battery over them."""
