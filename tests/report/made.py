"""Metrics made for a test, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palisade import stage, tasks
from palisade.release.lines import Line
from palisade.report.source import Metrics
from palisade.report.subject import Subject
from tests.conftest import SMOKE


def metrics(files: Mapping[str, str]) -> Metrics:
    """Files by their path from the project's root."""
    return Metrics(text=files.__getitem__, has=files.__contains__)


def subject(key: str, files: Mapping[str, str]) -> Subject:
    """A task with the budgets of the smoke run; files by their path below ``metrics/<task>/``."""
    budgets = tasks.load(key, "budgets").Budgets
    grid = stage.checked(budgets, stage.read_yaml(SMOKE)["attack"][key], "attack")
    placed = {f"metrics/{key}/{name}": text for name, text in files.items()}
    return Subject(key, metrics(placed), tasks.load(key, "display"), grid)


def line(**changes: Any) -> Line:
    """A line of a checklist: a passing one of the training of voice."""
    evidence = [{"file": "manifest.json", "field": "/tasks/voice/x", "value": 0.123456}]
    known: dict[str, Any] = {
        "section": "Training", "name": "voice.x", "task": "voice", "claim": "X is small.",
        "status": "pass", "required": False, "relation": "<=", "limit": 0.5,
        "evidence": evidence, "reason": "", "verify": "",
    }  # fmt: skip
    return Line(**{**known, **changes})
