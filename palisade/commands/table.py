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
GROUPS = {"keys": "make the key of development signatures"}


def _keys_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--if-none", action="store_true", help="do nothing, with success, if there is one already"
    )


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


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


_count.__name__ = "whole number from 1"  # as argparse names it


def _attack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", type=Path, help="an int8 .tflite classifier")
    parser.add_argument(
        "--data",
        metavar="PATH",
        type=Path,
        required=True,
        help="a folder with a folder of pictures or recordings a class; or an .npz file with the "
        "model's inputs x and classes y",
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        type=Path,
        help="a line a class, in the order of the model's scores: names of its folders, between "
        "commas, or * for all others (default: folders in the order of their names)",
    )
    parser.add_argument(
        "--budgets",
        metavar="BUDGET",
        nargs="+",
        help="pictures: parts of full scale (default 1/255 2/255 4/255 8/255); recordings: "
        "signal-to-noise ratios in dB (default 40 30 20); arrays: changes in their own unit",
    )
    parser.add_argument(
        "--examples", metavar="N", type=_count, default=200, help="at most (default 200)"
    )
    parser.add_argument(
        "--queries", metavar="N", type=_count, default=1000, help="of an example (default 1000)"
    )
    parser.add_argument(
        "--features",
        choices=("none", "mlperf-kws"),
        default="none",
        help="what the model wants of a recording: its samples (default), or the MFCCs of MLPerf "
        "Tiny's keyword model",
    )
    parser.add_argument(
        "--pixel-range",
        metavar=("LOW", "HIGH"),
        nargs=2,
        type=float,
        help="the model's real input for pixels of 0 and 255 (default: its input's whole range)",
    )
    parser.add_argument(
        "--fit",
        choices=("crop", "stretch"),
        default="crop",
        help="how a picture gets the model's proportions (default crop)",
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="default 0")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write the report, as JSON")


COMMANDS = (
    Command(
        words=("attack",),
        summary="attack an int8 model of your own by queries",
        description="Measure an int8 TensorFlow Lite classifier on labelled data: clean, under "
        "random noise, and under Square Attack, which asks it for scores and needs no gradient. "
        "The search runs on LiteRT, the verdict on TensorFlow Lite Micro. An attacker with "
        "gradients breaks more.",
        action="palisade.commands.attack",
        arguments=_attack,
    ),
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
