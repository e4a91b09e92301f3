"""The page: a section of params.yaml after the other, its stages, tables, rules and sources."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

from palisade.errors import PalisadeError
from palisade.stage import Entry, Params, checked, entries, read_yaml
from scripts.params import ranges, sources
from scripts.params.models import ALL, Model, models, values

LONGEST = 40  # of a default that is shown whole
HEAD = """\
# Params

Every knob in `params.yaml`: its default, unit and range, what it is, and where it comes from. This
page is made by `python -m scripts.params` from the models that the stages read `params.yaml` with,
and a test holds it to them.

- A range is what a stage enforces. A key that is missing, unknown, of the wrong type or out of its
  range stops the stage with one line. *Also* says what is asked of several keys at once, with
  `...` for a name.
- A name with dots is nested: in `stream`, `decision.hop_ms` of `voice` is
  `stream.voice.decision.hop_ms`, as `dvc exp run -S` takes it ([experiments.md](experiments.md)).
- Where tasks have most keys in common, one table has a column of defaults a task.
- *Read by* names the stages that run again after a change, and what follows them runs too.
  `package` and `report` are among them where release or report state the value.
- *Sources* are what the code cites for values and methods of a section, and where it does so. A
  default that none of them names was set by this project; [log.md](log.md) has trials behind some.
"""


@dataclass(frozen=True)
class Row:
    """One key: its dotted name, unit and range, which a nested model has not, and what it is."""

    name: str
    unit: str
    allowed: str
    text: str


Rows = dict[Row, str]  # with the default


def page(root: Path) -> str:
    """The whole page.

    Raises:
        PalisadeError: A section has no model, a field no description, or a value is refused.
    """
    params = read_yaml(root / "params.yaml")
    stages = list(entries(root).values())
    contents = ", ".join(f"[{name}](#{name})" for name in params)
    parts = [part for name in params for part in _section(root, params, name, stages)]
    return "\n".join([HEAD, f"{contents}\n", *parts])


def rows(model: Model, given: Mapping[str, Any], above: str = "") -> Iterator[tuple[Row, str]]:
    """Each key of a model with its default, those of a nested model behind a row of its own.

    Raises:
        PalisadeError: A field has no description, or a nested model no docstring.
    """
    for key, field in model.model_fields.items():
        name, value = f"{above}{key}", given.get(key)
        where = f"{model.__module__}.{model.__name__}.{key}"
        nested = _nested(field.annotation)
        if nested is None:
            row = Row(
                name, ranges.unit(key), ranges.allowed(field), _said(field.description, where)
            )
            yield row, shown(value) if key in given else ""
            continue
        text = _said(field.description or nested.__doc__, where)
        left_out = "may be left out" if NoneType in get_args(field.annotation) else ""
        yield Row(name, "", left_out, text), shown(value) if isinstance(value, list) else ""
        for inner, values_of in _inner(field.annotation, name, value):
            yield from rows(nested, values_of, f"{inner}.")


def shown(value: Any) -> str:
    """A default as params.yaml has it; of a long list, how long it is."""
    text = _yaml(value)
    if isinstance(value, list) and len(text) > LONGEST:
        return f"{len(value)} {'words' if isinstance(value[0], str) else 'values'}"
    return f"`{text}`"


def _yaml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) or '""'


def _nested(kind: Any) -> Model | None:
    """The model of a field that is one, or a list or mapping of them, or may be left out."""
    last = [one for one in get_args(kind) or (kind,) if one is not NoneType][-1]
    return last if inspect.isclass(last) and issubclass(last, Params) else None


def _inner(kind: Any, name: str, value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if get_origin(kind) is dict:
        return [(f"{name}.{key}", inner) for key, inner in (value or {}).items()]
    return [(name, value if isinstance(value, Mapping) else {})]


def _said(text: str | None, where: str) -> str:
    if not text:
        raise PalisadeError(f"{where} has no description", "say what it is")
    return _plain(text.split("\n\n")[0])


def _plain(text: str) -> str:
    """On one line, in Markdown; what Markdown would take for its own signs is escaped."""
    parts = " ".join(text.split()).replace("``", "`").split("`")
    parts[::2] = [re.sub(r"\b_|_\b|[<*]", r"\\\g<0>", part) for part in parts[::2]]
    return "`".join(parts)


def _section(
    root: Path, params: Mapping[str, Any], section: str, stages: list[Entry]
) -> Iterator[str]:
    found = models(params, section)
    for task, model in found.items():
        where = section if task == ALL else f"{section}.{task}"
        checked(model, values(params, section, task), f"params.yaml: {where}")
    yield f"## {section}\n"
    yield " ".join([*_about(root, section, found), f"Read by {_readers(section, stages)}.\n"])
    yield from _tables({task: _rows(params, section, task, model) for task, model in found.items()})
    yield from _also(found)
    yield from _sources(root, section)


def _about(root: Path, section: str, found: Mapping[str, Model]) -> Iterator[str]:
    """What stands in params.yaml behind a section's name; of the three without a model, here."""
    text = (root / "params.yaml").read_text()
    comment = re.search(rf"^{section}:  # (.+)$", text, re.MULTILINE)
    if comment:
        yield _plain(f"{comment[1][0].upper()}{comment[1][1:].rstrip('.')}.")
    elif next(iter(found.values())).__module__ == models.__module__:
        yield _plain(next(iter(found.values())).__doc__ or "")


def _rows(params: Mapping[str, Any], section: str, task: str, model: Model) -> Rows:
    return dict(rows(model, values(params, section, task)))


def _readers(section: str, stages: list[Entry]) -> str:
    names = dict.fromkeys(
        stage.name for stage in stages for name in stage.params if name.split(".")[0] == section
    )
    return ", ".join(f"`{name}`" for name in names) or "`dvc.yaml` alone"


def _tables(found: Mapping[str, Rows]) -> Iterator[str]:
    """One table where most keys are the same in every task, else one a task."""
    every = dict.fromkeys(row for one in found.values() for row in one)
    common = [row for row in every if all(row in one for one in found.values())]
    if len(found) > 1 and 2 * len(common) > len(every):
        heads = [f"`{task}`" for task in found]
        body = [_line(row, [one.get(row, "") for one in found.values()]) for row in every]
        yield _table(["", *heads, "unit", "range", "what it is"], body)
        return
    for task, one in found.items():
        if one:
            head = ["" if task == ALL else f"`{task}`", "default", "unit", "range", "what it is"]
            yield _table(head, [_line(row, [default]) for row, default in one.items()])


def _line(row: Row, defaults: list[str]) -> list[str]:
    return [f"`{row.name}`", *defaults, row.unit, row.allowed, row.text]


def _table(head: list[str], body: list[list[str]]) -> str:
    rule = ["---"] * len(head)
    lines = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in (head, rule, *body)]
    return "".join(f"| {line} |\n" for line in lines)


def _also(found: Mapping[str, Model]) -> Iterator[str]:
    named = found if len({*found.values()}) > 1 else {ALL: next(iter(found.values()))}
    said = [rule for task, model in named.items() for rule in _rules(model, task)]
    if said:
        yield "".join(f"- *Also*{f', `{name}`' if name else ''}: {rule}\n" for name, rule in said)


def _rules(model: Model, name: str) -> Iterator[tuple[str, str]]:
    """What a model and those nested in it ask of several keys at once, each with its name."""
    yield from ((name, _plain(rule)) for rule in ranges.rules(model))
    for key, field in model.model_fields.items():
        nested = _nested(field.annotation)
        if nested is not None:
            yield from _rules(nested, f"{name}.{key}" if name else key)


def _sources(root: Path, section: str) -> Iterator[str]:
    cited = sources.of(root, section)
    if cited:
        yield "Sources:\n"
        yield "".join(f"- [{path}](../{path}): {_plain(text)}\n" for path, text in cited)
