"""Units and ranges in words: of a param's name, and of what its model enforces."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from palisade.errors import PalisadeError
from palisade.stage import Params

# What the end of a name says; of two that fit, the longer.
UNITS = {
    "accept_rate": "share",
    "accuracy": "share",
    "accuracy_limit": "share",
    "bits": "bits",
    "bytes": "bytes",
    "c": "°C",
    "counts": "counts",
    "db": "dB",
    "deg": "degrees",
    "dpi": "dots an inch",
    "electrons": "electrons",
    "epochs": "epochs",
    "ev": "stops",
    "facets": "facets",
    "fraction": "share",
    "hours": "h",
    "hz": "Hz",
    "kg": "kg",
    "linf": "of full scale",
    "m": "m",
    "m_s": "m/s",
    "megapixels": "megapixels",
    "mg": "mg",
    "ms": "ms",
    "n": "N",
    "noise_ug": "µg/√Hz",
    "n_s": "N s",
    "per_hour": "an hour",
    "per_minute": "a minute",
    "percent": "%",
    "pixels": "pixels",
    "probability": "share",
    "px": "pixels",
    "reject_rate": "share",
    "reject_limit": "share",
    "reject_target": "share",
    "rms": "of full scale",
    "s": "s",
    "semitones": "semitones",
    "share": "share",
    "share_limit": "share",
    "share_per_mg": "share a mg",
    "shares": "share",
    "ug": "µg",
    "undefended_limit": "share",
    "wpm": "words a minute",
}
ANY = "any number"
# What validators that are functions enforce, by their names.
_CHECKS: dict[str, Callable[..., str]] = {
    "palisade.ranges._ascending": lambda: "lower first",
    "palisade.device.plans._odd": lambda: "odd",
    "palisade.device.plans._off_or.<locals>.check": lambda least, most: f"0, or {least} to {most}",
    "palisade.release.version._fits": lambda: "MAJOR.MINOR.PATCH, at most 255.255.65535",
    "palisade.tasks.vision.distortion.operations._at_most_one": lambda: "within 0 to 1",
    "palisade.tasks.vision.distortion.operations._jpeg_quality": lambda: "within 1 to 95",
}


def unit(name: str) -> str:
    """The unit that a name ends in; empty if it has none."""
    found = [end for end in UNITS if f"_{name}".endswith(f"_{end}")]
    return UNITS[max(found, key=len)] if found else ""


def allowed(field: FieldInfo) -> str:
    """What a field may be.

    Raises:
        PalisadeError: It is checked in a way that has no words here.
    """
    return _words(field.annotation, field.metadata)


def rules(model: type[Params]) -> list[str]:
    """What a model asks of several fields at once, in its own words; `...` where it names one."""
    decorators = model.__pydantic_decorators__
    checks = [one.func for one in decorators.field_validators.values()]
    checks += [one.func for one in decorators.model_validators.values()]
    return [said for check in checks for said in _refusals(check)]


def _refusals(check: Any) -> Iterator[str]:
    source = textwrap.dedent(inspect.getsource(getattr(check, "__func__", check)))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            text = node.exc.args[0]
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "..." for part in parts
            )


def _words(kind: Any, metadata: Sequence[Any]) -> str:
    if get_origin(kind) is Annotated:
        kind, *inner = get_args(kind)
        return _words(kind, [*_flat(inner), *metadata])
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
        return f"{_words(kind, metadata)}; may be left out"
    checks = [_checked(one) for one in metadata if isinstance(one, AfterValidator)]
    if get_origin(kind) is Literal:
        return " or ".join(f"`{one}`" for one in get_args(kind))
    if get_origin(kind) is list:
        each = _words(get_args(kind)[0], [])
        said = [_count(metadata), *checks, *([] if each == ANY else [f"each {each}"])]
        return ", ".join(said)
    if kind is bool:
        return "`true` or `false`"
    if kind is str:
        patterns = [f"text like `{one.pattern}`" for one in metadata if hasattr(one, "pattern")]
        filled = "text, not empty" if any(isinstance(one, MinLen) for one in metadata) else "text"
        return ", ".join(checks or patterns) or filled
    said = ["whole" if kind is int else "", _interval(metadata), *checks]
    return ", ".join(filter(None, said)) or ANY


def _flat(metadata: Sequence[Any]) -> list[Any]:
    return [
        part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else [one])
    ]


def _checked(validator: AfterValidator) -> str:
    function: Any = validator.func
    name = f"{function.__module__}.{function.__qualname__}"
    if name not in _CHECKS:
        raise PalisadeError(f"{name} has no words", "add them in scripts/params/ranges.py")
    return _CHECKS[name](**inspect.getclosurevars(function).nonlocals)


def _interval(metadata: Sequence[Any]) -> str:
    ends = ("ge", "gt", "le", "lt")
    found = {end: getattr(one, end) for one in metadata for end in ends if hasattr(one, end)}
    number = {end: f"{value:,}" for end, value in found.items()}
    if "ge" in found and len(found) == 2:
        return f"{number['ge']} to {number.get('le') or 'below ' + number['lt']}"
    words = {"ge": "from", "gt": "above", "le": "at most", "lt": "below"}
    return ", ".join(f"{words[end]} {number[end]}" for end in ends if end in found)


def _count(metadata: Sequence[Any]) -> str:
    least = next((one.min_length for one in metadata if isinstance(one, MinLen)), 0)
    most = next((one.max_length for one in metadata if isinstance(one, MaxLen)), None)
    if most is None:
        return f"{least} or more"
    return f"{least}" if least == most else f"{least} to {most}"
