"""Training: the recipe, the loop, and what was measured on the way."""
