"""What the file says of the library is so, predicts other shapes, and is of these sources."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.workspace import ROOT
from palisade import stage, tasks
from palisade.device import (
    emulation,
    front_shapes,
    guard_shapes,
    library,
    measure,
    measured,
    shapes,
    work,
)
from palisade.device.case import int8s
from palisade.device.emulation import Machine
from palisade.device.measured import Measured
from palisade.device.trial import Trial
from palisade.errors import PalisadeError
from palisade.guard import tables, texture
from palisade.guard.engineered import Engineered
from tests.guard import drawn

emulated = pytest.mark.skipif(
    emulation.missing() is not None, reason=f"not emulated: {emulation.missing()}"
)
WITHIN = 0.02
LOOSE = 0.10  # of bounds for functions whose way depends on values; of other compilers
REPEATS = 4


@pytest.fixture(scope="module")
def kept() -> Measured:
    return measured.load()


@pytest.fixture(scope="module")
def fresh() -> Measured:
    return measure.measure()


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial(Machine(flags=measure.FLAGS))


@emulated
def test_the_kept_figures_are_those_of_a_new_measurement(kept: Measured, fresh: Measured) -> None:
    if kept.compiler == fresh.compiler:
        assert kept == fresh
        return
    assert kept.section_bytes == pytest.approx(fresh.section_bytes, rel=LOOSE, abs=32)
    for case in shapes.cases(np.random.default_rng(7), 1):
        prices = [one.price(case.function, case.units) for one in (kept, fresh)]
        assert prices[0] == pytest.approx(prices[1], rel=LOOSE), case.function


@emulated
def test_instructions_at_other_shapes_are_predicted(kept: Measured, trial: Trial) -> None:
    seen: Counter[str] = Counter()
    for case in shapes.cases(np.random.default_rng(8), REPEATS):
        counted, price = case.run(trial), kept.price(case.function, case.units)
        most = LOOSE if case.function in measure.UPPER else WITHIN
        assert (1 - WITHIN) * counted <= price <= (1 + most) * counted, (case.function, counted)
        seen[case.function] += 1
    assert set(seen) == set(kept.instructions)
    assert min(seen.values()) == REPEATS


@emulated
@pytest.mark.parametrize("task", ["voice", "vision", "motion"])
def test_the_front_ends_of_the_default_params_are_predicted(
    task: str, kept: Measured, trial: Trial
) -> None:
    front_end = tasks.load(task, "onboard").front_end(stage.enter("cost", task, ROOT))
    to = json.loads((ROOT / f"metrics/{task}/convert.json").read_text())["input"]
    record = front_end.record(to["scale"], to["zero_point"])
    rng = np.random.default_rng(11)
    low, high = front_shapes.RAILS[front_end.dtype]
    raw = rng.normal((low + high) / 2, (high - low) / 12, front_end.sample).clip(low, high)
    counted = trial.front_end(record, raw.astype(front_end.dtype)).instructions
    function, units = work.front_end(record)
    most = LOOSE if function in measure.UPPER else WITHIN
    assert (1 - WITHIN) * counted <= kept.price(function, units) <= (1 + most) * counted


@emulated
@pytest.mark.parametrize("task", ["voice", "vision", "motion"])
def test_the_guards_of_the_last_run_are_predicted(task: str, kept: Measured, trial: Trial) -> None:
    path = ROOT / f"models/{task}/guard.json"
    if not path.exists():
        pytest.skip("the pipeline was not run here")
    guard, rng = tables.read(path), np.random.default_rng(12)
    judged, looked = kept.price(work.JUDGE, work.judge(guard)), []
    for _ in range(10):
        logits, embedding, features = (
            int8s(rng, count) for count in (guard.classes, guard.embedding, guard.engineered.inputs)
        )
        counted = trial.judge(guard, logits, embedding).instructions
        assert judged == pytest.approx(counted, rel=WITHIN)
        looked.append(trial.look(guard, features).instructions)
    assert guard.tree is not None
    way = work.dearest_way(guard.tree, guard.engineered, lambda units: kept.price(work.LOOK, units))
    assert max(looked) <= kept.price(work.LOOK, work.look(guard, way)) * (1 + 1e-6)


@emulated
@pytest.mark.parametrize(
    ("height", "width", "channels", "stride"), [(49, 10, 1, 1), (64, 64, 1, 3), (50, 1, 4, 1)]
)
def test_the_texture_of_any_input_costs_what_it_is_priced_at(
    height: int, width: int, channels: int, stride: int, kept: Measured, trial: Trial
) -> None:
    rng = np.random.default_rng(13)
    form = Engineered(height=height, width=width, channels=channels, rows=1, columns=1)
    inputs = np.stack([*drawn.rows(rng, 16, form.inputs), np.full(form.inputs, 3, np.int8)])
    table = texture.fit(
        texture.counts(form, inputs, octaves=2, stride=stride), octaves=2, stride=stride
    )
    guard = guard_shapes.guard(rng).model_copy(update={"engineered": form, "texture": table})
    price = kept.price(work.LOOK, work.look(guard, []))
    for x in inputs:
        assert trial.look(guard, x).instructions == pytest.approx(price, rel=1e-6)


@emulated
def test_a_front_end_with_quieter_sound_costs_no_more(kept: Measured, trial: Trial) -> None:
    rng = np.random.default_rng(9)
    tables, to = front_shapes.geometry(rng), front_shapes.scaled(rng, 0.1, 0.2)
    heard, new = (np.zeros(n, np.int16) for n in (tables["window"], 3 * tables["hop"]))
    counted = trial.push(tables, to, 20, heard, new).instructions
    price = kept.price(work.PUSH, work.push(tables, 3, 20))
    assert counted <= price <= (1 + LOOSE) * counted


@emulated
def test_the_stack_is_as_deep_as_was_seen(trial: Trial) -> None:
    trial.attest(bytes(200))
    used = trial.deepest["pal_attest"]
    assert emulation.size_bytes("pal_sha256") + 32 <= used < 1024


def test_sources_are_told_apart(kept: Measured) -> None:
    names = {path.name for path in library.sources()}
    assert set(kept.section_bytes) == names
    assert all(size > 0 for size in kept.section_bytes.values())


@pytest.mark.parametrize("changed", ["src/energy.c", "src/fourier.h", "include/palisade/step.h"])
def test_figures_of_other_sources_are_refused(changed: str, tmp_path: Path) -> None:
    device = shutil.copytree(library.DEVICE, tmp_path / "device")
    assert measured.load(device) == measured.load()
    with (device / changed).open("a") as file:
        file.write("/* other */\n")
    with pytest.raises(PalisadeError, match=r"of other sources .*measure again.*python -m"):
        measured.load(device)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "measured.json cannot be read"),
        ("{", "measured.json cannot be read"),
        ("{}", "measured.json.sources_sha256 is missing"),
    ],
)
def test_a_file_that_is_none_is_refused(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        measured.place(tmp_path).write_text(content)
    with pytest.raises(PalisadeError, match=said):
        measured.load(tmp_path)


def test_work_that_was_not_measured_is_refused(kept: Measured) -> None:
    assert kept.price(work.ATTEST, work.attest(1000)) > 1000
    with pytest.raises(PalisadeError, match=r"no pal_attest by colour.*measure again"):
        kept.price(work.ATTEST, {"call": 1, "colour": 2})


def test_prices_are_found_again_and_bounds_hold() -> None:
    rng = np.random.default_rng(10)
    units = [{"call": 1, "a": int(a), "b": int(b)} for a, b in rng.integers(1, 90, (30, 2))]
    exact = [5 + 3 * one["a"] + 7 * one["b"] for one in units]
    found = measure.fitted(units, exact, {}, upper=False)
    assert found == pytest.approx({"call": 5, "a": 3, "b": 7}, rel=0.01)
    known = measure.fitted(units, exact, {"b": 7.0}, upper=False)
    assert known == pytest.approx({"call": 5, "a": 3, "b": 7}, rel=0.01)
    noisy = [count + int(rng.integers(0, 40)) for count in exact]
    bound = measure.fitted(units, noisy, {}, upper=True)
    for one, count in zip(units, noisy, strict=True):
        assert sum(bound[name] * n for name, n in one.items()) >= count - 0.1


def test_the_command_says_in_one_line_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(emulation, "missing", lambda: "the emulator unicorn is not there")
    with pytest.raises(SystemExit) as stopped:
        measure.main()
    assert str(stopped.value).startswith("error: the emulator unicorn is not there: apt-get")
    assert "\n" not in str(stopped.value)
    assert capsys.readouterr().out == ""


def test_the_file_is_as_the_command_writes_it(kept: Measured) -> None:
    text = json.dumps(kept.model_dump(), indent=2, sort_keys=True) + "\n"
    assert measured.place().read_text() == text
