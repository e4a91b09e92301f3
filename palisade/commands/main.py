"""``python -m palisade``: one line for every failure, and an exit status that says which."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from palisade.commands.table import COMMANDS, GROUPS, Command
from palisade.errors import PalisadeError

PROGRAM = "python -m palisade"
STATUSES = {0: "success", 1: "any other failure", 2: "wrong arguments"}
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}: see `{self.prog} --help`\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parsed = parser().parse_args(arguments)
    try:
        importlib.import_module(parsed.action).run(parsed)
    except PalisadeError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # whoever reads what it says has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of every command in the table."""
    root = _Parser(
        prog=PROGRAM,
        description="Commands around the pipeline: data, attacks, releases, devices, figures.",
        epilog=_epilog(STATUSES, f"Each command has more: `{PROGRAM} COMMAND --help`."),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top = root.add_subparsers(metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        *group, word = command.words
        place = _group(top, groups, group[0]) if group else top
        _add(place, word, command)
    return root


def _group(top: Any, groups: dict[str, Any], name: str) -> Any:
    if name not in groups:
        about = GROUPS[name]
        group = top.add_parser(name, help=about, description=about, allow_abbrev=False)
        groups[name] = group.add_subparsers(metavar="COMMAND", required=True)
    return groups[name]


def _add(place: Any, word: str, command: Command) -> None:
    own = place.add_parser(
        word,
        help=command.summary,
        description=textwrap.fill(command.description, width=80),
        epilog=_epilog({**STATUSES, **command.statuses}),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.arguments(own)
    own.set_defaults(action=command.action)


def _epilog(statuses: Mapping[int, str], last: str = "") -> str:
    lines = [f"  {status:<3} {meaning}" for status, meaning in sorted(statuses.items())]
    return "\n".join(["exit status:", *lines, *(["", last] if last else [])])
