"""Voice: keyword spotting on one second of 16 kHz sound."""
