"""Whether each entry of dvc.yaml declares exactly what its script uses.

Undeclared imports and params would make ``dvc repro`` serve stale results in silence, so this
reads the scripts as text (nothing is run) and compares. tests/test_dag.py holds the project to
it; a problem is one line that names the stage and the file or param.

Dynamic imports are allowed in one form, ``tasks.load(key, "part")``, and a string that is a
module's dotted name counts as an import, as a worker process is started by it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from palisade.stage import MODEL, Entry, entries, read_yaml

LOCK = "requirements.lock"
# DVC drops these keys, at any depth, when it compares params with the run cache.
UNTRACKED_NAMES = frozenset({"size", "nfiles"})
# Sections whose keys are looked up by iteration, so that no code names them.
READ_BY_ITERATION = frozenset({"tasks", "streams", "scenes"})
# What a module reads of the device's sources, which it runs or hands on.
NATIVE = {
    "palisade/device/measured.py": ("device/include", "device/measured.json", "device/src"),
    "palisade/edge.py": ("device/include", "device/src"),
    "palisade/release/firmware.py": (
        "device/README.md", "device/examples/main.c", "device/include", "device/src"
    ),
}  # fmt: skip
_POINTER = re.compile(r"(/[\w.]+)+")
_MODULE = re.compile(r"(palisade|stages)(\.\w+)+")


def problems(root: Path) -> list[str]:
    """Every imbalance in a project, each in one line; an empty list if there is none."""
    found = [*_untracked_names(read_yaml(root / "params.yaml"), "params.yaml")]
    found += _unread_keys(root)
    found += _foreign_imports(root)
    stages = entries(root)
    imported: dict[str, set[str]] = {}  # by a stage for any of its tasks, which share their deps
    for entry in stages.values():
        paths = {_shared(path, entry) for path in code(root, entry)}
        imported.setdefault(entry.name, set()).update(paths)
    sections: dict[str, set[str]] = {}  # likewise; tasks share the sections that they declare
    for entry in stages.values():
        read = {name.split(".")[0] for name in _read(root, code(root, entry), _keys(entry))}
        sections.setdefault(entry.name, set()).update(read)
    for entry in stages.values():
        shared = imported[entry.name], sections[entry.name]
        found += [f"{entry.title}: {problem}" for problem in _of_entry(root, entry, *shared)]
    return found


def code(root: Path, entry: Entry) -> set[str]:
    """The files of this project that a stage's script imports, directly or not."""
    script = f"stages/{entry.name}.py"
    reached: set[str] = set()
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path in reached or not (root / path).exists():
            continue
        reached.add(path)
        for key in _keys(entry):
            waiting += _imports(root, path, key)
    return {path for path in reached if not _docstring_only(root / path)}


def _shared(path: str, entry: Entry) -> str:
    """A file as dvc.yaml names it for every task alike."""
    return path.replace(f"palisade/tasks/{entry.key}/", "palisade/tasks/${key}/")


def _keys(entry: Entry) -> list[str]:
    """The tasks that a stage runs for; a single stage runs for those whose model it reads."""
    if entry.key is not None:
        return [entry.key]
    return [match[1] for dep in entry.deps if (match := MODEL.fullmatch(dep))]


def _of_entry(root: Path, entry: Entry, imported: set[str], sections: set[str]) -> Iterator[str]:
    used = code(root, entry)
    python = [dep for dep in entry.deps if dep.endswith(".py")]
    folders = [dep for dep in entry.deps if dep.startswith("palisade/") and dep not in python]
    covered = {path for path in used if any(path.startswith(f"{one}/") for one in folders)}
    for path in sorted(used - covered - set(python)):
        yield f"imports {path} without declaring it under deps"
    native = {folder for path in used for folder in NATIVE.get(path, ())}
    declared = {dep for dep in entry.deps if dep.startswith("device/")}
    for folder in sorted(native - declared):
        yield f"reads {folder} without declaring it under deps"
    for folder in sorted(declared - native):
        yield f"declares {folder} under deps but does not read it"
    for path in sorted(path for path in python if _shared(path, entry) not in imported):
        yield f"declares {path} under deps but does not import it"
    for folder in folders:
        if not any(path.startswith(f"{_shared(folder + '/', entry)}") for path in imported):
            yield f"declares {folder} under deps but imports nothing of it"
    if LOCK not in entry.deps:
        yield f"does not declare {LOCK} under deps"
    if len(set(entry.deps)) < len(entry.deps):
        yield "declares a dep twice"
    yield from _params(root, entry, used, sections)


def _params(root: Path, entry: Entry, used: set[str], sections: set[str]) -> Iterator[str]:
    nodes = [node for path in used for node in ast.walk(_tree(root / path))]
    if any(_reads_all(node) for node in nodes):  # a record of what the others read
        return
    read = _read(root, used, _keys(entry))
    for name in sorted(read - set(entry.params)):
        yield f"reads {name} without declaring it under params"
    for name in sorted(set(entry.params) - read):
        if entry.key is None or name.split(".")[0] not in sections:
            yield f"declares {name} under params but does not read it"


def _read(root: Path, used: set[str], keys: list[str]) -> set[str]:
    """Names in params.yaml that some files read."""
    nodes = (node for path in used for node in ast.walk(_tree(root / path)))
    return {name for node in nodes for name in _sections(node, keys)}


def _unread_keys(root: Path) -> Iterator[str]:
    """Keys in params.yaml that are a field of a params model, but that no code reads."""
    files = [*root.glob("palisade/**/*.py"), *root.glob("stages/**/*.py")]
    nodes = [node for path in files for node in ast.walk(_tree(path))]
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    read |= {name for node in nodes for name in _pointed_at(node)}
    for section, tree in read_yaml(root / "params.yaml").items():
        for name in sorted(set(_leaves(tree)) - read) if section not in READ_BY_ITERATION else ():
            yield f"params.yaml: {section} holds {name}, which nothing reads"


def _pointed_at(node: ast.AST) -> list[str]:
    """Names in a JSON pointer (RFC 6901), or in the end of one: ``"/params/package/version"``."""
    text = node.value if isinstance(node, ast.Constant) else None
    return text.split("/") if isinstance(text, str) and _POINTER.fullmatch(text) else []


def _leaves(tree: object) -> Iterator[str]:
    """Names of the values that are no mappings; those above them are read by their models."""
    for name, value in tree.items() if isinstance(tree, dict) else ():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield name


def _reads_all(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "this.declared"


def _sections(node: ast.AST, keys: list[str]) -> Iterator[str]:
    """Names in params.yaml that a call or attribute reads.

    ``this.params("pretrain", ...)`` is a section of each task, ``this.shared("scenes", ...)``
    one of all.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        first = node.args[0] if node.args else None
        if node.func.attr == "params" and isinstance(first, ast.Constant):
            yield from (f"{ast.literal_eval(first)}.{key}" for key in keys)
        elif node.func.attr == "shared" and isinstance(first, ast.Constant):
            yield str(ast.literal_eval(first))
    elif isinstance(node, ast.Attribute) and ast.unparse(node) == "this.seed":
        yield "seed"


def _imports(root: Path, path: str, key: str | None) -> list[str]:
    names: list[str] = []
    for node in ast.walk(_tree(root / path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names += [node.value] if _MODULE.fullmatch(node.value) else []
        elif (part := _loaded_part(node)) is not None:
            names.append(f"palisade.tasks.{key}.{part}")
    return [file for name in names for file in _files(root, name)]


def _loaded_part(node: ast.AST) -> str | None:
    """The part in ``tasks.load(key, "part")``."""
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return None
    callee, part = ast.unparse(node.func), node.args[1]
    loads = callee == "tasks.load" and isinstance(part, ast.Constant)
    return ast.literal_eval(part) if loads else None


def _files(root: Path, module: str) -> list[str]:
    """The file of a module, and the ``__init__.py`` of each package above it."""
    parts = module.split(".")
    if parts[0] not in ("palisade", "stages"):
        return []
    candidates = ["/".join(parts) + ".py"]
    candidates += ["/".join(parts[:depth]) + "/__init__.py" for depth in range(1, len(parts) + 1)]
    return [path for path in candidates if (root / path).exists()]


def _foreign_imports(root: Path) -> Iterator[str]:
    for path in sorted([*root.glob("palisade/**/*.py"), *root.glob("stages/**/*.py")]):
        name = path.relative_to(root).as_posix()
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom) and node.level:
                yield f"{name}: a relative import"
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "__import__":
                yield f"{name}: a dynamic import"


def _untracked_names(tree: object, where: str) -> Iterator[str]:
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name in UNTRACKED_NAMES:
                yield f"{where}: a param is called {name}, which DVC does not track"
            yield from _untracked_names(value, f"{where}: {name}")


def _docstring_only(path: Path) -> bool:
    statements = [one for one in _tree(path).body if not isinstance(one, ast.Expr)]
    return path.name == "__init__.py" and not statements


@cache
def _parsed(path: Path, content: str) -> ast.Module:
    return ast.parse(content, filename=str(path))


def _tree(path: Path) -> ast.Module:
    return _parsed(path, path.read_text())
