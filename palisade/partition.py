"""Which split a recording belongs to: the lists of the corpus decide, else its group does.

A group is the speaker, source or scene that may not cross splits. Lists are text files beside
the label folders, one ``<label>/<file>`` a line, as in Speech Commands (Warden 2018,
arXiv:1804.03209); file endings are ignored, since a copy is often kept in another format.
A list names files but assigns their groups, so lists that cover only part of the data, or
that disagree, still give splits that share no group.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import Field

from palisade import stage
from palisade.errors import PalisadeError

LISTS = {
    "test": "testing_list.txt",
    "calibration": "calibration_list.txt",
    "validation": "validation_list.txt",
}
PRECEDENCE = ("test", "calibration", "validation", "train")

# Speech Commands' which_set() takes the hash modulo this many (2^27), then scales it to 0..100.
_BUCKETS = 2**27


class Params(stage.Params):
    """How many of the groups each split gets where no list says."""

    validation_percent: float = Field(ge=0, le=50, description="% of all groups")
    test_percent: float = Field(ge=0, le=50, description="% of all groups")
    calibration_percent: float = Field(
        ge=0, le=50, description="% of the groups that neither validation nor test takes"
    )


@dataclass(frozen=True)
class Partition:
    """The split of every group.

    Attributes:
        listed: the split of each group that a list names.
        lists: the splits that have a list.
        conflicting: groups that the lists of two splits name.
    """

    listed: Mapping[str, str]
    lists: frozenset[str]
    conflicting: frozenset[str]

    def split_of(self, group: str, params: Params) -> str:
        """The split of a group.

        A group in no list goes by its hash to a split that has no list, else to train.
        """
        if group in self.listed:
            return self.listed[group]
        split = by_hash(group, params)
        return "train" if split in self.lists else split


def read_lists(folder: Path, group_of: Callable[[PurePosixPath], str]) -> Partition:
    """Read the lists of a corpus, those that are there.

    Args:
        folder: the corpus.
        group_of: gives the group of a file from its path in the corpus, ``<label>/<file>``.

    Returns:
        The partition. A group in the lists of several splits goes to the first of test,
        calibration, validation.
    """
    listed: dict[str, str] = {}
    conflicting: set[str] = set()
    present = {split: folder / name for split, name in LISTS.items() if (folder / name).is_file()}
    for split, path in present.items():
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        for group in (group_of(PurePosixPath(line.strip())) for line in lines if line.strip()):
            if listed.setdefault(group, split) != split:
                conflicting.add(group)
    return Partition(listed, frozenset(present), frozenset(conflicting))


def by_hash(group: str, params: Params) -> str:
    """The split that a group's name gives, the same whatever else is in the corpus.

    Validation and test are cut as in Speech Commands' ``which_set`` (SHA-1 of the speaker's
    id), so the usual 10 % and 10 % give its official split. Calibration is cut by a second,
    independent hash from what they leave.
    """
    place = _percent(group)
    if place < params.validation_percent:
        return "validation"
    if place < params.validation_percent + params.test_percent:
        return "test"
    if _percent(f"calibration/{group}") < params.calibration_percent:
        return "calibration"
    return "train"


def shares_percent(params: Params) -> dict[str, float]:
    """How many percent of the groups ``by_hash`` gives each split, on average."""
    held = params.validation_percent + params.test_percent
    calibration = (100 - held) * params.calibration_percent / 100
    return {
        "train": 100 - held - calibration,
        "validation": params.validation_percent,
        "calibration": calibration,
        "test": params.test_percent,
    }


def _percent(text: str) -> float:
    try:
        name = text.encode()
    except UnicodeEncodeError as error:
        raise PalisadeError(f"the name {text!a} is not UTF-8", "rename the file") from error
    digest = hashlib.sha1(name, usedforsecurity=False).hexdigest()
    return (int(digest, 16) % _BUCKETS) * 100.0 / (_BUCKETS - 1)
