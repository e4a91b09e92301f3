"""``python -m palisade``."""

from __future__ import annotations

import sys

from palisade.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
