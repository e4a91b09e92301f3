"""Figures of a model that there is not: what `evaluate` and `cost` would write, from params.

Run as a script in a project of its own, where it is the only stage. How many examples an attack
leaves right is its `strength`; which ones depends on the data alone, so that two strengths on the
same data differ in the examples between them, and in no others.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

EXAMPLES = 500
LABELS = ("nothing", "person")
PARAMS: dict[str, Any] = {
    "tasks": {"motion": {"corpus": "data/raw/motion"}},
    "attack": {"motion": {"steps": 10, "budgets_mg": [25, 50]}},
    "evaluate": {"motion": {"negatives": ["nothing"]}},
    "strength": 0.8,
    "flash_bytes": 50000,
}


def measure(root: Path, params: Mapping[str, Any]) -> None:
    """Write metrics/ and models/ of a project whose data lies in data/raw/motion."""
    data = b"".join(path.read_bytes() for path in sorted((root / "data/raw/motion").iterdir()))
    digest = hashlib.sha256(data).hexdigest()[:16]
    order = random.Random(digest).sample(range(EXAMPLES), EXAMPLES)
    budgets = params["attack"]["motion"]["budgets_mg"]
    left = {budget: params["strength"] * 25 / budget for budget in budgets}
    right = {
        budget: [place < share * EXAMPLES for place in order] for budget, share in left.items()
    }
    folder = root / "metrics/motion"
    _json(folder / "cost.json", {"flash_bytes": params["flash_bytes"]})
    _json(
        folder / "evaluate.json",
        {
            "int8": {
                "clean_accuracy": 0.9,
                "worst_case_accuracy": {
                    f"acc_{budget}mg": sum(signs) / EXAMPLES for budget, signs in right.items()
                },
            },
            "reliable": True,
        },
    )
    table = [["", "subset", "", digest, "1" * EXAMPLES]]
    table += [
        ["int8", "pgd", f"acc_{budget}mg", digest, "".join(str(int(sign)) for sign in signs)]
        for budget, signs in right.items()
    ]
    names = ("model", "attack", "budget", "examples", "right")
    _csv(folder / "detail/verdicts.csv", names, table)
    curve = [
        ["int8", "all", f"acc_{budget}mg", share, share - 0.03, share + 0.03, EXAMPLES]
        for budget, share in left.items()
    ]
    names = ("model", "among", "budget", "worst_case_accuracy", "low", "high", "n")
    _csv(folder / "detail/robustness.csv", names, curve)
    clean = [[LABELS[n % 2], LABELS[(n + (n < EXAMPLES // 10)) % 2]] for n in range(EXAMPLES)]
    _csv(folder / "detail/confusion.csv", ("actual", "predicted"), clean)
    (root / "models").mkdir(exist_ok=True)
    (root / "models/model.bin").write_text(f"{params['strength']} of {digest}\n")


def _json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


def _csv(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


if __name__ == "__main__":
    measure(Path(), YAML(typ="safe", pure=True).load(Path("params.yaml")))
