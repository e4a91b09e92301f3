"""Draws sound without end: running speech, a household's noises, and commands among them."""
