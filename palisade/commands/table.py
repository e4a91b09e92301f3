"""Every command: its words, its help, its arguments, its exit statuses, and what runs it.

The table loads nothing heavy, so help is quick; a command's action is imported by name when the
command runs. A new command is one entry here and one module with its action.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from palisade.attestation import failures as attestation_failures
from palisade.boot import failures as boot_failures
from palisade.refusal import by_status
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
    "keys": "make a development key, of signatures or of images",
    "image": "make and verify the images that a bootloader checks",
    "attest": "prove what a device runs",
}


def _keys_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=("release", "image"),
        default="release",
        help="what it signs: a release's folder (default), or the images of its models",
    )
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
        "a release without images, and models without an audit of the same digest",
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


def _image(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", type=Path, help="the release's folder")
    parser.add_argument(
        "--images",
        metavar="FOLDER",
        type=Path,
        help="the images (default: beside the folder, RELEASE.images)",
    )


def _image_verify(parser: argparse.ArgumentParser) -> None:
    _image(parser)
    parser.add_argument(
        "--public-key",
        metavar="FILE",
        type=Path,
        help="the Ed25519 key that the bootloader has (default: the one beside the images)",
    )
    parser.add_argument(
        "--least-counter",
        metavar="N",
        type=int,
        default=0,
        help="refuse images whose security counter is below N (default: 0)",
    )


def _attest_demo(parser: argparse.ArgumentParser) -> None:
    _image(parser)
    parser.add_argument("--task", metavar="TASK", help="whose device (default: the first by name)")


# What checking images ends with.
_CHECKING = (*boot_failures.of_images(), failures.BadKey, failures.UnsafePath, failures.TooLarge)

COMMANDS = (
    Command(
        words=("keys", "new"),
        summary="make a development key",
        description="Make an EC P-256 key for development signatures, in $PALISADE_KEY (an "
        "absolute path outside the checkout) or else in palisade/development-key.pem in the "
        "user's config folder; or an Ed25519 key for images, in $PALISADE_IMAGE_KEY or else in "
        "palisade/development-image-key.pem there. Only its owner can read it. A key that is "
        "there is never replaced.",
        action="palisade.commands.keys",
        arguments=_keys_new,
        statuses={failures.BadKey.status: failures.BadKey.meaning + ", or there is one already"},
    ),
    Command(
        words=("verify",),
        summary="check a release against its signature, and against whom you trust",
        description="Check that a release holds exactly the files that were signed, and the boot "
        "images and the provenance that lie beside it. Without --policy the keys beside the "
        "release are used, which shows integrity only: nothing then says who signed. Only "
        "--policy confers trust. Works offline.",
        action="palisade.commands.verify",
        arguments=_verify,
        statuses=by_status(*failures.kinds(), *boot_failures.of_images()),
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
        description="Copy models/release to a folder of its own, make its boot images with the "
        "key of `keys new --for image`, put what audits there are beside it, sign it, and state in "
        "a signed provenance (SLSA v1) about all of these which commit, params and dvc.lock they "
        "were made from. The checkout must have no changes and `dvc status` must be empty. It is "
        "signed in the mode that is named, or not at all.",
        action="palisade.commands.release",
        arguments=_release,
        statuses=by_status(*failures.OF_SIGNING, *boot_failures.OF_MAKING),
    ),
    Command(
        words=("image", "make"),
        summary="make the images of a release's models",
        description="Make one MCUboot image a task from a release's payloads, signed by the "
        "Ed25519 key in $PALISADE_IMAGE_KEY or else by the development key of `keys new --for "
        "image`. The bytes follow from the release and the key. `release` does so by itself.",
        action="palisade.commands.image_make",
        arguments=_image,
        statuses=by_status(*boot_failures.OF_MAKING, failures.BadKey),
    ),
    Command(
        words=("image", "verify"),
        summary="check the images of a release's models",
        description="Check that there is exactly one image a task, that the key signed each, "
        "that its payload is the release's, and that no security counter is below the least. "
        "Without --public-key the key beside the images is used, which shows integrity only.",
        action="palisade.commands.image_verify",
        arguments=_image_verify,
        statuses=by_status(*_CHECKING),
    ),
    Command(
        words=("attest", "demo"),
        summary="show an attestation and an update on a simulated device",
        description="Boot a release's image on a simulated device, challenge it, verify its "
        "token, and show three attacks refused. The device is simulated, and its tokens say so: "
        "it has no hardware root of trust.",
        action="palisade.commands.attest_demo",
        arguments=_attest_demo,
        statuses=by_status(*_CHECKING, *boot_failures.kinds(), *attestation_failures.kinds()),
    ),
)
