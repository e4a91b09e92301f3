"""What only people can say of a task: meant use, limits, attackers, data. Each task has a card.

It is the part ``card`` of ``palisade/tasks/<task>/``: sentences without a number of their own.
Figures stand in them as places (see palisade/release/evidence.py) and are filled by the pipeline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Capability:
    """Something that an attacker may be able to do.

    Attributes:
        name: unique among a task's.
        text: what it is, as a sentence.
        attacks: the battery's attacks that act like it; any of them counts.
        figures: places of figures that measure it otherwise; all that are there count.
        physical: beginnings of names of attacks in ``metrics/<task>/physical.json``.
    """

    name: str
    text: str
    attacks: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    physical: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """People whom a model may serve worse than others."""

    at_risk: str
    benefits: str
    harms: str
    mitigation: str


@dataclass(frozen=True)
class Tool:
    """A program that draws a corpus and is no part of a release.

    Attributes:
        provided_by: the package in requirements.lock that brings it.
    """

    name: str
    licence: str
    provided_by: str
    description: str


@dataclass(frozen=True)
class Drawn:
    """The corpus that the pipeline draws by default.

    Attributes:
        licence: SPDX; None where it is the project's own.
        tools: programs that it was drawn with.
    """

    description: str
    licence: str | None
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True)
class Card:
    """A task's card.

    Attributes:
        title: what the model tells.
        architecture, family: of its network.
        raw_input: what a raw input is, before preprocessing and front end.
        budget: writes a budget in its unit.
        budget_meaning: what a budget bounds, with the word BUDGET in its place.
        epsilon: the param of ``pretrain`` and ``qat`` that holds the budget trained with.
        larger_is_weaker: whether a larger budget is a weaker attacker.
        group: what splits keep apart, as ``prepare`` names it: ``speakers``.
        preprocessing: params of ``preprocess`` that switch a transformation on.
        constraints: what binds the attacker beside the budget.
        capabilities: those that are a task's own.
        risks: ethical considerations: what may go wrong, and what is done about it.
    """

    title: str
    family: str
    architecture: str
    raw_input: str
    budget: Callable[[float], str]
    budget_meaning: str
    epsilon: str
    larger_is_weaker: bool
    group: str
    preprocessing: tuple[str, ...]
    constraints: tuple[str, ...]
    capabilities: tuple[Capability, ...]
    users: tuple[str, ...]
    use_cases: tuple[str, ...]
    limitations: tuple[str, ...]
    tradeoffs: tuple[str, ...]
    risks: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    drawn: Drawn
