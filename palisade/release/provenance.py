"""Where a release comes from: SLSA v1 provenance, as a signed in-toto statement.

It says which commit, params and dvc.lock made which files, and who built them. No SLSA level
follows from that alone: a laptop can state what it likes, so its builder says ``local``; a CI's
builder is the identity in its certificate, and counts only as that identity signed it.

Reference: https://slsa.dev/spec/v1.0/provenance
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from palisade.errors import PalisadeError
from palisade.release import bundle, statement
from palisade.release.bundle import Bundle
from palisade.release.checkout import Source
from palisade.release.contents import shown
from palisade.release.failures import WrongProvenance
from palisade.release.manifest import Manifest
from palisade.release.reading import canonical_json, strict_json
from palisade.release.trust import Signer
from palisade.stage import lookup

PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:palisade:dvc-pipeline:v1"
LOCAL_BUILDER = "urn:palisade:builder:local"

_ENDING = "get the release and its provenance again from one place"


class _Closed(BaseModel, extra="forbid"):
    """A part of the statement in which every field is known."""


class _Dependency(_Closed):
    name: str
    uri: str | None = None
    digest: dict[str, str] = Field(min_length=1)
    annotations: dict[str, str] = {}


class _Parameters(_Closed):
    params: dict[str, Any]


class _Definition(_Closed):
    build_type: Literal["urn:palisade:dvc-pipeline:v1"] = Field(alias="buildType")
    external: _Parameters = Field(alias="externalParameters")
    dependencies: list[_Dependency] = Field(alias="resolvedDependencies", min_length=3)


class _Builder(_Closed):
    id: str = Field(min_length=1)


class _Details(_Closed):
    builder: _Builder
    byproducts: list[_Dependency]


class _Predicate(_Closed):
    definition: _Definition = Field(alias="buildDefinition")
    details: _Details = Field(alias="runDetails")


class Statement(_Closed):
    """The whole statement. It is closed, as this program made it or it is none of ours."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    predicate_type: Literal["https://slsa.dev/provenance/v1"] = Field(alias="predicateType")
    subject: list[statement.Subject] = Field(min_length=1)
    predicate: _Predicate

    @property
    def commit(self) -> str:
        """The git commit; empty where it names none."""
        sources = self.predicate.definition.dependencies
        return next(
            (one.digest.get("gitCommit", "") for one in sources if one.name == "source"), ""
        )

    @property
    def builder(self) -> str:
        """Who built it."""
        return self.predicate.details.builder.id


def describe(subjects: Mapping[str, str], source: Source, builder: str) -> bytes:
    """The statement about files, by name and SHA-256, as canonical JSON."""
    params = hashlib.sha256(canonical_json(source.params)).hexdigest()
    origin = {} if source.repository is None else {"uri": f"git+{source.repository}"}
    canonical = {"form": "canonical JSON"}
    dependencies = [
        {"name": "source", "digest": {"gitCommit": source.commit}, **origin},
        {"name": "params.yaml", "digest": {"sha256": params}, "annotations": canonical},
        {
            "name": "dvc.lock",
            "digest": {"sha256": source.lock_sha256},
            "annotations": {"form": "canonical JSON without the stage sign"},
        },
        *(
            {"name": path, "digest": {"dvcMd5": digest}}
            for path, digest in sorted(source.data.items())
        ),
    ]
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {"params": source.params},
            "resolvedDependencies": dependencies,
        },
        "runDetails": {
            "builder": {"id": builder},
            "byproducts": [{"name": "models/release", "digest": {"dvcMd5": source.release_md5}}],
        },
    }
    return statement.about(subjects, PREDICATE_TYPE, predicate)


def read(parsed: Bundle) -> Statement:
    """Read the statement in a bundle, of which the signature was checked.

    Raises:
        MalformedSignature: It is of another kind, or not the one text that says what it says.
    """
    try:
        content = strict_json(parsed.payload)
        made = Statement.model_validate(content, strict=True)
        canonical = canonical_json(content)
    except ValidationError as error:
        raise bundle.malformed(parsed.path, bundle.first(error)) from error
    except ValueError as error:
        raise bundle.malformed(parsed.path, str(error)) from error
    if canonical != parsed.payload:
        raise bundle.malformed(parsed.path, "its statement is not in canonical form")
    return made


def check(
    made: Statement,
    path: Path,
    *,
    subjects: Mapping[str, str],
    content: Manifest,
    signer: Signer,
    signed_with: Signer,
) -> None:
    """Hold a statement against the release that it lies beside.

    Args:
        made: the statement.
        path: where its bundle is, for messages.
        subjects: the SHA-256 of every file of the release, by the subject's name.
        content: the release's manifest.
        signer: who signed the statement.
        signed_with: who signed the release.

    Raises:
        WrongProvenance: It is about another release, builder, commit or params.
    """
    stated = {one.name: one.digest.sha256 for one in made.subject}
    differs = sorted({name for name, _ in stated.items() ^ subjects.items()})
    if differs or len(stated) != len(made.subject):
        some = ", ".join(map(shown, differs[:3]))
        raise _wrong(path, f"it is about another release, which differs in {some or 'a subject'}")
    if signer != signed_with:
        raise _wrong(path, f"{signer.name} signed it, but {signed_with.name} signed the release")
    if made.builder not in (LOCAL_BUILDER, signer.name if signer.mode == "keyless" else ""):
        raise _wrong(path, f"it names the builder {made.builder}, which did not sign it")
    if signer.commit is not None and made.commit != signer.commit:
        raise _wrong(path, f"it names commit {made.commit}, but its signer ran {signer.commit}")
    _check_params(made, path, content)


def _check_params(made: Statement, path: Path, content: Manifest) -> None:
    params = made.predicate.definition.external.params
    digests = {one.name: one.digest for one in made.predicate.definition.dependencies}
    digest = hashlib.sha256(canonical_json(params)).hexdigest()
    if digests.get("params.yaml", {}).get("sha256") != digest:
        raise _wrong(path, "it does not hold the params of which it gives the digest")
    for name, value in content.params.items():
        try:
            same = lookup(params, name) == value
        except PalisadeError:
            same = False
        if not same:
            raise _wrong(path, f"the release was made with another {name}")


def _wrong(path: Path, reason: str) -> WrongProvenance:
    return WrongProvenance(f"{shown(str(path))} is not the release's ({shown(reason)})", _ENDING)
