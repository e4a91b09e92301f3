"""The threat model of a release: goals, capabilities, constraints and budgets of an attacker.

Budgets come from params and are held against what was measured: one without a figure stops the
release. A capability counts as evaluated only if a figure or an attack's verdicts are there;
otherwise the page says that it was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from palisade.attacks.grid import Grid
from palisade.attacks.names import ALONE
from palisade.errors import PalisadeError
from palisade.release import statements
from palisade.release.card import Capability, Card
from palisade.release.evidence import Absent, Evidence, Scope, shown
from palisade.release.statements import Statement

NAME = "threat_model.json"
# What ``physical`` measures by attack, each at the severity of its headline figure.
PHYSICAL = {
    "Share of right answers": "metrics/physical/physical",
    "Wrong and accepted by the guard": "metrics/physical/accepted_and_wrong",
}
EVALUATED, NOT_EVALUATED, STATED = "evaluated", "not evaluated", "stated"


def describe(
    scope: Scope, scopes: dict[str, Scope], cards: dict[str, Card], grids: dict[str, Grid]
) -> dict[str, Any]:
    """The threat model, ready for JSON.

    Args:
        scope: of the release as a whole.
        scopes: of each task.
        cards: each task's.
        grids: each task's budgets.

    Raises:
        PalisadeError: A budget that params name was not evaluated.
    """
    found = [
        *_of_door(scope, scopes),
        *(one for key in sorted(cards) for one in _of_task(scopes[key], cards[key])),
        *(_filled(scope, one) for one in statements.OF_RELEASE),
    ]
    order = {title: place for place, title in enumerate(statements.SECTIONS)}
    found.sort(key=lambda one: order[one["section"]])  # stable: tasks stay in order
    return {
        "schema_version": 1,
        "version": scope.at("/version").value,
        "reliable": scope.at("/reliable").value,
        "budgets": {key: budgets(scopes[key], grids[key]) for key in sorted(cards)},
        "statements": found,
        "not_evaluated": _not_evaluated(found, None),
        "tasks": {key: {"not_evaluated": _not_evaluated(found, key)} for key in sorted(cards)},
    }


def budgets(scope: Scope, grid: Grid) -> list[dict[str, Any]]:
    """A task's budgets, weakest first, with what was measured at each.

    Raises:
        PalisadeError: One that params name has no figure.
    """
    found = []
    for value in grid.budgets:
        name = grid.name(value)
        try:
            rates = {
                model: scope.at(f"worst_case/{model}/all/{name}").value
                for model in ("int8", "int8_guarded", "undefended")
            }
            scope.at(f"metrics/evaluate/int8/worst_case_accuracy/{name}")
            tried = scope.at(f"attacks/{name}").value
        except Absent as absent:
            raise PalisadeError(
                f"params.yaml: attack.{scope.task} has the budget {name}, which was not "
                f"evaluated ({absent})",
                "run `dvc repro` again",
            ) from None
        found.append(
            {
                "name": name,
                "value": value,
                "shown": scope.budget(value),
                "reference": value == grid.reference,
                "hopeless": value == grid.budgets[-1],
                "attacks": [one for one in tried if one not in ALONE],  # of a subset
                "worst_case_accuracy": rates,
            }
        )
    return found


def _of_door(scope: Scope, scopes: dict[str, Scope]) -> Iterator[dict[str, Any]]:
    witnesses = sorted(scope.at("/params/fuse/modalities").value) if scope.has("/fusion") else []
    if not witnesses:
        yield _filled(scope, statements.NO_DOOR)
        return
    yield from (_filled(scope, one) for one in statements.OF_DOOR)
    for key in witnesses:
        yield from (_filled(scopes[key], one) for one in statements.OF_WITNESS)
    for size in range(2, len(witnesses) + 1):
        for some in combinations(witnesses, size):
            reach, sensors = "_".join(some), f"{', '.join(some[:-1])} and {some[-1]}"
            words = scope.with_words(REACH=reach, SENSORS=sensors)
            pair = [statements.OF_PAIR] if size == 2 < len(witnesses) else []
            for one in (*pair, *statements.OF_SEVERAL):
                yield {**_filled(words, one), "name": f"{one.name}_{reach}"}


def _of_task(scope: Scope, card: Card) -> Iterator[dict[str, Any]]:
    yield from (_filled(scope, one) for one in (*statements.OF_TASK, statements.EFFORT))
    yield from (_capability(scope, one) for one in (*statements.DIGITAL, *card.capabilities))
    meaning = card.budget_meaning.replace("BUDGET", "{params/attack/REFERENCE_PARAM|budget}")
    first = f"At the budget of the headline figure, {meaning}."
    for place, text in enumerate((first, *card.constraints)):
        filled = scope.fill(text)
        name, section = f"constraint_{place}", statements.CONSTRAINTS
        yield _entry(scope, name, section, filled.text, STATED, filled.evidence)


def _filled(scope: Scope, one: Statement) -> dict[str, Any]:
    """A statement with its figures, or as not evaluated."""
    said = scope.fill(one.text)
    text = said.text
    if not one.measured:
        status = STATED if one.tried else NOT_EVALUATED
        return _entry(scope, one.name, one.section, text, status, said.evidence)
    try:
        filled = scope.fill(one.measured)
        none = one.count and not scope.at(one.count).value
    except Absent:
        whole = f"{text} Not evaluated."
        return _entry(scope, one.name, one.section, whole, NOT_EVALUATED, ())
    if none:
        whole = f"{text} Not evaluated: no test event was of this kind."
        return _entry(scope, one.name, one.section, whole, NOT_EVALUATED, ())
    status = EVALUATED if any(_is_figure(found) for found in filled.evidence) else STATED
    return _entry(scope, one.name, one.section, f"{text} {filled.text}", status, filled.evidence)


def _is_figure(found: Evidence) -> bool:
    """Whether it was measured, and not merely set."""
    return found.field.startswith(("/tasks/", "/fusion/"))


def _capability(scope: Scope, one: Capability) -> dict[str, Any]:
    tried = scope.at("attacks/REFERENCE")
    names = [name for name in tried.value if name in one.attacks]
    figures = [scope.at(place) for place in one.figures if scope.has(place)]
    physical = {
        title: list(_named(scope, place, one.physical)) for title, place in PHYSICAL.items()
    }
    said = [one.text]
    if names:
        said.append(f"Tried with {', '.join(names)}, which count in the worst case.")
    if figures:
        said.append(f"Measured: {_told(figures)}.")
    said += [f"{title}: {_told(found)}." for title, found in physical.items() if found]
    evidence = [*([tried] if names else []), *figures, *(e for f in physical.values() for e in f)]
    if not evidence:
        said.append("Not evaluated.")
    status = EVALUATED if evidence else NOT_EVALUATED
    section = statements.CAPABILITIES
    return _entry(scope, one.name, section, " ".join(said), status, evidence)


def _named(scope: Scope, place: str, beginnings: tuple[str, ...]) -> Iterator[Evidence]:
    """Figures at a place whose names begin with one of some words."""
    if scope.has(place):
        found = scope.at(place)
        for name in sorted(found.value):
            if name.startswith(beginnings):
                yield scope.at(f"{place}/{name}")


def _told(figures: Iterable[Evidence]) -> str:
    """Figures by the ends of their places: ``false_accepts_per_hour 5.88``."""
    return ", ".join(f"{one.field.split('/')[-1]} {shown(one.value)}" for one in figures)


def _entry(
    scope: Scope, name: str, section: str, text: str, status: str, evidence: Iterable[Evidence]
) -> dict[str, Any]:
    return {
        "name": name,
        "section": section,
        "task": scope.task,
        "text": text,
        "status": status,
        "evidence": [one.plain() for one in evidence],
    }


def _not_evaluated(found: list[dict[str, Any]], task: str | None) -> list[str]:
    """Capabilities that nothing measured: of a task, or those that are of no task."""
    return [
        one["name"]
        for one in found
        if one["section"] == statements.CAPABILITIES
        and one["status"] == NOT_EVALUATED
        and one["task"] == task
    ]
