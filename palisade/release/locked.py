"""What ``requirements.lock`` pins: each package with its version and the digests of its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from palisade.errors import PalisadeError

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Package:
    """One pinned package.

    Attributes:
        name, version: as in the lock; the name as PyPI normalises it.
        sha256: of the files that it may be installed from, sorted.
    """

    name: str
    version: str
    sha256: tuple[str, ...]


def read(path: Path) -> list[Package]:
    """Every package of a lock, by name.

    Raises:
        PalisadeError: It pins nothing, or a package without a digest.
    """
    text = re.sub(r"(?m)^\s*#.*$", "", path.read_text(encoding="utf-8"))
    found = []
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", text):
        pin = _PIN.match(block)
        digests = tuple(sorted(set(_DIGEST.findall(block))))
        if block.strip() and (pin is None or not digests):
            first = block.strip().splitlines()[0]
            raise PalisadeError(
                f"{path.name} has no version and digest for {first!r}", "run `make lock` again"
            )
        if pin is not None:
            name = re.sub(r"[-_.]+", "-", pin[1]).lower()
            found.append(Package(name, pin[2], digests))
    if not found:
        raise PalisadeError(f"{path.name} pins nothing", "run `make lock` again")
    return sorted(found, key=lambda package: package.name)
