"""Audit of the default models by other people's attacks."""
