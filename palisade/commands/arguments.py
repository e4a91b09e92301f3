"""What each command takes on its command line."""

from __future__ import annotations

import argparse
from pathlib import Path


def _new_file(text: str) -> Path:
    """A file to write, which may be there already; a folder there would be lost."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder; name a file")
    return path


def keys_new(parser: argparse.ArgumentParser) -> None:
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


def physical_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK", help="a task of params.yaml, such as vision")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="to be made")


def verify(parser: argparse.ArgumentParser) -> None:
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


def release(parser: argparse.ArgumentParser) -> None:
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


def report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base", metavar="REV", help="also show what changed since this revision of the project"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=_new_file,
        help="the page (default: reports/report.html, with --base reports/comparison.html)",
    )


def image(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", type=Path, help="the release's folder")
    parser.add_argument(
        "--images",
        metavar="FOLDER",
        type=Path,
        help="the images (default: beside the folder, RELEASE.images)",
    )


def image_verify(parser: argparse.ArgumentParser) -> None:
    image(parser)
    parser.add_argument(
        "--public-key",
        metavar="FILE",
        type=Path,
        help="the Ed25519 key that the bootloader has (default: the one beside the images)",
    )
    parser.add_argument(
        "--least-counter",
        metavar="N",
        type=_natural,
        default=0,
        help="refuse images whose security counter is below N (default: 0)",
    )


def attest_demo(parser: argparse.ArgumentParser) -> None:
    image(parser)
    parser.add_argument("--task", metavar="TASK", help="whose device (default: the first by name)")


def strength(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tasks", metavar="TASK", nargs="*", help="the tasks to audit (default: all of them)"
    )
    for name, about in (
        ("steps", "gradients of an iterated attack"),
        ("restarts", "random starts of an example"),
        ("targets", "wrong classes that the targeted attack goes for"),
        ("queries", "inputs that Square asks the device about an example"),
    ):
        parser.add_argument(
            f"--{name}", metavar="N", type=_positive, help=f"{about} (default: full strength)"
        )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1")
    return int(text)


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0")
    return int(text)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


_count.__name__ = "whole number from 1"  # as argparse names it


def attack(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--output", metavar="FILE", type=_new_file, help="write the report, as JSON"
    )


def _alpha(text: str) -> float:
    value = float(text)
    if not 0 < value <= 0.5:
        raise argparse.ArgumentTypeError(f"{text} is not in (0, 0.5]")
    return value


_alpha.__name__ = "probability"


def monitor(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument("--output", metavar="FILE", type=_new_file, help="also write it as JSON")


def gate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base",
        metavar="REV",
        default="HEAD",
        help="the revision to compare with (default: HEAD, so what is not committed yet)",
    )
    parser.add_argument(
        "--output", metavar="FILE", type=_new_file, help="write the table here as well"
    )


def synced(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--remote", metavar="NAME", help="a remote other than the default one")
    where.add_argument("--lock-only", action="store_true", help="do not look at any remote")


def comment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", metavar="REV", required=True, help="the revision to compare with")
    parser.add_argument(
        "--output", metavar="FOLDER", type=Path, help="where to (default: reports/comment)"
    )


def data_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the data set")
    parser.add_argument(
        "--task", metavar="TASK", help="whose data it is (default: as params.yaml or its files say)"
    )
