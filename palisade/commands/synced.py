"""``synced``: whether dvc.lock is of this revision, and its data in the remote."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from palisade.review import freshness


def run(arguments: Namespace) -> None:
    """Check both, and say so."""
    root = Path()
    print(f"dvc.lock is current: {freshness.check_lock(root)} stages and data sets")
    if arguments.lock_only:
        print("the remote was not looked at")
    else:
        print(f"its data is in the remote {freshness.check_remote(root, arguments.remote)}")
