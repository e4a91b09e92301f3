"""Models as images that a bootloader checks: made, verified, and updated without a way back."""
