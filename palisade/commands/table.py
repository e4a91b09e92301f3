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
from palisade.review import failures as reviews
from palisade.review.failures import ReviewError


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


def _meanings(*kinds: type[ReviewError]) -> dict[int, str]:
    return {kind.status: kind.meaning for kind in kinds}


# What a group of commands is about, where a command has two words.
GROUPS = {
    "keys": "make the key of development signatures",
    "data": "look at a data set before training on it",
}


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


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base", metavar="REV", help="also show what changed since this revision of the project"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="the page (default: reports/report.html, with --base reports/comparison.html)",
    )


def _gate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base",
        metavar="REV",
        default="HEAD",
        help="the revision to compare with (default: HEAD, so what is not committed yet)",
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="write the table here as well")


def _synced(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--remote", metavar="NAME", help="a remote other than the default one")
    where.add_argument("--lock-only", action="store_true", help="do not look at any remote")


def _comment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", metavar="REV", required=True, help="the revision to compare with")
    parser.add_argument(
        "--output", metavar="FOLDER", type=Path, help="where to (default: reports/comment)"
    )


def _data_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the data set")
    parser.add_argument(
        "--task", metavar="TASK", help="whose data it is (default: as params.yaml or its files say)"
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
        words=("verify",),
        summary="check a release against its signature, and against whom you trust",
        description="Check that a release holds exactly the files that were signed. Without "
        "--policy the key beside the release is used, which shows integrity only: nothing then "
        "says who signed. Only --policy confers trust. Works offline.",
        action="palisade.commands.verify",
        arguments=_verify,
        statuses={kind.status: kind.meaning for kind in failures.kinds()},
    ),
    Command(
        words=("report",),
        summary="show what a run gave as one HTML page",
        description="Write the page that the stage `report` writes, of the metrics, data and "
        "models that are there. With --base it also compares them with the metrics and params that "
        "git has of a revision. Run it from the project's root, after `dvc repro`. The page holds "
        "no script and needs no network.",
        action="palisade.commands.report",
        arguments=_report,
    ),
    Command(
        words=("gate",),
        summary="fail if a figure got worse than gate.yaml allows",
        description="Compare metrics/ with those that git has of a revision, figure by figure, and "
        "print a Markdown table. What is measured on the same examples is compared example by "
        "example (McNemar's exact test); what is not is called not comparable. Reads git, "
        "params.yaml and gate.yaml, and needs no data. Run it from the project's root.",
        action="palisade.commands.gate",
        arguments=_gate,
        statuses=_meanings(reviews.Worse, reviews.MissingFigure, reviews.NothingToCompare),
    ),
    Command(
        words=("synced",),
        summary="fail if dvc.lock is stale or its data was not pushed",
        description="Hold dvc.lock against the code, params, metrics and data that are here, and "
        "look in the DVC remote for all data that this revision names. Runs no stage and changes "
        "nothing; data that was not pulled is taken to be what the lock says, so that a fresh "
        "clone without data will do.",
        action="palisade.commands.synced",
        arguments=_synced,
        statuses=_meanings(reviews.StaleLock, reviews.NotPushed, reviews.NoRemote),
    ),
    Command(
        words=("comment",),
        summary="write what a pull request's comment says",
        description="Write comment.md: the gate's verdict, each task's robustness curve, and what "
        "`dvc metrics diff` and `dvc params diff` show against a revision, within the length that "
        "GitHub takes; and each curve as an SVG file beside it. A gate that fails is shown, and "
        "does not make this command fail. Posts nothing and needs no data.",
        action="palisade.commands.comment",
        arguments=_comment,
    ),
    Command(
        words=("data", "check"),
        summary="say what is wrong with a folder of recordings, pictures or traces",
        description="Read a folder as the stage `prepare` would with today's params: count what is "
        "usable by class and split, name what is left out and why, warn of what is often a "
        "mistake, and list all that `prepare` would stop at. Warnings alone are a success. Trains "
        "nothing and changes nothing. Run it from the project's root.",
        action="palisade.commands.data",
        arguments=_data_check,
        statuses=_meanings(reviews.BadCorpus),
    ),
)
