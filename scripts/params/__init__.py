"""Writes docs/params.md, the reference of params.yaml, from the models that stages read it with."""
