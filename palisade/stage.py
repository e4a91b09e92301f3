"""The contract between a stage's script and its entry in dvc.yaml.

A stage asks for its dependencies, outputs and params by name, and gets them only if its own
entry in dvc.yaml declares them. So what DVC tracks and what the code uses are the same, and
``dvc repro`` never serves a stale result (see tests/test_dag.py and tests/test_bare_room.py
for the other two parts of the contract).
"""

from __future__ import annotations

import argparse
import errno
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from palisade.errors import PalisadeError


class Params(BaseModel):
    """Base of every params model: frozen, strict about types, and closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )


P = TypeVar("P", bound=Params)

MODEL = re.compile(r"models/(\w+)/model\.tflite")
_REFERENCE = re.compile(r"\$\{([\w.]+)\}")


@dataclass(frozen=True)
class Entry:
    """One stage as dvc.yaml declares it, with its ``${...}`` filled in.

    Attributes:
        name: the stage without its task: ``pretrain``.
        key: the task, or None for a single stage.
        item: the task's entry under ``tasks`` in params.yaml; empty for a single stage.
        cmd: the command.
        deps: paths, files or folders.
        params: dotted names in params.yaml.
        outs: paths of outputs, metrics and plots alike.
    """

    name: str
    key: str | None
    item: Mapping[str, Any]
    cmd: str
    deps: tuple[str, ...]
    params: tuple[str, ...]
    outs: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name as DVC writes it: ``pretrain@voice``."""
        return self.name if self.key is None else f"{self.name}@{self.key}"


@dataclass(frozen=True)
class Stage:
    """A running stage: its entry, and the part of params.yaml that the entry declares."""

    entry: Entry
    root: Path
    declared: Mapping[str, Any]  # values by the dotted names that the entry declares

    @property
    def key(self) -> str:
        """The task this stage runs for."""
        if self.entry.key is None:
            raise PalisadeError(f"stage {self.entry.name} has no task", "it is a single stage")
        return self.entry.key

    @property
    def tasks(self) -> list[str]:
        """The tasks of a single stage, sorted: those whose model it declares under deps."""
        return sorted(match[1] for dep in self.entry.deps if (match := MODEL.fullmatch(dep)))

    def for_task(self, key: str) -> Stage:
        """A single stage as one of its tasks sees it: ``{key}`` and sections are the task's."""
        return replace(self, entry=replace(self.entry, key=key))

    @property
    def item(self) -> Mapping[str, Any]:
        """The task's entry under ``tasks`` in params.yaml."""
        return self.entry.item

    @property
    def seed(self) -> int:
        """The root seed, ``seed`` in params.yaml."""
        seed = self._section("seed")
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise PalisadeError(f"params.yaml: seed is {seed!r}", "use a whole number from 0")
        return seed

    def params(self, section: str, model: type[P]) -> P:
        """The stage's own part of a section: ``pretrain.voice`` for section ``pretrain``.

        Raises:
            PalisadeError: The section is not declared, or a key is missing, unknown, of the
                wrong type or out of its range.
        """
        name = section if self.entry.key is None else f"{section}.{self.entry.key}"
        return checked(model, self._section(name), f"params.yaml: {name}")

    def shared(self, section: str, model: type[P]) -> P:
        """A section that is the same for every task, such as ``scenes``.

        Raises:
            PalisadeError: As for ``params``.
        """
        return checked(model, self._section(section), f"params.yaml: {section}")

    def dep(self, path: str) -> Path:
        """A declared dependency that is there to be read; ``{key}`` stands for the task."""
        path = path.format(key=self.entry.key, **self.entry.item)
        self._require(path, self.entry.deps, "deps")
        if not (self.root / path).exists():
            raise PalisadeError(
                f"{self.entry.title} needs {path}, which is not there",
                "run `dvc repro`, or `dvc pull` for data that a team shares",
            )
        return self.root / path

    def out(self, path: str) -> Path:
        """A declared output's path; ``{key}`` stands for the task."""
        path = path.format(key=self.entry.key, **self.entry.item)
        self._require(path, self.entry.outs, "outs, metrics or plots")
        return self.root / path

    def _section(self, name: str) -> Any:
        self._require(name, self.entry.params, "params")
        return self.declared[name]

    def _require(self, name: str, declared: tuple[str, ...], where: str) -> None:
        if name not in declared:
            raise PalisadeError(
                f"stage {self.entry.title} uses {name} without declaring it",
                f"list it under {where} of {self.entry.name} in dvc.yaml",
            )


def checked(model: type[P], values: Any, where: str) -> P:
    """Build a params model, or say in one line which key is wrong, its value and its range."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        name = f"{where}.{key}" if key else where
        if first["type"] == "missing":
            raise PalisadeError(f"{name} is missing", "add it") from error
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(model.model_fields))
            raise PalisadeError(f"{name} is unknown", f"the keys are {known}") from error
        reason = first["msg"].removeprefix("Value error, ")
        raise PalisadeError(f"{name} is {first['input']!r}", reason) from error


def lookup(tree: Mapping[str, Any], name: str) -> Any:
    """The value at a dotted name in nested mappings."""
    value: Any = tree
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise PalisadeError(f"params.yaml: {name} is missing", "add it")
        value = value[part]
    return value


def read_yaml(path: Path) -> dict[str, Any]:
    """Read YAML 1.2, as DVC does (``1e-3`` is a number)."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError as error:
        raise PalisadeError(f"{path} is not there", "run from the project's root") from error
    except YAMLError as error:
        line = " ".join(str(error).split())
        raise PalisadeError(f"{path} is not valid YAML", line) from error
    if not isinstance(content, dict):
        raise PalisadeError(f"{path} is not a mapping", "restore it from git")
    return content


def entries(root: Path) -> dict[str, Entry]:
    """Every stage that dvc.yaml declares, by its title (``pretrain@voice``, ``package``)."""
    params = read_yaml(root / "params.yaml")
    found: dict[str, Entry] = {}
    for name, body in read_yaml(root / "dvc.yaml")["stages"].items():
        if "foreach" not in body:
            entry = _resolve(name, None, {}, body, params)
            found[entry.title] = entry
            continue
        items = lookup(params, _REFERENCE.fullmatch(body["foreach"]).group(1))  # type: ignore[union-attr]
        for key, item in items.items():
            entry = _resolve(name, key, item, body["do"], params)
            found[entry.title] = entry
    return found


def _resolve(
    name: str,
    key: str | None,
    item: Mapping[str, Any],
    body: Mapping[str, Any],
    params: Mapping[str, Any],
) -> Entry:
    scope = {**params, "key": key, "item": item}

    def fill(text: str) -> str:
        return _REFERENCE.sub(lambda match: str(lookup(scope, match.group(1))), text)

    def names(field: str) -> list[str]:
        plain = (
            next(iter(one)) if isinstance(one, Mapping) else one for one in body.get(field, [])
        )
        return [fill(one) for one in plain]

    return Entry(
        name=name,
        key=key,
        item=item,
        cmd=fill(body["cmd"]),
        deps=tuple(names("deps")),
        params=tuple(names("params")),
        outs=tuple(names("outs") + names("metrics") + names("plots")),
    )


def enter(name: str, key: str | None, root: Path = Path()) -> Stage:
    """Open a stage by its name and task, with only the params that its entry declares."""
    title = name if key is None else f"{name}@{key}"
    known = entries(root)
    if title not in known:
        tasks = [one.partition("@")[2] for one in known if one.startswith(f"{name}@")]
        have = f"{name} runs for {', '.join(tasks)}" if tasks else f"it has {', '.join(known)}"
        raise PalisadeError(f"dvc.yaml has no stage {title}", have)
    entry, params = known[title], read_yaml(root / "params.yaml")
    return Stage(entry, root, {name: lookup(params, name) for name in entry.params})


def run(name: str, main: Callable[[Stage], None]) -> None:
    """Run a stage as a command: ``python -m stages.<name> [task]``.

    A problem that the user can mend ends it with one line and status 1.
    """
    parser = argparse.ArgumentParser(prog=f"python -m stages.{name}")
    parser.add_argument("task", nargs="?", help="the task, for a stage that runs once a task")
    try:
        main(enter(name, parser.parse_args().task))
    except PalisadeError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit("error: the disk is full: free some space and run it again")
