"""Every command: its words, its help, its arguments, its exit statuses, and what runs it.

The table loads nothing heavy, so help is quick; a command's action is imported by name when the
command runs. A new command is one entry here and one module with its action.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from palisade.release import failures


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        words: how it is called: ``verify``, or ``keys new`` as ``("keys", "new")``.
        summary: one line.
        description: what it does and what that means, for its own help.
        action: the module that runs it, whose ``run(arguments)`` prints the outcome, or raises
            a ``PalisadeError``, whose ``status`` (by default 1) is then the exit status.
        arguments: adds its arguments to a parser.
        statuses: what its exit statuses other than 0, 1 and 2 mean.
    """

    words: tuple[str, ...]
    summary: str
    description: str
    action: str
    arguments: Callable[[argparse.ArgumentParser], None]
    statuses: Mapping[int, str] = field(default_factory=dict)


# What a group of commands is about, where a command has two words.
GROUPS = {
    "keys": "make the key of development signatures",
    "physical": "carry attacks into a real room",
}


def _keys_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--if-none", action="store_true", help="do nothing, with success, if there is one already"
    )


def _physical_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK", help="a task of params.yaml, such as vision")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="to be made")


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", type=Path, help="the release's folder")
    parser.add_argument(
        "--signature",
        metavar="FILE",
        type=Path,
        help="the signature (default: beside the folder, RELEASE.sigstore.json)",
    )
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--policy", metavar="FILE", type=Path, help="whom to trust; nothing else confers trust"
    )
    whose.add_argument(
        "--public-key",
        metavar="FILE",
        type=Path,
        help="check integrity against this key (default: beside the folder, RELEASE.pub.pem)",
    )


COMMANDS = (
    Command(
        words=("keys", "new"),
        summary="make a development key",
        description="Make an EC P-256 key for development signatures, in $PALISADE_KEY (an "
        "absolute path outside the checkout) or else in palisade/development-key.pem in the "
        "user's config folder. Only its owner can read it. A key that is there is never replaced.",
        action="palisade.commands.keys",
        arguments=_keys_new,
        statuses={failures.BadKey.status: failures.BadKey.meaning + ", or there is one already"},
    ),
    Command(
        words=("physical", "export"),
        summary="write prints, sounds and a protocol for attacks in a real room",
        description="Craft a task's universal attacks on its finished model, as the stage "
        "`physical` does, and write what a real attack needs: prints with their size in mm, "
        "sounds to play, waveforms to drive, and protocol.md, which says how to set up and where "
        "recordings go. Run from the project's root, after `dvc repro`.",
        action="palisade.commands.physical_export",
        arguments=_physical_export,
    ),
    Command(
        words=("verify",),
        summary="check a release against its signature, and against whom you trust",
        description="Check that a release holds exactly the files that were signed. Without "
        "--policy the key beside the release is used, which shows integrity only: nothing then "
        "says who signed. Only --policy confers trust. Works offline.",
        action="palisade.commands.verify",
        arguments=_verify,
        statuses={kind.status: kind.meaning for kind in failures.kinds()},
    ),
)
