"""Attacks on a camera by what stands before it: prints, stickers, light and shadow."""
