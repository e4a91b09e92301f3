"""The page of the smoke run: whole, self-contained, and true to the tables behind it."""

from __future__ import annotations

import csv
import html as escapes
import json
import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.workspace import Workspace
from palisade import stage
from palisade.errors import PalisadeError
from palisade.release import lines
from palisade.report import checklist
from tests.report.made import line

if TYPE_CHECKING:
    from tests.report.conftest import Results

VOID = {"meta", "link", "img", "br", "hr"}
MOST_BYTES = 3_000_000
TASKS = ("voice", "vision", "motion")
# Figures whose table is a CSV as it is.
VERBATIM = {
    "figure-robustness-{key}": "metrics/{key}/detail/robustness.csv",
    "figure-field-{key}": "metrics/{key}/detail/field.csv",
    "figure-det-{key}": "metrics/{key}/detail/det.csv",
    "figure-unfamiliar-{key}": "metrics/{key}/detail/unfamiliar.csv",
    "figure-signals-{key}": "metrics/{key}/detail/signals.csv",
    "figure-sequences-{key}": "metrics/{key}/detail/sequences.csv",
    "figure-physical-{key}": "metrics/{key}/detail/physical.csv",
}


class Reader(HTMLParser):
    """Checks that tags balance, and collects what the tests ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.tables: dict[str, list[list[str]]] = {}  # of figures, by id
        self._figure = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.tags.append((tag, held))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "figure":
            self._figure = held["id"]
            self.tables[self._figure] = []
        elif tag == "tr" and self._figure:
            self.tables[self._figure].append([])
        elif tag in ("td", "th") and self._figure:
            self.tables[self._figure][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "figure":
            self._figure = ""

    def handle_data(self, data: str) -> None:
        if self._figure and self.open[-1] in ("td", "th"):
            self.tables[self._figure][-1][-1] += data


@pytest.fixture(scope="session")
def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def rows(results: Results, name: str) -> list[list[str]]:
    with (results.root / name).open(newline="") as stream:
        return list(csv.reader(stream))


def tree(results: Results, name: str) -> Any:
    return json.loads((results.root / name).read_text())


def test_the_pipeline_writes_this_very_page(smoke: Workspace, html: str) -> None:
    assert (smoke.root / "reports/report.html").read_text() == html


def test_the_page_is_small_and_whole(html: str, read: Reader) -> None:
    assert len(html.encode()) < MOST_BYTES
    assert html.startswith("<!DOCTYPE html>") and html.endswith("</html>\n")
    ids = [held["id"] for _, held in read.tags if "id" in held]
    assert len(ids) == len(set(ids))
    wanted = {one for _, held in read.tags for one in held.get("aria-labelledby", "").split()}
    wanted |= {held["href"][1:] for tag, held in read.tags if held.get("href", "").startswith("#")}
    assert wanted <= set(ids)


def test_headings_go_down_a_step_at_a_time(read: Reader) -> None:
    assert read.headings[0] == 1 and read.headings.count(1) == 1
    steps = zip(read.headings, read.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)


def test_nothing_points_outside_the_page(html: str, read: Reader) -> None:
    for _, held in read.tags:
        for name in ("src", "href", "action", "srcset", "data", "poster"):
            assert held.get(name, "#").startswith(("#", "data:"))
    assert not [tag for tag, _ in read.tags if tag in ("script", "iframe", "object", "form")]
    assert not [held for _, held in read.tags if any(name.startswith("on") for name in held)]
    assert not re.search(r"url\(|@import|https?://", html)


def test_a_policy_forbids_scripts_and_the_network(read: Reader) -> None:
    (policy,) = [
        held["content"]
        for _, held in read.tags
        if held.get("http-equiv") == "Content-Security-Policy"
    ]
    allowed = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert allowed["default-src"] == "'none'" and "script-src" not in allowed
    assert allowed["img-src"] == allowed["media-src"] == "data:"
    assert allowed["style-src"].startswith("'sha256-")


@pytest.mark.parametrize("key", TASKS)
@pytest.mark.parametrize(("figure", "name"), VERBATIM.items(), ids=str)
def test_numbers_of_a_figure_are_those_of_its_table(
    kept: Results, read: Reader, figure: str, name: str, key: str
) -> None:
    assert read.tables[figure.format(key=key)] == rows(kept, name.format(key=key))


@pytest.mark.parametrize("key", TASKS)
def test_learning_joins_both_trainings(kept: Results, read: Reader, key: str) -> None:
    shown = read.tables[f"figure-learning-{key}"]
    for name in ("pretrain", "qat"):
        head, *body = rows(kept, f"metrics/{key}/detail/{name}.csv")
        assert shown[0][1:] == head
        assert [row[1:] for row in shown if row[0] == name] == body


@pytest.mark.parametrize("key", TASKS)
def test_confusion_counts_the_examples(kept: Results, read: Reader, key: str) -> None:
    head, *body = read.tables[f"figure-confusion-{key}"]
    pairs = [
        tuple(one.strip("_") for one in row)
        for row in rows(kept, f"metrics/{key}/detail/confusion.csv")[1:]
    ]
    for row in body:
        for name, cell in zip(head[1:], row[1:], strict=True):
            assert int(cell) == pairs.count((row[0], name))


@pytest.mark.parametrize("key", TASKS)
def test_an_attack_is_shown_on_the_subset_that_all_ran_on(
    kept: Results, read: Reader, key: str
) -> None:
    table = {tuple(row[:3]): row[4] for row in rows(kept, f"metrics/{key}/detail/verdicts.csv")[1:]}
    subset = [place for place, sign in enumerate(table["", "subset", ""]) if sign == "1"]
    shown = {tuple(row[:3]): row[3] for row in read.tables[f"figure-attacks-{key}"][1:]}
    budget = next(budget for model, attack, budget in table if model == "int8")
    signs = table["int8", "pgd_margin", budget]
    right = [signs[place] for place in subset]
    assert "-" not in right
    expected = f"{right.count('1') / len(right):.6g}"
    assert shown["PGD, margin", "defended", budget] == expected


def test_the_verdict_names_every_check_that_failed(kept: Results, html: str) -> None:
    failed = [
        (key, row[0])
        for key in TASKS
        for row in rows(kept, f"metrics/{key}/detail/checks.csv")
        if row[4] == "False"
    ]
    assert failed  # a smoke run is too small to be relied on
    banner = html.split('<div class="verdict bad">')[1].split("</div>")[0]
    assert "Not reliable" in banner
    for key, name in failed:
        assert f"<strong>{key}</strong>: {name.replace('_', ' ')}" in banner


def test_where_all_checks_pass_the_verdict_is_reliable(results: Results) -> None:
    for key in TASKS:
        path = results.root / f"metrics/{key}/detail/checks.csv"
        path.write_text(path.read_text().replace("False", "True"))
        held = tree(results, f"metrics/{key}/evaluate.json") | {"reliable": True}
        (results.root / f"metrics/{key}/evaluate.json").write_text(json.dumps(held))
    for name in ("fusion", "fusion_attack"):
        path = results.root / f"metrics/detail/{name}_checks.csv"
        path.write_text(path.read_text().replace("False", "True"))
        held = tree(results, f"metrics/{name}.json") | {"reliable": True}
        (results.root / f"metrics/{name}.json").write_text(json.dumps(held))
    assert '<div class="verdict good">' in results.page()
    for name, of in (("fusion", "door"), ("fusion_attack", "attacked door")):
        path = results.root / f"metrics/{name}.json"
        reliable = path.read_text()
        path.write_text(json.dumps(json.loads(reliable) | {"reliable": False}))
        page = results.page()
        assert f"<strong>{of}</strong>: marked unreliable" in page
        assert '<div class="verdict bad">' in page
        path.write_text(reliable)
    path = results.root / "metrics/detail/fusion_attack_checks.csv"
    path.write_text(path.read_text().replace("True", "False", 1))
    assert "<strong>attacked door</strong>: more sensors are never weaker" in results.page()


@pytest.mark.parametrize("goal", ["forced", "denied"])
def test_crafted_inputs_at_the_door_keep_their_rows(kept: Results, read: Reader, goal: str) -> None:
    head, *body = rows(kept, "metrics/detail/fusion_attack.csv")
    assert read.tables[f"figure-door-{goal}"] == [head, *(row for row in body if row[0] == goal)]


def test_a_door_that_nobody_attacked_is_shown_without(results: Results) -> None:
    path = results.root / "dvc.yaml"
    names = ("fusion_attack.json", "detail/fusion_attack.csv", "detail/fusion_attack_checks.csv")
    for name in names:
        path.write_text(path.read_text().replace(f"      - metrics/{name}\n", ""))
    page = results.page()
    assert "figure-door-accept" in page and "figure-door-forced" not in page
    assert "attacked door" not in page and "all inputs crafted" not in page


def test_examples_of_every_task_are_there(kept: Results, read: Reader) -> None:
    sounds = [held for tag, held in read.tags if tag == "audio"]
    labels = tree(kept, "metrics/voice/prepare.json")["test_n"]
    assert len(sounds) == len(labels) and all("controls" in one for one in sounds)
    pictures = [held["alt"] for tag, held in read.tags if tag == "img"]
    assert {one.split(":")[0] for one in pictures} == {"nobody", "person"}
    traces = [held for tag, held in read.tags if held.get("id", "").startswith("trace-motion")]
    assert len(traces) == 2 * len(tree(kept, "metrics/motion/prepare.json")["test_n"])


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "metrics/voice/evaluate.json",
            '"clean_accuracy": ',
            '"clean_accuracy": NaN, "x": ',
            "holds NaN",
        ),
        (
            "metrics/motion/detail/robustness.csv",
            "int8,all,acc_25mg,",
            "int8,all,acc_25mg,nan",
            "line 2",
        ),
        (
            "metrics/vision/detail/det.csv",
            "false_reject_rate",
            "frr",
            "no column false_reject_rate",
        ),
        ("metrics/fusion.json", '"action":', '"acted":', "no number action.false_accept_rate"),
    ],
)
def test_a_bad_figure_is_one_clear_error(
    results: Results, name: str, old: str, new: str, said: str
) -> None:
    results.edit(name, old, new)
    with pytest.raises(PalisadeError, match=re.escape(said)) as caught:
        results.page()
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_is_one_clear_error(results: Results) -> None:
    (results.root / "metrics/vision/detail/field.csv").unlink()
    with pytest.raises(PalisadeError, match=r"report needs metrics/vision/detail/field\.csv"):
        results.page()


def test_a_dag_that_is_not_that_of_dvc_yaml_is_refused(results: Results) -> None:
    link = results.root / "reports/pipeline.yaml"
    link.unlink()
    shutil.copy(results.root / "dvc.yaml", link)
    results.page()
    results.edit("reports/pipeline.yaml", "stages:", "stages: #")
    with pytest.raises(PalisadeError, match=r"reports/pipeline\.yaml differs from dvc\.yaml"):
        results.page()


def test_what_only_some_projects_have_is_shown_where_it_is_declared(results: Results) -> None:
    declared = {
        checklist.PATH: json.dumps(lines.made("1.0.0", [line(claim="A <key> is there.")])),
        "metrics/vision/physical.json": '{"physical": {"patch": 0.4375}}',
        "metrics/vision/detail/physical.csv": "attack,rate,low,high,n\npatch,0.4375,0.3,0.6,32\n",
    }
    path = results.root / "dvc.yaml"
    _, mark, _ = path.read_text().partition("      - reports/pipeline.yaml\n")
    for name in declared:
        path.write_text(path.read_text().replace(f"      - {name}\n", ""))
    before = results.page()
    assert "Release checklist" not in before and "figure-physical-vision" not in before
    for name, content in declared.items():
        (results.root / name).parent.mkdir(parents=True, exist_ok=True)
        (results.root / name).write_text(content)
        results.edit("dvc.yaml", mark, f"{mark}      - {name}\n")
    assert set(declared) <= set(stage.entries(results.root)["report"].deps)
    page = results.page()
    assert "Release checklist" in page and "A &lt;key&gt; is there." in page
    assert 'id="figure-physical-vision"' in page and "patch 0.438" in escapes.unescape(page)


def test_other_results_give_another_page_and_the_same_the_same(results: Results) -> None:
    first = results.page()
    assert results.page() == first
    results.edit("metrics/voice/detail/unfamiliar.csv", "0.", "0.1")
    assert results.page() != first
