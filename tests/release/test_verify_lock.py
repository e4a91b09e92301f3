"""What a gateway installs to run ``verify`` is whole, and without what trains models."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.workspace import ROOT

ENTRY = re.compile(r"(?m)^([\w.-]+)==(\S+)")


def locked() -> dict[str, str]:
    """Versions by name; `pip install --no-deps` installs these and nothing else."""
    text = (ROOT / "requirements-verify.lock").read_text()
    return {canonicalize_name(name): version for name, version in ENTRY.findall(text)}


def asked_for() -> list[str]:
    """The requirements that the lock is made from."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked: list[str] = project["optional-dependencies"]["verify"]
    return asked


def needed(lines: Iterable[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """All packages that requirements lead to, with their extras, as installed here."""
    left, seen = [Requirement(line) for line in lines], set()
    while left:
        one = left.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key in seen:
            continue
        seen.add(key)
        yield key
        for line in metadata.requires(one.name) or []:
            further = Requirement(line)
            wanted = [{"extra": extra} for extra in ("", *one.extras)]
            if further.marker is None or any(map(further.marker.evaluate, wanted)):
                left.append(further)


def test_all_that_its_packages_need_is_in_it() -> None:
    versions = locked()
    assert {name for name, _ in needed(asked_for())} - set(versions) == set()


def test_its_versions_are_those_of_the_pipeline() -> None:
    pinned = dict(ENTRY.findall((ROOT / "requirements.lock").read_text()))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    shared = {name: version for name, version in locked().items() if name in pinned}
    assert {"sigstore", "model-signing", "cryptography"} <= set(shared)
    assert shared == {name: pinned[name] for name in shared}


@pytest.mark.parametrize("name", ["tensorflow", "dvc", "numpy", "librosa"])
def test_what_trains_models_is_not_in_it(name: str) -> None:
    assert name not in locked()
