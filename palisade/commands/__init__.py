"""The commands of ``python -m palisade``: what they take, what they do, how they end."""
