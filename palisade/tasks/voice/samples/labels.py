"""The two classes that are no command (Warden 2018, arXiv:1804.03209)."""

UNKNOWN = "_unknown_"  # any other word
SILENCE = "_silence_"  # no speech, though perhaps noise
