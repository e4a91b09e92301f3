"""The gate over figures in git: what fails, what passes, and what cannot be compared."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.workspace import ROOT
from palisade.commands.main import main
from palisade.errors import PalisadeError
from palisade.review import limits, sides, verdicts
from palisade.review.pairs import Pairs
from tests.review.conftest import Figures

WORST = "motion/evaluate: int8.worst_case_accuracy.acc_25mg"


def judged(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str], str]:
    """The gate's status, the outcome of each figure by name, and what it says of failure."""
    status = main(["gate", *options])
    said = capsys.readouterr()
    rows = [line.split(" | ") for line in said.out.splitlines() if line.startswith("| `")]
    return status, {cells[0][3:-1]: cells[-1][:-2] for cells in rows}, said.err


def test_nothing_changed(figures: Figures, capsys: pytest.CaptureFixture[str]) -> None:
    status, outcomes, said = judged(capsys)
    assert status == 0 and said == ""
    assert set(outcomes.values()) == {"the same"} and WORST in outcomes


@pytest.mark.parametrize(
    ("strength", "status", "outcome"),
    [
        (0.85, 0, "better"),
        (0.79, 0, "worse, within what is allowed"),
        (0.775, 80, "worse than allowed"),  # 12 of 500 lost, none gained: p = 2 / 2**12
    ],
)
def test_robust_accuracy_may_get_worse_by_what_is_allowed(
    strength: float,
    status: int,
    outcome: str,
    figures: Figures,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures.measure(strength=strength)
    ended, outcomes, said = judged(capsys)
    assert (ended, outcomes[WORST]) == (status, outcome)
    assert ("error: " + WORST in said) == (status == 80)


def test_what_chance_explains_does_not_fail(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    """12 more lost than gained, of 212 that changed: p = 0.45."""
    figures.measure(strength=0.776)
    path = figures.root / "metrics/motion/detail/verdicts.csv"
    lines = path.read_text().splitlines()
    place = next(n for n, line in enumerate(lines) if "pgd,acc_25mg" in line)
    head, _, signs = lines[place].rpartition(",")
    right, wrong = ([n for n, sign in enumerate(signs) if sign == one][:100] for one in ("1", "0"))
    swapped = list(signs)
    for a, b in zip(right, wrong, strict=True):
        swapped[a], swapped[b] = "0", "1"
    lines[place] = f"{head},{''.join(swapped)}"
    path.write_text("\n".join(lines) + "\n")
    status, outcomes, _ = judged(capsys)
    assert (status, outcomes[WORST]) == (0, "worse, but not surely")


def test_the_noise_of_seeds_is_allowed_on_top(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.measure(strength=0.75)
    figures.edit("gate.yaml", "seed_sd: 0.0", "seed_sd: 0.02")
    status, outcomes, _ = judged(capsys)
    assert (status, outcomes[WORST]) == (0, "worse, within what is allowed")


def test_a_tolerance_is_that_of_two_runs() -> None:
    """An allowance of 1 point, and a noise of 1: 1 + 1.645 * sqrt(2)."""
    limit = limits.Limit(
        figures=["a: b"], better="higher", allowed=1.0, seed_sd=1.0, measured_on="nothing"
    )
    assert limit.tolerance(7.0, 0.05) == pytest.approx(1 + 1.6448536 * math.sqrt(2))
    percent = limits.Limit(
        figures=["a: b"], better="lower", allowed_percent=2.0, measured_on="nothing"
    )
    assert percent.tolerance(50000, 0.05) == pytest.approx(1000)


@pytest.mark.parametrize(("flash", "status"), [(49000, 0), (50999, 0), (51001, 80)])
def test_bytes_have_a_share(
    flash: int, status: int, figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.measure(flash_bytes=flash)
    assert judged(capsys)[0] == status


def test_other_examples_are_not_comparable(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    (figures.root / "data/raw/motion/more.csv").write_text("home,label\n")
    figures.measure(strength=0.3, flash_bytes=60000)
    status, outcomes, _ = judged(capsys)
    assert outcomes[WORST] == "not comparable: `other test examples`"
    assert status == 80 and outcomes["motion/cost: flash_bytes"] == "worse than allowed"
    figures.measure(strength=0.3)
    assert judged(capsys)[0] == 0
    figures.edit("gate.yaml", "when_not_comparable: pass", "when_not_comparable: fail")
    status, _, said = judged(capsys)
    assert status == 82 and "robust accuracy" in said


def test_what_no_longer_says_what_it_was_measured_on_is_missing(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.measure(strength=0.3)
    (figures.root / "metrics/motion/detail/verdicts.csv").unlink()
    status, outcomes, said = judged(capsys)
    assert status == 81 and outcomes[WORST] == "missing: `no test examples`"
    assert "can no longer be found" in said


def test_fewer_examples_that_every_attack_runs_on_are_another_attack(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    for param in ("subset_examples", "nes_queries"):
        figures.measure(strength=0.3, **{f"attack.motion.{param}": 1})
        _, outcomes, _ = judged(capsys)
        assert outcomes[WORST] == f"not comparable: `attack.motion.{param} changed`"


def test_another_attack_is_not_comparable(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.measure(strength=0.3, **{"attack.motion.steps": 100})
    status, outcomes, _ = judged(capsys)
    assert status == 0
    assert outcomes[WORST] == "not comparable: `attack.motion.steps changed`"


def test_a_missing_figure_fails_unless_params_say_so(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.edit("metrics/motion/evaluate.json", '"clean_accuracy"', '"cleanness"')
    status, outcomes, said = judged(capsys)
    assert status == 81 and "int8.clean_accuracy of HEAD" in said
    assert outcomes["motion/evaluate: int8.clean_accuracy"] == "missing"
    figures.measure(**{"attack.motion.budgets_mg": [50, 100]})
    status, outcomes, _ = judged(capsys)
    assert status == 0
    assert outcomes[WORST] == "not comparable: `attack.motion.budgets_mg changed`"
    assert outcomes[WORST.replace("25", "100")] == "new"
    assert outcomes[WORST.replace("25", "50")] == "the same"


def test_a_removed_task_is_not_missing(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in figures.root.glob("metrics/motion/*.json"):
        path.unlink()
    assert judged(capsys)[0] == 81
    figures.edit("params.yaml", "  motion:\n    corpus: data/raw/motion", "  porch: {}")
    status, outcomes, _ = judged(capsys)
    assert status == 0 and outcomes[WORST] == "its task was removed"


def test_a_measurement_that_is_no_longer_reliable_fails(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.edit("metrics/motion/evaluate.json", "true", "false")
    status, outcomes, _ = judged(capsys)
    assert (status, outcomes["motion/evaluate: reliable"]) == (80, "worse than allowed")


def test_no_figure_at_all_is_no_pass(figures: Figures, capsys: pytest.CaptureFixture[str]) -> None:
    figures.edit("gate.yaml", '"*/', '"*/no_')
    figures.edit("gate.yaml", '"fusion: ', '"no_fusion: ')
    assert judged(capsys)[0] == 82


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level: 0.05", "level: 5.0", "gate.yaml.level is 5.0"),
        ("better: higher", "better: up", "better is 'up'"),
        ("allowed: 0.0\n", "allowed: 0.0\n    allowed_percent: 1.0\n", "give one of allowed"),
        ("fusion: reliable", "fusion", "write each as `<file below metrics/>: <key>`"),
        ("    seed_sd: 0.0\n", "    sd: 0.0\n", "sd is unknown"),
        ("attack.{task}.steps", "attack.{tsk}.steps", "has braces, and not around task"),
        ("attack.{task}.steps", "attack.{}.steps", "has braces, and not around task"),
        ("attack.{task}.steps", "attack.{.steps", "has braces, and not around task"),
    ],
)
def test_a_wrong_file_is_one_clear_error(
    old: str, new: str, said: str, figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.edit("gate.yaml", old, new)
    status, _, error = judged(capsys)
    assert status == 1 and said in error and error.count("\n") == 1


def test_spoilt_verdicts_are_one_clear_error(
    figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    figures.edit("metrics/motion/detail/verdicts.csv", ",subset,", ",sub,")
    status, _, said = judged(capsys)
    assert status == 1 and "verdicts.csv of this checkout is no table of verdicts" in said


def test_the_table_can_be_written_to_a_file(
    figures: Figures, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["gate", "--base", "main", "--output", str(tmp_path / "gate.md")]) == 0
    assert (tmp_path / "gate.md").read_text() == capsys.readouterr().out


@pytest.mark.parametrize(
    ("gained", "lost", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 6, 2 / 2**6), (25, 51, 0.0038)]
)
def test_the_exact_test(gained: int, lost: int, p: float) -> None:
    assert Pairs(gained, lost).p == pytest.approx(p, rel=0.02)


def test_verdicts_add_up_to_the_figures_that_they_stand_for() -> None:
    """Of this project's own figures: a pair says what the figure says."""
    side = sides.here(ROOT)
    found = sides.figures(side, limits.read(ROOT / limits.FILE))
    counted = {}
    for figure, value in found.items():
        right = verdicts.right(figure, side)
        if right is not None:
            counted[figure] = right.mean()
            good = figure.rpartition(".")[0].endswith("worst_case_accuracy")
            good |= figure.endswith("clean_accuracy")
            assert counted[figure] == pytest.approx(value if good else 1 - value), figure
    if not counted:
        pytest.skip("no run is committed here")
    kinds = {figure.partition(": ")[2].rpartition(".")[0] for figure in counted}
    assert kinds == {
        "int8",
        "int8.worst_case_accuracy",
        "guard.accepted_and_wrong",
        "action",
    }


def test_every_figure_that_the_gate_names_is_there() -> None:
    """Of this project's own figures: no limit covers nothing."""
    gate = limits.read(ROOT / limits.FILE)
    found = sides.figures(sides.here(ROOT), gate)
    if not found:
        pytest.skip("no run is committed here")
    covered = {limit[0] for figure in found if (limit := gate.limit_of(figure))}
    assert covered == set(gate.limits)


def test_a_side_without_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(json.dumps({"tasks": {}}))
    with pytest.raises(PalisadeError, match="metrics/a.json is not there: run `dvc repro`"):
        sides.here(tmp_path).metrics.json("metrics/a.json")
