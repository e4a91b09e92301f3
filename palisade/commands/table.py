"""Every command: its words, its help, its arguments, its exit statuses, and what runs it.

The table loads nothing heavy, so help is quick; a command's action is imported by name when the
command runs. A new command is one entry here and one module with its action.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from palisade.attestation import failures as attestation_failures
from palisade.boot import failures as boot_failures
from palisade.commands import arguments
from palisade.refusal import by_status
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
    "keys": "make a development key, of signatures or of images",
    "image": "make and verify the images that a bootloader checks",
    "attest": "prove what a device runs",
    "physical": "carry attacks into a real room",
    "data": "look at a data set before training on it",
}


_CHECKING = (*boot_failures.of_images(), failures.BadKey, failures.UnsafePath, failures.TooLarge)

COMMANDS = (
    Command(
        words=("audit",),
        summary="attack the default models at full strength",
        description="Attack the test examples that still stand under the default battery, at the "
        "reference budget, with many steps, restarts, targets and queries: hours. Write the worst "
        "case, and by how much it is lower than the default one, to metrics/TASK/audit.json, with "
        "the SHA-256 of the model and of the guard. Fails if it is lower by more than a point. "
        "Attacks that are done are kept in .palisade/audit, and a run that was killed goes on.",
        action="palisade.commands.audit",
        arguments=arguments.strength,
    ),
    Command(
        words=("attack",),
        summary="attack an int8 model of your own by queries",
        description="Measure an int8 TensorFlow Lite classifier on labelled data: clean, under "
        "random noise, and under Square Attack, which asks it for scores and needs no gradient. "
        "The search runs on LiteRT, the verdict on TensorFlow Lite Micro. An attacker with "
        "gradients breaks more.",
        action="palisade.commands.attack",
        arguments=arguments.attack,
    ),
    Command(
        words=("keys", "new"),
        summary="make a development key",
        description="Make an EC P-256 key for development signatures, in $PALISADE_KEY (an "
        "absolute path outside the checkout) or else in palisade/development-key.pem in the "
        "user's config folder; or an Ed25519 key for images, in $PALISADE_IMAGE_KEY or else in "
        "palisade/development-image-key.pem there. Only its owner can read it. A key that is "
        "there is never replaced.",
        action="palisade.commands.keys",
        arguments=arguments.keys_new,
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
        arguments=arguments.physical_export,
    ),
    Command(
        words=("verify",),
        summary="check a release against its signature, and against whom you trust",
        description="Check that a release holds exactly the files that were signed, and the boot "
        "images and the provenance that lie beside it. Without --policy the keys beside the "
        "release are used, which shows integrity only: nothing then says who signed. Only "
        "--policy confers trust. Works offline.",
        action="palisade.commands.verify",
        arguments=arguments.verify,
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
        arguments=arguments.report,
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
        arguments=arguments.release,
        statuses=by_status(*failures.OF_SIGNING, *boot_failures.OF_MAKING),
    ),
    Command(
        words=("image", "make"),
        summary="make the images of a release's models",
        description="Make one MCUboot image a task from a release's payloads, signed by the "
        "Ed25519 key in $PALISADE_IMAGE_KEY or else by the development key of `keys new --for "
        "image`. The bytes follow from the release and the key. `release` does so by itself.",
        action="palisade.commands.image_make",
        arguments=arguments.image,
        statuses=by_status(*boot_failures.OF_MAKING, failures.BadKey),
    ),
    Command(
        words=("image", "verify"),
        summary="check the images of a release's models",
        description="Check that there is exactly one image a task, that the key signed each, "
        "that its payload is the release's, and that no security counter is below the least. "
        "Without --public-key the key beside the images is used, which shows integrity only.",
        action="palisade.commands.image_verify",
        arguments=arguments.image_verify,
        statuses=by_status(*_CHECKING),
    ),
    Command(
        words=("attest", "demo"),
        summary="show an attestation and an update on a simulated device",
        description="Boot a release's image on a simulated device, challenge it, verify its "
        "token, and show three attacks refused. The device is simulated, and its tokens say so: "
        "it has no hardware root of trust.",
        action="palisade.commands.attest_demo",
        arguments=arguments.attest_demo,
        statuses=by_status(*_CHECKING, *boot_failures.kinds(), *attestation_failures.kinds()),
    ),
    Command(
        words=("monitor",),
        summary="say whether devices' field logs call for retraining",
        description="Compare field logs (docs/monitoring.md) with what the model's guard saw in "
        "calibration: distances with intervals, shares, and a sequential test that may be looked "
        "at daily. It may be run again as a log grows. A log of another model is refused.",
        action="palisade.commands.monitor",
        arguments=arguments.monitor,
        statuses={95: "drift: retrain", 96: "watch: a difference in doubt, or too few answers"},
    ),
    Command(
        words=("gate",),
        summary="fail if a figure got worse than gate.yaml allows",
        description="Compare metrics/ with those that git has of a revision, figure by figure, and "
        "print a Markdown table. What is measured on the same examples is compared example by "
        "example (McNemar's exact test); what is not is called not comparable. Reads git, "
        "params.yaml and gate.yaml, and needs no data. Run it from the project's root.",
        action="palisade.commands.gate",
        arguments=arguments.gate,
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
        arguments=arguments.synced,
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
        arguments=arguments.comment,
    ),
    Command(
        words=("data", "check"),
        summary="say what is wrong with a folder of recordings, pictures or traces",
        description="Read a folder as the stage `prepare` would with today's params: count what is "
        "usable by class and split, name what is left out and why, warn of what is often a "
        "mistake, and list all that `prepare` would stop at. Warnings alone are a success. Trains "
        "nothing and changes nothing. Run it from the project's root.",
        action="palisade.commands.data",
        arguments=arguments.data_check,
        statuses=_meanings(reviews.BadCorpus),
    ),
)
