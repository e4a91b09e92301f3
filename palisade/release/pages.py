"""Threat model and checklist as Markdown, for people; the JSON beside them says the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from palisade.release import lines as lines_of
from palisade.release import statements, threat_model
from palisade.release.evidence import shown
from palisade.release.rules.sections import SECTIONS

_HOW = (
    "Made by the pipeline from params and metrics; every figure stands in "
    "`manifest.json`, and {file} says where. Do not edit: change what it is made from."
)

_KIND = (
    "Shares of test inputs, with 95 % intervals (of worst cases by speaker, street or home). An "
    "attack does not know the guard unless it is called guard_aware, feature_matching, square or "
    "nes; without those, the guard's column is kind to it."
)


def of_threats(content: dict[str, Any]) -> str:
    """``threat_model.md``."""
    lines = [
        f"# Threat model of release {content['version']}",
        "",
        _HOW.format(file=f"`{threat_model.NAME}`"),
        "",
        *_unreliable(content["reliable"]),
        "*Evaluated* means that this release holds a figure for it, *not evaluated* that it holds "
        "none. Figures are of the test data of this release and of the attacks named here; they "
        "are no proof that no stronger attack exists.",
    ]
    for section in statements.SECTIONS:
        lines += ["", f"## {section}", ""]
        found = [one for one in content["statements"] if one["section"] == section]
        lines += _by_task(found)
        if section == statements.CONSTRAINTS:
            lines += ["", *_budgets(content["budgets"]), "", _KIND]
    return "\n".join(lines) + "\n"


def of_checklist(content: dict[str, Any]) -> str:
    """``checklist.md``."""
    summary, lines = content["summary"], content["lines"]
    titles = [section.title for section in SECTIONS]
    said = [
        f"# Checklist of release {content['version']}",
        "",
        _HOW.format(file=f"`{lines_of.NAME}`"),
        "",
        f"{summary[lines_of.PASS]} lines pass, {summary[lines_of.FAIL]} fail, and "
        f"{summary[lines_of.VERIFY]} are decided by `python -m palisade verify`. A figure that "
        "is missing is a fail. The release gate refuses a release of which a line in bold failed; "
        "the others are choices and targets of a team. A line is held against the figure itself; "
        "intervals stand in `threat_model.md` and `bom.cdx.json`.",
        "",
        *_table(("section", "pass", "fail", "decided by verify"), map(_counts(lines), titles)),
    ]
    for section in titles:
        said += ["", f"## {section}", ""]
        mine = [line for line in lines if line["section"] == section]
        said += _table(("", "of", "claim", "figure", "asked for", "where"), map(_row, mine))
    return "\n".join(said) + "\n"


def _unreliable(reliable: bool) -> Iterator[str]:
    if not reliable:
        yield (
            "**A check on the measurement itself failed (`failed_checks` in `manifest.json`): the "
            "figures below show less than they seem to.**"
        )
        yield ""


def _by_task(found: list[dict[str, Any]]) -> Iterator[str]:
    """Statements of the release as a list, then those of each task below its name."""
    tasks = sorted({one["task"] for one in found if one["task"]})
    own = [one for one in found if not one["task"]]
    yield from map(_item, own)
    for place, task in enumerate(tasks):
        if own or place:
            yield ""
        yield f"**{task}**"
        yield ""
        yield from (_item(one) for one in found if one["task"] == task)


def _item(one: dict[str, Any]) -> str:
    mark = "" if one["status"] == threat_model.STATED else f" *({one['status']})*"
    return f"- {one['text']}{mark}"


def _budgets(by_task: dict[str, list[dict[str, Any]]]) -> list[str]:
    heads = (
        "", "budget", "int8 model right", "right or not accepted, with the guard",
        "undefended model right", "attacks",
    )  # fmt: skip
    rows = [
        (
            task,
            f"{one['shown']}{_role(one)}",
            *(
                _rate(one["worst_case_accuracy"][model])
                for model in ("int8", "int8_guarded", "undefended")
            ),
            ", ".join(one["attacks"]),
        )
        for task, found in sorted(by_task.items())
        for one in found
    ]
    return _table(heads, rows)


def _role(one: dict[str, Any]) -> str:
    if one["reference"]:
        return " (reference)"
    return " (meant to be hopeless)" if one["hopeless"] else ""


def _rate(rate: dict[str, Any]) -> str:
    low, high = shown(rate["low"]), shown(rate["high"])
    return f"{shown(rate['value'])} ({low} to {high}) of {shown(rate['n'])}"


def _counts(lines: list[dict[str, Any]]) -> Any:
    def row(section: str) -> tuple[str, ...]:
        found = [line["status"] for line in lines if line["section"] == section]
        numbers = (found.count(one) for one in (lines_of.PASS, lines_of.FAIL, lines_of.VERIFY))
        return section, *map(str, numbers)

    return row


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    mark = f"**{line['status']}**" if line["required"] else line["status"]
    where = ", ".join(f"`{one['file']}#{one['field']}`" for one in line["evidence"][:1])
    figure, asked = (_code(one) for one in lines_of.told(line))
    return mark, line["task"] or "all", line["claim"], figure, asked, where


def _code(text: str) -> str:
    """The beginning of a digest as code."""
    return f"`{text}`" if text.endswith("...") else text


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows),
    ]
