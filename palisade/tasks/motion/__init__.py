"""Motion at the door: what a pyroelectric sensor and an accelerometer feel of it."""
