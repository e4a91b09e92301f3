"""``audit``: the battery at full strength, and whether the default one is strong enough."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from palisade import stage
from palisade.attacks import audit
from palisade.errors import PalisadeError
from palisade.evaluation.full_strength import LEAST


def run(arguments: Namespace) -> None:
    """Audit each task, print what came out, and fail if a default battery is too weak.

    Raises:
        PalisadeError: A task is unknown or not attacked yet, or its default battery is too weak.
    """
    asked = {name: getattr(arguments, name) for name in LEAST}
    entries = stage.entries(Path()).values()
    known = [one.key for one in entries if one.name == "attack" and one.key is not None]
    weak: list[str] = []
    for key in arguments.tasks or known:
        found = audit.run(stage.enter("attack", key), **asked)
        print(_line(key, found))
        if not found["default_battery_is_strong_enough"]:
            weak.append(key)
    print("run `dvc repro`, which holds the figures against what the audit found")
    if weak:
        raise PalisadeError(
            f"the default battery of {', '.join(weak)} is too weak",
            "raise attack's steps, restarts, targets or queries in params.yaml until it agrees",
        )


def _line(key: str, found: dict[str, Any]) -> str:
    was, now = found["default"], found["audit"]
    return (
        f"{key} at {found['budget']}: worst case {was['worst_case_accuracy']:.4f} by default, "
        f"{now['worst_case_accuracy']:.4f} audited; accepted and wrong "
        f"{was['accepted_and_wrong']:.4f} by default, {now['accepted_and_wrong']:.4f} audited"
    )
