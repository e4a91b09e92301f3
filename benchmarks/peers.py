"""Other people's attack libraries, where they are installed: ART and Foolbox.

They have a lock of their own, benchmarks/requirements-peers.lock, which goes on top of
requirements.lock. This module loads neither, so that a command can say in one line what is missing.

References:
    Nicolae et al., Adversarial Robustness Toolbox, arXiv:1807.01069.
    Rauber et al., Foolbox, arXiv:1707.04131.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

LOCK = Path(__file__).parent / "requirements-peers.lock"


def load(module: str) -> ModuleType:
    """A module that imports both; ends the command where they are missing."""
    missing = [name for name in ("art", "foolbox") if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(
            f"error: {' and '.join(missing)} not installed: pip install --no-deps"
            f" --require-hashes -r benchmarks/{LOCK.name}, on top of requirements.lock"
        )
    return importlib.import_module(module)
