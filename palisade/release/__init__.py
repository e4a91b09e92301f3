"""A release: the folder that a device runs from, its signature, and whom to believe about it."""
