"""The release checklist, filled from what the pipeline wrote: each line with its evidence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from palisade.release import lines as form
from palisade.release.evidence import Absent, Evidence, Scope, shown
from palisade.release.lines import FAIL, PASS, VERIFY, Line
from palisade.release.rules.rule import Finding, Rule, Section
from palisade.release.rules.sections import SECTIONS

_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "is": operator.eq,
    "is not": operator.ne,
    "is there": lambda figure, limit: True,
}
_MIRRORED = {"<=": ">=", ">=": "<="}


def describe(scope: Scope, scopes: dict[str, Scope], reversed_tasks: set[str]) -> dict[str, Any]:
    """The checklist, ready for JSON.

    Args:
        scope: of the release as a whole.
        scopes: of each task.
        reversed_tasks: those of whose budgets a larger one is a stronger attacker.
    """
    made = (
        line
        for section in SECTIONS
        for line in (
            *(
                _line(section, scopes[key], rule, mirrored=_mirrored(rule, key, reversed_tasks))
                for rule in section.of_task
                for key in sorted(scopes)
                if not rule.wanted_by or scopes[key].has(rule.wanted_by)
            ),
            *(
                _line(section, scope, rule)
                for rule in section.of_release
                if not rule.wanted_by or scope.has(rule.wanted_by)
            ),
            *(
                _by_verify(section, scope, one)
                for one in section.of_delivery
                if not one.where or scope.has(one.where)
            ),
        )
    )
    return form.made(scope.at("/version").value, list(made))


def _mirrored(rule: Rule, key: str, reversed_tasks: set[str]) -> bool:
    return rule.figure.endswith("/EPSILON") and key in reversed_tasks


def _line(section: Section, scope: Scope, rule: Rule, *, mirrored: bool = False) -> Line:
    relation = _MIRRORED[rule.relation] if mirrored else rule.relation
    figure_at, limit = rule.figure, rule.limit
    found: list[Evidence] = []
    try:
        if relation == "as checked":
            relation = scope.at(f"{rule.figure}/relation").value
            figure_at, limit = f"{rule.figure}/figure", f"{rule.figure}/limit"
        found.append(scope.at(figure_at))
        if isinstance(limit, str) and "/" in limit:
            found.append(scope.at(limit))
            limit = found[-1].value
        passed = _HOLDS[relation](_comparable(found[0].value), limit)
        reason = "" if passed else _why(found[0].value, relation, limit)
    except Absent as absent:
        found, limit, passed = [], None, False
        reason = f"{rule.absent} (there is no {absent})"
    return Line(
        section=section.title,
        name=f"{scope.task}.{rule.name}" if scope.task else rule.name,
        task=scope.task,
        claim=scope.fill(rule.claim).text,
        status=PASS if passed else FAIL,
        required=rule.required,
        relation=relation,
        limit=limit,
        evidence=[one.plain() for one in found],
        reason=reason,
        verify="",
    )


def _comparable(value: Any) -> Any:
    """A list as a rule compares it: ``none``, or its names."""
    return (", ".join(map(str, value)) or "none") if isinstance(value, list) else value


def _why(figure: Any, relation: str, limit: Any) -> str:
    return f"{shown(_comparable(figure))}, which {_ASKED[relation]} {shown(limit)}"


_ASKED = {
    "<=": "should be at most",
    ">=": "should be at least",
    "<": "should be below",
    ">": "should be above",
    "is": "should be",
    "is not": "should not be",
}


def _by_verify(section: Section, scope: Scope, one: Finding) -> Line:
    filled = scope.fill(one.claim)
    return Line(
        section=section.title,
        name=one.name,
        task=None,
        claim=filled.text,
        status=VERIFY,
        required=True,
        relation=None,
        limit=None,
        evidence=[found.plain() for found in filled.evidence],
        reason="decided by `python -m palisade verify`",
        verify=one.name,
    )
