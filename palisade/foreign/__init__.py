"""Attacks on int8 models that this pipeline did not make: by queries, for want of a gradient."""
