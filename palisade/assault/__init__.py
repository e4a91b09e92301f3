"""Inputs crafted for the door: what an attacker forces or prevents within each sensor's budget."""
