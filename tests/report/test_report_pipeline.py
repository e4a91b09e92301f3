"""The DAG as it is drawn."""

from __future__ import annotations

from itertools import combinations

from benchmarks.workspace import ROOT
from palisade.report import pipeline
from palisade.stage import Entry, entries, read_yaml


def entry(name: str, deps: str = "", outs: str = "") -> Entry:
    return Entry(name, None, {}, "", tuple(deps.split()), (), tuple(outs.split()))


LISTED = [
    entry("draw", outs="data"),
    entry("train", "data/train.npz", "model"),
    entry("attack", "model data", "verdicts"),
    entry("show", "verdicts model data", "page"),
]


def test_a_stage_reads_from_those_whose_outputs_hold_its_deps() -> None:
    assert pipeline.edges(LISTED) == {
        "draw": set(),
        "train": {"draw"},
        "attack": {"train", "draw"},
        "show": {"attack", "train", "draw"},
    }


def test_arrows_that_a_chain_implies_are_left_out_and_columns_grow() -> None:
    found = pipeline.edges(LISTED)
    assert pipeline.reduced(found) == {
        "draw": set(),
        "train": {"draw"},
        "attack": {"train"},
        "show": {"attack"},
    }
    assert pipeline.columns(found) == {"draw": 0, "train": 1, "attack": 2, "show": 3}


def test_in_the_projects_dag_arrows_go_right_and_no_two_stages_share_a_place() -> None:
    found = pipeline.edges(entries(ROOT).values())
    place = pipeline.layout(found)
    assert all(
        place.stages[before][0] < place.stages[name][0] for name in found for before in found[name]
    )
    for (_, one), (_, other) in combinations(place.stages.items(), 2):
        assert one[0] != other[0] or abs(one[1] - other[1]) >= 1
    for arrow in place.arrows:
        assert [column for column, _ in arrow] == list(range(arrow[0][0], arrow[-1][0] + 1))


def test_every_stage_is_drawn_and_described() -> None:
    bodies = read_yaml(ROOT / "dvc.yaml")["stages"]
    about = {name: body.get("do", body).get("desc", "") for name, body in bodies.items()}
    (block,) = pipeline.section(entries(ROOT), about).blocks
    (figure,) = block.figures
    assert [row[0] for row in figure.table.rows] == list(bodies)
    assert all(f">{name}</text>" in figure.drawing for name in bodies)
    assert all(row[3] for row in figure.table.rows)
