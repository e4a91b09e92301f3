"""``data check``: what is wrong with a folder of recordings."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from pathlib import Path

from palisade import inspection, stage, tasks
from palisade.errors import PalisadeError
from palisade.inspection import Inspection
from palisade.preparation import some
from palisade.review.failures import BadCorpus


def run(arguments: Namespace) -> None:
    """Print what the folder holds, then warnings, then problems."""
    folder: Path = arguments.folder
    if not folder.is_dir():
        raise BadCorpus(f"there is no folder {folder}", "name the folder that holds the classes")
    key = task_of(folder, arguments.task)
    reader = tasks.load(key, "recordings.reader")
    params = stage.enter("prepare", key).params("prepare", reader.Params)
    try:
        found = inspection.inspect(reader, folder, params)
    except PalisadeError as error:
        raise BadCorpus(error.problem, error.advice) from error
    print("\n".join(_lines(found, folder, key, reader.GROUP)))
    if found.problems:
        raise BadCorpus(
            f"`prepare` would stop at {folder}, with {len(found.problems)} problem(s)",
            "mend what is said above, and check again",
        )


def _lines(found: Inspection, folder: Path, key: str, group: str) -> list[str]:
    return [
        f"{folder}, as prepare@{key} reads it: {sum(found.counts.values())} usable examples",
        "",
        *inspection.table(found, group),
        "",
        *(
            f"left out, {reason}: {len(names)} ({some(names)})"
            for reason, names in found.left_out.items()
        ),
        *(f"warning: {one}" for one in found.warnings),
        *(f"problem: {one}" for one in found.problems),
        *([] if found.problems or found.warnings else ["nothing is wrong with it"]),
    ]


def task_of(folder: Path, said: str | None = None) -> str:
    """The task that is said, or whose corpus the folder is, or whose kind of file it holds most of.

    Raises:
        PalisadeError: There is no such task, or none of these says it.
    """
    known = stage.lookup(stage.read_yaml(Path("params.yaml")), "tasks")
    if not isinstance(known, dict) or not all(
        isinstance(one, dict) and isinstance(one.get("corpus"), str) for one in known.values()
    ):
        raise PalisadeError("params.yaml: tasks are not as they should be", "give each a corpus")
    if said is not None:
        if said not in known:
            raise PalisadeError(f"there is no task {said}", f"params.yaml has {', '.join(known)}")
        return said
    for key, item in known.items():
        if Path(item["corpus"]).resolve() == folder.resolve():
            return str(key)
    names = [path.name.lower() for path in folder.rglob("*")]
    counts = Counter(
        {key: sum(name.endswith(tuple(_endings(key))) for name in names) for key in known}
    )
    (first, most), *rest = counts.most_common()
    if not most or (rest and rest[0][1] == most):
        raise PalisadeError(
            f"{folder} does not show which task it is for", f"give --task {'|'.join(known)}"
        )
    return str(first)


def _endings(key: str) -> tuple[str, ...]:
    found: tuple[str, ...] = tasks.load(key, "recordings.reader").ENDINGS
    return found
