"""``attack``: the black-box part of the battery on somebody else's int8 model."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from palisade.errors import PalisadeError
from palisade.files import write_json
from palisade.foreign import domains, examples, model, report
from palisade.foreign.searching import attack

BUDGETS = {
    examples.PICTURES: ("1/255", "2/255", "4/255", "8/255"),
    examples.SOUND: ("40", "30", "20"),
}
STRONGEST_DB = 0.0


def run(arguments: Namespace) -> None:
    """Attack the model, print a table, and write the report where it is asked for."""
    foreign = model.load(arguments.model)
    kind = examples.kind_of(arguments.data)
    domain = _domain(foreign, kind, arguments)
    budgets = numbers(arguments.budgets or _default(kind), kind)
    _check_names([domain.name(budget) for budget in budgets])
    drawn = {"count": arguments.examples, "seed": arguments.seed}
    if kind == examples.ARRAYS:
        data = examples.from_arrays(arguments.data, foreign, **drawn)
    else:
        data = examples.from_folder(
            arguments.data,
            foreign,
            labels_file=arguments.labels,
            stretch=arguments.fit == "stretch",
            **drawn,
        )
    how = {"queries": arguments.queries, "seed": arguments.seed}
    found = attack(foreign, domain, data, budgets=budgets, **how)
    content = report.report(foreign, domain, data, found, **how)
    print(report.table(content))
    if arguments.output:
        write_json(arguments.output, content)


def _domain(foreign: model.ForeignModel, kind: str, arguments: Namespace) -> domains.Domain:
    if kind == examples.PICTURES:
        span = arguments.pixel_range
        return domains.pixels(foreign, tuple(span) if span else None)
    if kind == examples.SOUND:
        return domains.sound(foreign, arguments.features)
    return domains.Arrays(foreign)


def _default(kind: str) -> Sequence[str]:
    if kind not in BUDGETS:
        raise PalisadeError(
            "arrays have no budgets of their own",
            "give --budgets: the largest change of a value, in the input's own unit",
        )
    return BUDGETS[kind]


def _check_names(names: Sequence[str]) -> None:
    """Refuse budgets so near to each other that the report would know one of them only."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PalisadeError(f"two budgets are {twice[0]}", "give budgets that differ by more")


def numbers(texts: Sequence[str], kind: str) -> list[float]:
    """Budgets as numbers, each once: ``4/255`` or ``0.0157``.

    Raises:
        PalisadeError: One is no budget of its kind.
    """
    found = []
    for text in texts:
        above, _, below = text.partition("/")
        try:
            value = float(above) / float(below or 1)
        except (ValueError, ZeroDivisionError):
            value = float("nan")
        decibels = kind == examples.SOUND
        inside = STRONGEST_DB <= value <= 120 if decibels else 0 < value < float("inf")
        if not inside or (kind == examples.PICTURES and value > 1):
            raise PalisadeError(f"{text} is no budget of {kind}", _ALLOWED[kind])
        found.append(value)
    return sorted(set(found))


_ALLOWED = {
    examples.PICTURES: "give a part of full scale: 4/255",
    examples.SOUND: "give a signal-to-noise ratio in dB from 0 to 120",
    examples.ARRAYS: "give a number above 0, in the input's own unit",
}
