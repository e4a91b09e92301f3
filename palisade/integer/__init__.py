"""Exact integer execution of an int8 model, many examples at once."""
