"""Runs on real data and beside others' work; each is a command that prints its figures."""
