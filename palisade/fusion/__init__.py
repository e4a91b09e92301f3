"""One decision of several sensors: a critical action passes only when all of them agree."""
