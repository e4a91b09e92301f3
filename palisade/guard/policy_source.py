"""The agreement of several tasks as C: a constant policy that firmware compiles in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from palisade.errors import PalisadeError
from palisade.fusion.policy import Pooling
from palisade.guard.source import check_name

MOST_TASKS = 8
_POOLINGS: dict[Pooling, str] = {
    "max": "PAL_POOL_MAX",
    "mean": "PAL_POOL_MEAN",
    "median": "PAL_POOL_MEDIAN",
}


@dataclass(frozen=True)
class Rule:
    """One task's part in the decision.

    Attributes:
        accepts: indices of the labels that warrant the action.
        pooling: of an event's windows to one score.
        threshold_lsb: a score agrees at or above it.
        fresh_ms: how old the newest window may be.
    """

    accepts: tuple[int, ...]
    pooling: Pooling
    threshold_lsb: int
    fresh_ms: int


def c_policy_header(tasks: Mapping[str, Rule]) -> str:
    """``policy.h``: the tasks' places, the labels that each accepts, and ``policy``.

    Raises:
        PalisadeError: C cannot have a task's name, or there are more than 8.
    """
    _check(tasks)
    places = [f"    POLICY_{name.upper()} = {place}," for place, name in enumerate(tasks)]
    accepted = [
        f"    POLICY_{name.upper()}_ACCEPTED = {_mask(rule)}," for name, rule in tasks.items()
    ]
    lines = "\n".join(
        [
            "/* The order of the witnesses that pal_agree takes. */",
            f"enum {{\n{chr(10).join(places)}\n    POLICY_TASKS = {len(tasks)}\n}};",
            "",
            "/* A bit for each label that warrants the action: `accepted` of a pal_device. */",
            f"enum {{\n{chr(10).join(accepted).rstrip(',')}\n}};",
        ]
    )
    return f"""\
/* Made by the pipeline from the fusion's policy; do not edit. */
#ifndef POLICY_H
#define POLICY_H

#include "palisade/agreement.h"

#ifdef __cplusplus
extern "C" {{
#endif

{lines}

extern const pal_policy policy;

#ifdef __cplusplus
}}
#endif

#endif
"""


def c_policy_source(tasks: Mapping[str, Rule], *, window_ms: int) -> str:
    """``policy.c``.

    Args:
        tasks: in the order of the witnesses.
        window_ms: how far back an event reaches.

    Raises:
        PalisadeError: C cannot have a task's name, or there are more than 8.
    """
    _check(tasks)
    rules = "\n".join(
        f"    {{{rule.threshold_lsb}, {rule.fresh_ms}u, {_POOLINGS[rule.pooling]}}}, /* {name} */"
        for name, rule in tasks.items()
    )
    return (
        "/* Made by the pipeline from the fusion's policy; do not edit. */\n"
        '#include "policy.h"\n\n'
        f"static const pal_modality modalities[] = {{\n{rules}\n}};\n\n"
        f"const pal_policy policy = {{modalities, {window_ms}u, POLICY_TASKS}};\n"
    )


def _check(tasks: Mapping[str, Rule]) -> None:
    for name in tasks:
        check_name(name)
    if not 1 <= len(tasks) <= MOST_TASKS:
        raise PalisadeError(
            f"a policy of {len(tasks)} tasks does not fit the device", f"name 1 to {MOST_TASKS}"
        )


def _mask(rule: Rule) -> str:
    """C's enumerators are of type int, which label 31's bit does not fit."""
    if not rule.accepts or max(rule.accepts) > 30:
        raise PalisadeError(
            f"labels {list(rule.accepts)} do not fit a policy", "accept some of labels 0 to 30"
        )
    return f"0x{sum(1 << label for label in set(rule.accepts)):x}"
