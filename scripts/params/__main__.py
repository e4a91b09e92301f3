"""``python -m scripts.params``: writes docs/params.md; with ``--check``, fails if it is stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from palisade.errors import PalisadeError
from scripts.params.page import page

PAGE = Path("docs/params.md")


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it is stale")
    check = parser.parse_args().check
    try:
        made = page(Path())
    except PalisadeError as error:
        print(f"error: {error}")
        return 1
    if not check:
        PAGE.write_text(made)
    elif not PAGE.exists() or PAGE.read_text() != made:
        print(f"error: {PAGE} is stale: run python -m scripts.params")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
