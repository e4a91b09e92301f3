"""A release's papers: bill of materials, threat model and checklist, from the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palisade.attacks.grid import Grid
from palisade.files import write_json, write_text
from palisade.release import bom, checklist, manifest, model_card, pages, threat_model
from palisade.release import lines as lines_of
from palisade.release.card import Card
from palisade.release.evidence import MANIFEST, Scope
from palisade.release.locked import Package
from palisade.release.settings import Settings

DOCUMENTS = manifest.Documents(
    bom=bom.NAME, threat_model=threat_model.NAME, checklist=lines_of.NAME
)


@dataclass(frozen=True)
class Subject:
    """What papers need of a task beside the manifest.

    Attributes:
        card: what people say of it.
        grid: its budgets.
        field: accuracy with interval by natural corruption.
        unfamiliar: the guard's AUROC by kind of unfamiliar input.
    """

    card: Card
    grid: Grid
    field: Mapping[str, Any]
    unfamiliar: Mapping[str, float]


def write(
    release: Path,
    content: Mapping[str, Any],
    *,
    subjects: Mapping[str, Subject],
    settings: Settings,
    packages: list[Package],
) -> None:
    """Write every paper into a folder.

    Args:
        release: holds all that papers speak of.
        content: what ``manifest.describe`` gave.
        subjects: by task.
        settings: the section ``package`` of params.yaml.
        packages: what the release was made with.

    Raises:
        PalisadeError: A budget was not evaluated, or the bill of materials is not valid.
    """
    tree = {**content, "files": manifest.files_of(release)}
    cards = {key: subject.card for key, subject in subjects.items()}
    grids = {key: subject.grid for key, subject in subjects.items()}
    whole = Scope({MANIFEST: tree})
    scopes = {key: scope_of({MANIFEST: tree}, key, subjects[key]) for key in subjects}
    threats = threat_model.describe(whole, scopes, cards, grids)
    both = {MANIFEST: tree, threat_model.NAME: threats}
    lines = checklist.describe(
        Scope(both),
        {key: scope_of(both, key, subjects[key]) for key in subjects},
        {key for key, card in cards.items() if not card.larger_is_weaker},
    )
    write_json(release / threat_model.NAME, threats)
    write_text(release / "threat_model.md", pages.of_threats(threats))
    write_json(release / lines_of.NAME, lines)
    write_text(release / "checklist.md", pages.of_checklist(lines))
    write_json(release / bom.NAME, _bom(tree, subjects, scopes, settings, packages))


def scope_of(files: Mapping[str, Any], key: str, subject: Subject) -> Scope:
    """Where a task's templates lead, and what their words in capitals stand for."""
    grid, card = subject.grid, subject.card
    listed = next(name for name in type(grid).model_fields if name.startswith("budgets_"))
    headline = next(name for name in type(grid).model_fields if name.startswith("reference_"))
    words = {
        "TASK": key,
        "REFERENCE": grid.name(grid.reference),
        "HOPELESS": grid.name(grid.budgets[-1]),
        "REFERENCE_PARAM": headline,
        "BUDGETS_PARAM": listed,
        "LAST": str(list(getattr(grid, listed)).index(grid.budgets[-1])),
        "EPSILON": card.epsilon,
        "STRONGER": "less" if card.larger_is_weaker else "more",
        "GROUP": card.group,
    }
    return Scope(files, key, words, card.budget)


def _bom(
    tree: Mapping[str, Any],
    subjects: Mapping[str, Subject],
    scopes: Mapping[str, Scope],
    settings: Settings,
    packages: list[Package],
) -> dict[str, Any]:
    models = [
        bom.Model(
            task=key,
            title=subject.card.title,
            sha256=tree["files"][tree["tasks"][key]["model"]]["sha256"],
            card=model_card.describe(
                scopes[key], subject.card, field=subject.field, unfamiliar=subject.unfamiliar
            ),
        )
        for key, subject in sorted(subjects.items())
    ]
    corpora = [
        corpus(key, tree["tasks"][key]["data"], subject.card)
        for key, subject in sorted(subjects.items())
    ]
    return bom.describe(
        version=settings.version,
        licence=settings.licence,
        models=models,
        corpora=corpora,
        packages=packages,
    )


def drawn(key: str, folder: str) -> bool:
    """Whether a corpus is the one that the pipeline draws."""
    return folder == f"data/synthetic/{key}"


def corpus(key: str, data: Mapping[str, str], card: Card) -> bom.Corpus:
    """What a task's data is, as the bill of materials has it."""
    mine = drawn(key, data["corpus"])
    return bom.Corpus(
        task=key,
        folder=data["corpus"],
        licence=data["licence"],
        description=card.drawn.description if mine else "Recordings of the team that trained it",
        tools=card.drawn.tools if mine else (),
    )
