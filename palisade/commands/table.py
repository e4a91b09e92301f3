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
    parser.add_argument(
        "--provenance",
        metavar="FILE",
        type=Path,
        help="where the release comes from (default: beside the folder, "
        "RELEASE.provenance.sigstore.json, if it is there)",
    )
    parser.add_argument(
        "--release-gate",
        action="store_true",
        help="refuse also what may not run on a device: development signatures, failed checks, "
        "and models without an audit of the same digest",
    )


def _release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mode",
        choices=("key", "keyless-ambient", "keyless-interactive"),
        default="key",
        help="sign with the key in $PALISADE_KEY (the default); with the identity of a CI's "
        "job; or with a person's, who logs in and whose identity becomes public for ever",
    )
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        type=Path,
        default=Path("dist"),
        help="the folder to make (default: dist); an earlier release there is replaced",
    )
    parser.add_argument(
        "--instance",
        metavar="FILE",
        type=Path,
        help="a private Sigstore instance for the keyless modes, as a ClientTrustConfig in JSON "
        "(default: the public one)",
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


def _alpha(text: str) -> float:
    value = float(text)
    if not 0 < value <= 0.5:
        raise argparse.ArgumentTypeError(f"{text} is not in (0, 0.5]")
    return value


def _monitor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log", metavar="LOG", type=Path, nargs="+", help="a device's field log")
    parser.add_argument("--task", required=True, help="whose model it is: voice, vision, motion")
    parser.add_argument(
        "--against",
        metavar="FILE",
        type=Path,
        help="calibration's log of that model (default: models/TASK/calibration_log.jsonl)",
    )
    parser.add_argument(
        "--alpha",
        type=_alpha,
        default=0.01,
        help="probability that logs without drift ever lead to `retrain` (default: 0.01); "
        "several logs share it",
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="also write it as JSON")


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
        words=("release",),
        summary="sign a release of this checkout, with a signed provenance",
        description="Copy models/release to a folder of its own, sign it, and state in a signed "
        "provenance (SLSA v1) which commit, params and dvc.lock it was made from. The checkout "
        "must have no changes and `dvc status` must be empty. It is signed in the mode that is "
        "named, or not at all.",
        action="palisade.commands.release",
        arguments=_release,
        statuses={kind.status: kind.meaning for kind in failures.OF_SIGNING},
    ),
    Command(
        words=("monitor",),
        summary="say whether devices' field logs call for retraining",
        description="Compare field logs (docs/monitoring.md) with what the model's guard saw in "
        "calibration: distances with intervals, shares, and a sequential test that may be looked "
        "at daily. It may be run again as a log grows. A log of another model is refused.",
        action="palisade.commands.monitor",
        arguments=_monitor,
        statuses={60: "drift: retrain", 61: "watch: a difference in doubt, or too few answers"},
    ),
)
