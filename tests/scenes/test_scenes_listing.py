"""The list of a corpus' events, and what is wrong with one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from palisade.errors import PalisadeError
from palisade.scenes import listing
from palisade.scenes.listing import Witnessed

ROWS = (
    Witnessed("07c2f1a09b3e", "test", "pet", "nobody", "07c2f1a09b3e.png"),
    Witnessed("0a", "calibration", "visitor_unlocks", "person", "0a.png"),
)
LABELS = ("nobody", "person")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "_scenes_").mkdir()
    for row in ROWS:
        (tmp_path / "_scenes_" / row.path).touch()
    listing.write(tmp_path, ROWS)
    return tmp_path


def test_what_was_written_is_read(corpus: Path) -> None:
    assert listing.read(corpus, LABELS) == ROWS
    text = (corpus / "_scenes_/scenes.csv").read_text()
    assert text.splitlines()[:2] == [
        "scene,split,event,label,path",
        "07c2f1a09b3e,test,pet,nobody,07c2f1a09b3e.png",
    ]


def test_a_corpus_without_a_list_has_no_events(tmp_path: Path) -> None:
    assert listing.read(tmp_path, LABELS) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",pet,nobody", ",pet,dog", "07c2f1a09b3e has label dog: use nobody, person"),
        (",test,", ",train,", "07c2f1a09b3e is of split train"),
        (",0a.png", ",0b.png", "0b.png is not there"),
        ("scene,", "name,", "has other columns"),
    ],
)
def test_a_wrong_row_is_named(corpus: Path, old: str, new: str, message: str) -> None:
    path = corpus / "_scenes_/scenes.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(PalisadeError, match=message):
        listing.read(corpus, LABELS)


def test_a_row_that_ends_early_and_a_file_that_is_no_text_are_told(corpus: Path) -> None:
    file = corpus / "_scenes_" / "scenes.csv"
    whole = file.read_text()
    file.write_text(whole.replace(",0a.png", ""))
    with pytest.raises(PalisadeError, match="row 2 ends early"):
        listing.read(corpus, LABELS)
    file.write_bytes(whole.replace("pet", "p\u00e9t").encode("latin-1"))
    with pytest.raises(PalisadeError, match="is not CSV in UTF-8"):
        listing.read(corpus, LABELS)
