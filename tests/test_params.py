"""docs/params.md holds every param, with the ranges that the models enforce."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, ValidationError

from benchmarks.workspace import ROOT
from palisade.errors import PalisadeError
from palisade.stage import Params, read_yaml
from scripts.params import __main__ as command
from scripts.params import models, page, ranges, sources

PARAMS = read_yaml(ROOT / "params.yaml")
PAGE = (ROOT / "docs/params.md").read_text()
NUMBER = r"\d+(?:\.\d+)?"
Cells = dict[str, str]


def tables(section: str) -> Iterator[list[Cells]]:
    """The tables of a section as they stand in the page; the key ``""`` holds a row's name."""
    text = re.split(r"^## ", PAGE.split(f"\n## {section}\n")[1], flags=re.MULTILINE)[0]
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines()]
        head, _, *body = [[cell.strip() for cell in row] for row in rows]
        yield [{"task": head[0], **dict(zip(["", *head[1:]], row, strict=True))} for row in body]


def shown(section: str, task: str) -> dict[str, Cells]:
    """The rows of a section for a task, by name, with its own default in ``default``."""
    found: dict[str, Cells] = {}
    for table in tables(section):
        for row in table:
            if row.get(f"`{task}`"):
                found[row[""].strip("`")] = {**row, "default": row[f"`{task}`"]}
            elif row["task"] in ("", f"`{task}`") and "default" in row:
                found[row[""].strip("`")] = row
    return found


def leaves(tree: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


READ = [
    (section, task, model)
    for section in PARAMS
    for task, model in models.models(PARAMS, section).items()
]


@pytest.mark.parametrize(("section", "task"), [(section, task) for section, task, _ in READ])
def test_every_value_of_params_yaml_stands_in_the_page(section: str, task: str) -> None:
    rows = shown(section, task)
    for name, value in leaves(models.values(PARAMS, section, task)):
        assert rows[name]["default"] == page.shown(value), name


def test_a_long_default_is_counted() -> None:
    assert [page.shown(one) for one in (0.0196078, True, "", [])] == [
        "`0.0196078`",
        "`true`",
        '`""`',
        "`[]`",
    ]
    assert page.shown(["word"] * 36) == "36 words"
    assert page.shown([[0.0, 4095.0]] * 4) == "4 values"


def test_every_row_says_what_it_is() -> None:
    found = [row for section in PARAMS for table in tables(section) for row in table]
    assert len(found) > 400
    assert all(row["what it is"] for row in found)


def test_a_unit_follows_from_the_end_of_a_name() -> None:
    assert [ranges.unit(name) for name in ("clip_ms", "walking_m_s", "passing_m")] == [
        "ms",
        "m/s",
        "m",
    ]
    assert [ranges.unit(name) for name in ("knock_n_s", "scrape_n", "trace_s")] == ["N s", "N", "s"]
    assert [ranges.unit(name) for name in ("epsilon_snr_db", "share_per_mg", "seed")] == [
        "dB",
        "share a mg",
        "",
    ]


class Inner(Params):
    """What is inside."""

    share: float = Field(ge=0, lt=1, description="of it")


class Sample(Params):
    """Fields of each kind."""

    count: int = Field(gt=0, description="how many")
    mode: Literal["a", "b"] = Field(description="which")
    bounds: Annotated[list[float], Field(min_length=2, max_length=2)] = Field(description="both")
    limit: float | None = Field(default=None, le=3, description="most")
    inner: Inner
    by_name: dict[str, Inner] = Field(description="each")


def test_ranges_and_defaults_are_in_words() -> None:
    given = {"count": 2, "mode": "a", "bounds": [1.0, 2.0], "inner": {"share": 0.5}}
    found = {
        row.name: (row.allowed, default)
        for row, default in page.rows(Sample, {**given, "by_name": {"x": {"share": 0.25}}})
    }
    assert found == {
        "count": ("whole, above 0", "`2`"),
        "mode": ("`a` or `b`", "`a`"),
        "bounds": ("2", "`[1.0, 2.0]`"),
        "limit": ("at most 3; may be left out", ""),
        "inner": ("", ""),
        "inner.share": ("0 to below 1", "`0.5`"),
        "by_name": ("", ""),
        "by_name.x.share": ("0 to below 1", "`0.25`"),
    }


def test_signs_of_markdown_are_escaped() -> None:
    assert page._plain("attack.<task>, _silence_ and\n  ``_a_``, 3 * x_y") == (
        r"attack.\<task>, \_silence\_ and `_a_`, 3 \* x_y"
    )


def test_a_field_without_a_description_is_refused() -> None:
    class Silent(Params):
        steps: int = Field(ge=1)

    with pytest.raises(PalisadeError, match=r"Silent\.steps has no description"):
        list(page.rows(Silent, {"steps": 1}))


def test_a_check_without_words_is_refused() -> None:
    class Odd(Params):
        steps: Annotated[int, AfterValidator(lambda value: value)] = Field(description="how many")

    with pytest.raises(PalisadeError, match="has no words"):
        list(page.rows(Odd, {"steps": 1}))


def set_to(values: Any, name: str, value: Any) -> Any:
    """Params with one dotted name set anew."""
    first, _, rest = name.partition(".")
    return {**values, first: set_to(values.get(first, {}), rest, value) if rest else value}


def refused(model: type[Params], values: Any, name: str) -> bool:
    """Whether a model finds fault with the value of this very field."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        return any(
            f"{'.'.join(map(str, one['loc']))}.".startswith(f"{name}.") for one in error.errors()
        )
    return False


def ends(told: str) -> list[tuple[Any, Any]]:
    """Each end of a range in words: a value that is just outside, and one that is within."""
    if listed := re.match(r"(\d+)(?: or more| to \d+)?, .*(?:each|within) (.*)$", told):
        count = int(listed[1])
        return [([out] * count, [within] * count) for out, within in ends(listed[2])]
    step = 1 if told.startswith("whole") else 1e-6
    number = int if told.startswith("whole") else float
    text = re.sub("^whole, |; may be left out$", "", told).replace(",", "")
    found: list[tuple[Any, Any]] = []
    if low := re.match(rf"(?:(above|from) ({NUMBER})|({NUMBER}) to )", text):
        end = number(low[2] or low[3])
        found.append((end, end + step) if low[1] == "above" else (end - step, end))
    if high := re.search(rf"(below|at most|{NUMBER} to) ({NUMBER})$", text):
        end = number(high[2])
        found.append((end, end - step) if high[1] == "below" else (end + step, end))
    return found


@pytest.mark.parametrize(("section", "task", "model"), READ)
def test_models_enforce_the_ranges_of_the_page(
    section: str, task: str, model: type[Params]
) -> None:
    values = models.values(PARAMS, section, task)
    for name, row in shown(section, task).items():
        for outside, within in ends(row["range"]):
            where = f"{section}.{task}.{name}, {row['range']}"
            assert refused(model, set_to(values, name, outside), name), f"{where}: {outside}"
            assert not refused(model, set_to(values, name, within), name), f"{where}: {within}"


def test_most_ranges_are_tried() -> None:
    told = [row["range"] for section, task, _ in READ for row in shown(section, task).values()]
    assert sum(len(ends(one)) for one in told) > 500
    assert ends("whole, 8 to 4,096") == [(7, 8), (4097, 4096)]
    assert ends("above 0, below 0.5") == [(0, 1e-6), (0.5, 0.5 - 1e-6)]
    assert ends("2, lower first, each above 0") == [([0, 0], [1e-6, 1e-6])]


def test_sources_are_words_of_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""Head.\n\nReferences:\n    Doe, A paper,\n    arXiv:1.\n"""\n# ISO\n# 9886\n'
    )
    chosen = tmp_path / "sources.yaml"
    monkeypatch.setattr(sources, "LIST", chosen)
    chosen.write_text("threat:\n  module.py: []\n")
    assert sources.of(tmp_path, "threat") == [("module.py", "Doe, A paper, arXiv:1")]
    chosen.write_text("threat:\n  module.py: [ISO 9886]\n")
    assert sources.of(tmp_path, "threat") == [("module.py", "ISO 9886")]
    chosen.write_text("threat:\n  module.py: [ISO 9887]\n")
    with pytest.raises(PalisadeError, match=r"module\.py does not say"):
        sources.of(tmp_path, "threat")


def test_sources_are_of_sections_that_are_there() -> None:
    assert set(read_yaml(sources.LIST)) <= set(PARAMS)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose params.yaml and page may be changed, as the current folder."""
    for name in ("palisade", "dvc.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("params.yaml", "docs/params.md", "docs/log.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["params", *options])
    return command.main()


def test_the_committed_page_is_of_the_committed_params() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.params", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_default_is_noticed_and_written(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--check") == 0
    file = copy / "params.yaml"
    text = file.read_text()
    assert "longest_word_ms: 850 " in text
    file.write_text(text.replace("longest_word_ms: 850 ", "longest_word_ms: 851 "))
    assert run(monkeypatch, "--check") == 1
    assert (
        capsys.readouterr().out == "error: docs/params.md is stale: run python -m scripts.params\n"
    )
    assert run(monkeypatch) == 0
    assert "| `longest_word_ms` | `851` | ms |" in (copy / "docs/params.md").read_text()
    assert run(monkeypatch, "--check") == 0


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("gadget: {voice: {steps: 1}}\n", "params.yaml: gadget has no model: name the one"),
        ("  extra: 1\n", "package.extra is unknown"),
    ],
)
def test_a_section_or_key_that_nothing_reads_fails(
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    added: str,
    said: str,
) -> None:
    with (copy / "params.yaml").open("a") as file:
        file.write(added)
    assert run(monkeypatch, "--check") == 1
    assert said in capsys.readouterr().out
