"""Attacks against the clock, beside other libraries."""
