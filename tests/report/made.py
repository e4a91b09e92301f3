"""Metrics made for a test, in memory."""

from __future__ import annotations

from collections.abc import Mapping

from palisade import stage, tasks
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
