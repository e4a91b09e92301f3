"""``bom.cdx.json``: what a release is made of and from, as a CycloneDX 1.6 bill of materials.

It holds a machine-learning model a task, with its model card, the data that each was trained on,
the device's library, and every package of requirements.lock. There is no timestamp in it, and its
serial number follows from its content, so the same inputs give the same bytes. cyclonedx-python-lib
has no model cards and no data sets: these are added to its JSON, and the whole is validated.

References:
    CycloneDX 1.6 (ECMA-424), https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from palisade.errors import PalisadeError
from palisade.release.card import Tool
from palisade.release.locked import Package

NAME = "bom.cdx.json"
PROJECT, LIBRARY = "palisade-release", "palisade-device"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/schema/bom-1.6.schema.json")


@dataclass(frozen=True)
class Model:
    """One task's model.

    Attributes:
        task: its name.
        title: what it tells.
        sha256: of its file.
        card: the model card, as JSON holds it.
    """

    task: str
    title: str
    sha256: str
    card: Mapping[str, Any]


@dataclass(frozen=True)
class Corpus:
    """What a task's model was trained and measured on.

    Attributes:
        task: whose.
        folder: in the project.
        licence: SPDX, or another name, or ``not stated``.
        description: where it comes from.
        tools: programs that it was drawn with.
    """

    task: str
    folder: str
    licence: str
    description: str
    tools: tuple[Tool, ...]


def describe(
    *,
    version: str,
    licence: str,
    models: list[Model],
    corpora: list[Corpus],
    packages: list[Package],
) -> dict[str, Any]:
    """The bill of materials, ready for JSON.

    Raises:
        PalisadeError: It does not keep to CycloneDX 1.6.
    """
    release = Component(
        name=PROJECT,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="release",
        licenses=[_licence(licence)],
        description="Models, guards and the C library that runs them on a microcontroller",
    )
    own = [*(_model(one, version, licence) for one in models), _library(version, licence)]
    data = [_data(one) for one in corpora]
    tools = list(
        {tool.name: _tool(tool, packages) for one in corpora for tool in one.tools}.values()
    )
    bom = Bom(
        metadata=BomMetaData(component=release),
        components=[*own, *data, *tools, *(_package(one) for one in packages)],
    )
    bom.register_dependency(release, own)
    for corpus, component in zip(corpora, data, strict=True):
        named = {tool.name for tool in corpus.tools}
        trained = [one for one in own if one.bom_ref.value == _ref("model", corpus.task)]
        bom.register_dependency(component, [one for one in tools if one.name in named])
        for model in trained:
            bom.register_dependency(model, [component])
    content = json.loads(JsonV1Dot6(bom).output_as_string())
    return finished(content, models, corpora)


def finished(content: dict[str, Any], models: list[Model], corpora: list[Corpus]) -> dict[str, Any]:
    """What the library gave, with cards and data sets, and without what differs from run to run.

    Raises:
        PalisadeError: It does not keep to CycloneDX 1.6.
    """
    del content["serialNumber"], content["metadata"]["timestamp"]
    by_ref = {component["bom-ref"]: component for component in content["components"]}
    for model in models:
        by_ref[_ref("model", model.task)]["modelCard"] = dict(model.card)
    for corpus in corpora:
        by_ref[_ref("data", corpus.task)]["data"] = [
            {
                "type": "dataset",
                "name": corpus.folder,
                "description": corpus.description,
            }
        ]
    digest = json.dumps(content, sort_keys=True, allow_nan=False)
    content["serialNumber"] = f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}"
    check(content)
    return content


def check(content: Mapping[str, Any]) -> None:
    """Hold a bill of materials against the schema, which knows every key.

    Raises:
        PalisadeError: It does not keep to CycloneDX 1.6.
    """
    error = _validator().validate_str(json.dumps(content))
    if error is not None:
        reason = " ".join(str(getattr(error.data, "message", error.data)).split())[:200]
        raise PalisadeError(f"{NAME} is not valid CycloneDX 1.6 ({reason})", "mend its content")


@cache
def _validator() -> JsonStrictValidator:
    return JsonStrictValidator(SchemaVersion.V1_6)


def _ref(kind: str, task: str) -> str:
    return f"{kind}:{task}"


def _licence(text: str) -> Any:
    return LicenseFactory().make_from_string(text)


def _model(one: Model, version: str, licence: str) -> Component:
    return Component(
        name=one.task,
        version=version,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=_ref("model", one.task),
        description=f"Tells {one.title}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one.sha256)],
        licenses=[_licence(licence)],
    )


def _library(version: str, licence: str) -> Component:
    return Component(
        name=LIBRARY,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref="library",
        description="C99 sources of preprocessing, front end and guard, in firmware/; "
        "manifest.json lists them with their digests",
        licenses=[_licence(licence)],
    )


def _data(one: Corpus) -> Component:
    return Component(
        name=one.folder,
        type=ComponentType.DATA,
        bom_ref=_ref("data", one.task),
        description="Not part of the release",
        scope=ComponentScope.EXCLUDED,
        licenses=[_licence(one.licence)],
    )


def _tool(one: Tool, packages: list[Package]) -> Component:
    provided = [package for package in packages if package.name == one.provided_by]
    return Component(
        name=one.name,
        type=ComponentType.APPLICATION,
        bom_ref=f"tool:{one.name}",
        description=one.description,
        scope=ComponentScope.EXCLUDED,
        licenses=[_licence(one.licence)],
        external_references=[
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(_purl(package)))
            for package in provided
        ],
    )


def _package(one: Package) -> Component:
    """A package that made the release and is no part of it.

    A lock names several files of which one was installed, so their digests are of a reference and
    not of the component.
    """
    purl = PackageURL(type="pypi", name=one.name, version=one.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(_purl(one)),
        comment="the files that requirements.lock accepts, of which one was installed",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in one.sha256],
    )
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=_purl(one),
        purl=purl,
        scope=ComponentScope.EXCLUDED,
        external_references=[files],
    )


def _purl(one: Package) -> str:
    return str(PackageURL(type="pypi", name=one.name, version=one.version).to_string())


def licences(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each component's reference and licence, of those that state one."""
    for component in content["components"]:
        for one in component.get("licenses", []):
            licence = one.get("license", {})
            yield (
                component["bom-ref"],
                one.get("expression") or licence.get("id", licence.get("name")),
            )
