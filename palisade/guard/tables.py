"""All of a task's guard, as pure integers: JSON to read and write, byte for byte the same."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from palisade import files
from palisade.errors import PalisadeError
from palisade.guard import texture
from palisade.guard.autoencoder import Autoencoder
from palisade.guard.consistency import Consistency
from palisade.guard.dense import WIDEST
from palisade.guard.energy import Energy
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Signal
from palisade.guard.table import Table
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree
from palisade.stage import checked

MOST_CLASSES = 32
Kind = Literal["off", "at_least", "at_most"]


class Limit(Table):
    """What a signal's score has to keep to."""

    kind: Kind = Field(description="off: the signal is computed and rejects nothing")
    threshold: int = Field(ge=-(2**31), lt=2**31, description="in the signal's own units")


class Limits(Table):
    """One limit a signal."""

    margin: Limit
    energy: Limit
    autoencoder: Limit
    tree: Limit
    texture: Limit

    def of(self, signal: Signal) -> Limit:
        """A signal's limit."""
        return {
            Signal.MARGIN: self.margin,
            Signal.ENERGY: self.energy,
            Signal.AUTOENCODER: self.autoencoder,
            Signal.TREE: self.tree,
            Signal.TEXTURE: self.texture,
        }[signal]

    @property
    def used(self) -> list[Signal]:
        """The signals that can reject anything."""
        return [signal for signal in Signal if self.of(signal).kind != "off"]


class Guard(Table):
    """Tables and limits. A signal without a table scores 0 and rejects nothing."""

    schema_version: Literal[1]
    classes: int = Field(ge=2, le=MOST_CLASSES)
    embedding: int = Field(ge=1, le=WIDEST, description="its width")
    engineered: Engineered
    limits: Limits
    energy: Energy | None
    autoencoder: Autoencoder | None
    tree: Tree | None
    texture: Texture | None
    consistency: Consistency | None

    @model_validator(mode="after")
    def _fits(self) -> Guard:
        if self.autoencoder and self.autoencoder.encoder.inputs != self.embedding:
            raise ValueError("autoencoder must be as wide as embedding")
        if self.tree:
            if self.tree.feature.max(initial=0) >= self.engineered.count:
                raise ValueError("tree asks for features that engineered does not give")
            if (
                self.tree.label.max() >= self.classes
                or int(self.tree.plausible.max()) >> self.classes
            ):
                raise ValueError("tree names labels beyond classes")
        if self.texture:
            counts = texture.size(self.engineered, self.texture.octaves)
            if len(self.texture.means_q8) != counts:
                raise ValueError(f"texture must hold the means of {counts} counts")
        return self

    def has(self, signal: Signal) -> bool:
        """Whether there is what a signal needs."""
        tables = {
            Signal.ENERGY: self.energy,
            Signal.AUTOENCODER: self.autoencoder,
            Signal.TREE: self.tree,
            Signal.TEXTURE: self.texture,
        }
        return signal == Signal.MARGIN or tables[signal] is not None


def to_json(guard: Guard) -> str:
    """One line of JSON with sorted keys, and a newline."""
    return json.dumps(guard.model_dump(), sort_keys=True, separators=(",", ":")) + "\n"


def write(path: Path, guard: Guard) -> None:
    """Write a guard's file, whole or not at all."""
    files.write_text(path, to_json(guard))


def read(path: Path) -> Guard:
    """Read a guard's file.

    Raises:
        PalisadeError: It is not there, is no JSON, or is not a guard's; one line says where.
    """
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_once)
    except OSError as error:
        raise PalisadeError(f"{path} cannot be read ({error.strerror})", _ADVICE) from error
    except (ValueError, RecursionError) as error:
        raise PalisadeError(f"{path} is not a guard's JSON ({error})", _ADVICE) from error
    try:
        return checked(Guard, content, str(path))
    except PalisadeError as error:
        shown = textwrap.shorten(error.problem, 200, placeholder=" ...")
        raise PalisadeError(shown, error.advice) from error


_ADVICE = "run `dvc repro`, which makes it"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"{max(names, key=names.count)} stands twice")
    return dict(pairs)
