"""The gate before devices: what a release must be beyond signed and trusted.

A development signature, a failed check, or a model that was not audited as it is now: each is
fine while a team works, and none of them may run on a door.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from palisade.release import audits, layout, lines, manifest
from palisade.release.contents import shown
from palisade.release.failures import DevelopmentSignature, FailedChecks, NoProvenance
from palisade.release.images import Images
from palisade.release.lines import FAIL, PASS, VERIFY, Line
from palisade.release.policy import Policy
from palisade.release.trust import Signer

# Lines of the checklist that are true of every release that came this far: a policy trusts it,
# signatures, files, version and counter hold, and what is not true of these is refused below.
DECIDED = frozenset(
    {
        "signature_is_trusted",
        "no_file_added_or_missing",
        "security_counter_not_below_least",
        "version_not_below_least",
        "provenance_is_signed",
        "images_carry_the_manifest",
        "models_are_audited",
    }
)
_NAMED = 5  # how many failures a message names


@dataclass(frozen=True)
class Verified:
    """A release of which all that lies beside it was verified too.

    Attributes:
        release: the folder.
        content: its manifest.
        signer: who signed it.
        images: its images; None where there are none.
        stated: whether it has a provenance.
    """

    release: Path
    content: manifest.Manifest
    signer: Signer
    images: Images | None
    stated: bool


def check(found: Verified, rules: Policy | None) -> None:
    """Refuse what may not run on a device.

    Raises:
        DevelopmentSignature, FailedChecks, NoProvenance, NoAudit, StaleAudit: It may not.
        BadManifest: The checklist cannot be read.
    """
    _check_signers(found)
    _check_measurements(found.content)
    if not found.stated:
        raise NoProvenance(
            "there is no provenance, without which nothing says whose audits these are",
            "get it from where the release was made",
        )
    audits.check(layout.beside(found.release, layout.AUDITS), found.content)
    asked = lines.read(found.release, found.content.documents.checklist)
    also = () if rules is None else rules.content.required_lines
    _check_lines(asked, frozenset(also))


def _check_signers(found: Verified) -> None:
    signers: list[tuple[str, str, Signer | Images]] = [(found.signer.name, "", found.signer)]
    if found.images is not None:
        signers.append((found.images.signer, " images", found.images))
    for name, what, one in signers:
        if one.trusted_by is None or one.assurance != "release":
            raise DevelopmentSignature(
                f"{name} signs{what} for development",
                "have the release made by an identity or keys that the policy names for releases",
            )


def _check_measurements(content: manifest.Manifest) -> None:
    failed = [f"{one.part}: {one.check}" for one in content.failed_checks]
    if failed or not content.reliable:
        raise _failed(failed or ["the release as a whole"])


def _check_lines(found: list[Line], also: frozenset[str]) -> None:
    """Lines that the pipeline filled must pass; those left to ``verify`` must be known to it."""
    names = {one for line in found for one in _names(line)}
    wrong = [f"{name} (not on the checklist)" for name in sorted(also - names)]
    for line in found:
        blocks = line.required or line.status == VERIFY or not also.isdisjoint(_names(line))
        decided = line.status == VERIFY and line.verify in DECIDED
        if blocks and line.status != PASS and not decided:
            why = line.reason if line.status == FAIL else f"verify does not know {line.verify!a}"
            wrong.append(f"{line.name} ({why})")
    if wrong:
        raise _failed(wrong)


def _names(line: Line) -> set[str]:
    """What a policy may call a line: its name, and that without the task."""
    return {line.name, line.name.removeprefix(f"{line.task}.")}


def _failed(names: list[str]) -> FailedChecks:
    some = ", ".join(shown(name[:150]) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return FailedChecks(f"the release does not pass {some}{more}", "mend what failed and remake it")
