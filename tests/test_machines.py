"""Work over a real Dask cluster: two worker processes on loopback, and the bytes of one machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import numpy as np
import pytest

from palisade import cluster, parallel, stage
from palisade.errors import PalisadeError
from palisade.scenes import events
from palisade.splits import NAMES, Split
from palisade.tasks.motion.distortion import augment
from palisade.tasks.motion.synthesis import corpus
from palisade.tasks.motion.synthesis.params import Params

ROOT = Path(stage.__file__).parents[1]
SMOKE = stage.read_yaml(ROOT / "tests/smoke/params.yaml")
LABELS = tuple("abcd")
HERE = Path(__file__)


@dataclass(frozen=True)
class Dask:
    """A scheduler and two workers, each with the nanny that starts it anew.

    Attributes:
        address: of the scheduler.
        process: the scheduler itself.
    """

    address: str
    process: subprocess.Popen[bytes]

    def processes(self) -> set[int]:
        """Process ids of the workers."""
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            return set(client.run(os.getpid).values())


def start(*command: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "PALISADE_EXECUTOR": "unknown"}
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    said = tmp_path_factory.mktemp("dask") / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    scheduler = start("distributed.cli.dask_scheduler", *options, "--scheduler-file", str(said))
    workers = start(
        *("distributed.cli.dask_worker", "--scheduler-file", str(said), "--host", "127.0.0.1"),
        *("--nworkers", "2", "--nthreads", "1", "--no-dashboard"),
        *("--local-directory", str(said.parent)),
    )
    try:
        with distributed.Client(scheduler_file=said, timeout=60, set_as_default=False) as client:
            address = client.scheduler.address
        yield Dask(address, scheduler)
    finally:
        for process in (workers, scheduler):
            process.terminate()
            process.wait(30)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test stands in a folder of its own, on one core where it uses no cluster."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PALISADE_WORKERS", "1")
    monkeypatch.delenv("PALISADE_EXECUTOR", raising=False)


@pytest.fixture
def over_dask(dask: Dask, monkeypatch: pytest.MonkeyPatch) -> Dask:
    assert len(dask.processes()) == 2
    monkeypatch.setenv("PALISADE_EXECUTOR", f"dask:{dask.address}")
    return dask


@pytest.fixture
def other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout without any code, which stands for this process' own."""
    for folder in ("palisade", "stages", "device/src"):
        (tmp_path / "checkout" / folder).mkdir(parents=True)
    cluster.code.cache_clear()
    monkeypatch.setattr(cluster, "ROOT", tmp_path / "checkout")
    yield tmp_path / "checkout"
    cluster.code.cache_clear()


@dataclass(frozen=True)
class Fatal:
    """A function that ends its process once, when a few items are done, like a machine that fails.

    Its answer is lost though its files are written.
    """

    function: Callable[[Any], Any]
    folder: Path
    after: int = 3

    def __call__(self, item: Any) -> Any:
        found = self.function(item)
        done = self.folder / f"{os.getpid()}_{time.monotonic_ns()}"
        done.touch()
        if len(list(self.folder.iterdir())) > self.after:
            try:
                (self.folder.parent / "killed").touch(exist_ok=False)
            except FileExistsError:
                return found
            os.kill(os.getpid(), signal.SIGKILL)
        return found


@dataclass(frozen=True)
class Asked:
    """``cluster.code``, which the first worker that is asked answers as it should not.

    Attributes:
        said: what the process at home answers itself.
        home: its id.
        folder: where the first worker leaves a mark.
        first: what that one does instead.
    """

    said: str
    home: int
    folder: Path
    first: Callable[[], str]

    def __call__(self) -> str:
        if os.getpid() == self.home:
            return self.said
        try:
            (self.folder / "asked").touch(exist_ok=False)
        except FileExistsError:
            return cluster.code()
        return self.first()


def die() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def fail() -> str:
    raise ImportError("no module named numpy")


def process(_: int) -> tuple[int, int, str | None]:
    time.sleep(0.05)
    return os.getpid(), parallel.workers(), os.environ.get("PALISADE_VERDICTS")


def nested(item: int) -> list[int]:
    return [pid for pid, _, _ in parallel.each(process, [item, item], "within")]


def wide(values: np.ndarray[Any, np.dtype[np.int64]]) -> int:
    return int(values.sum())


def refuse(item: int) -> int:
    raise PalisadeError(f"item {item} is wrong", "mend it")


def synthesize(folder: str) -> dict[str, bytes]:
    """A small corpus in a folder named as a stage does, from where one stands."""
    amounts = {"class_traces": 3, "homes": 3}
    values = {**SMOKE["synthesize"]["motion"], **dict.fromkeys(NAMES, amounts)}
    params = stage.checked(Params, values, "synthesize.motion")
    counts = events.Counts(**dict.fromkeys(events.KINDS, 1))
    happening = events.draw(events.Params(window_s=3.0, calibration=counts, test=counts), seed=7)
    corpus.synthesize(params, events=happening, seed=7, folder=Path(folder), material=Path())
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def enlarge() -> bytes:
    """An augmented training set as the stage writes it."""
    values = {**SMOKE["augment"]["motion"], "copies": 2}
    values |= SMOKE.get("sensor", {}).get("motion", {})
    params = stage.checked(augment.Params, values, "augment.motion")
    dice = np.random.default_rng(3)
    x = dice.integers(0, 1000, (24, 150, 4)).astype(np.int32)
    names = np.array([f"a.csv:{n}" for n in range(24)])
    train = Split(x, np.arange(24) % 4, names, names, LABELS)
    augment.augment(train, params, seed=1).save(Path("train.npz"))
    return Path("train.npz").read_bytes()


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("home"))
        # Processes that another test left behind would work in that one's folder.
        patch.setenv("PALISADE_WORKERS", "1")
        return synthesize("corpus")


def test_a_corpus_has_the_same_bytes(at_home: dict[str, bytes], over_dask: Dask) -> None:
    assert synthesize("corpus") == at_home


def test_a_worker_that_dies_in_the_middle_loses_nothing(
    at_home: dict[str, bytes], over_dask: Dask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, real = over_dask.processes(), cluster.each
    (tmp_path / "done").mkdir()
    monkeypatch.setattr(
        cluster,
        "each",
        lambda at, function, items: real(at, Fatal(function, tmp_path / "done"), items),
    )
    assert synthesize("corpus") == at_home
    assert len(before - over_dask.processes()) == 1


def test_arrays_that_a_dead_worker_held_are_not_lost(over_dask: Dask, tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    arrays = [np.full(5000, number) for number in range(24)]
    found = parallel.each(Fatal(wide, tmp_path / "done"), arrays, "arrays")
    assert found == [5000 * number for number in range(24)]
    assert (tmp_path / "killed").exists()


def test_an_augmented_set_has_the_same_bytes(dask: Dask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "BATCH", 5)
    expected = enlarge()
    monkeypatch.setenv("PALISADE_EXECUTOR", f"dask:{dask.address}")
    assert enlarge() == expected


def test_both_workers_work_and_as_the_run_is_set(
    over_dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_VERDICTS", "tflm")
    found = parallel.each(process, range(12), "processes")
    assert {pid for pid, _, _ in found} == over_dask.processes()
    assert {(workers, verdicts) for _, workers, verdicts in found} == {(1, "tflm")}
    monkeypatch.delenv("PALISADE_VERDICTS")
    assert {verdicts for _, _, verdicts in parallel.each(process, range(8), "unset")} == {None}


def test_what_a_worker_calls_works_alone_in_turn(over_dask: Dask) -> None:
    assert all(len(set(pids)) == 1 for pids in parallel.each(nested, range(4), "nested"))


def test_items_go_to_the_workers_a_few_at_a_time(over_dask: Dask) -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    results = cluster.each(over_dask.address, abs, items())  # type: ignore[arg-type]
    assert next(results) == 0
    assert len(drawn) == cluster.AHEAD * 2
    results.close()  # type: ignore[attr-defined]


def test_what_is_wrong_with_an_item_is_said_as_at_home(over_dask: Dask, tmp_path: Path) -> None:
    with pytest.raises(PalisadeError, match="^item 3 is wrong: mend it$"):
        parallel.each(refuse, [3], "wrong")
    assert list(tmp_path.iterdir()) == []


def test_workers_with_code_of_before_an_edit_are_started_anew(
    over_dask: Dask, other_code: Path
) -> None:
    before = over_dask.processes()
    with pytest.raises(PalisadeError, match="other code or packages than .*: start it there"):
        parallel.each(process, [0], "stale")
    assert not before & over_dask.processes()


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], str]], None]:
    """Sets what the first worker does that is asked for its code."""

    def first(does: Callable[[], str]) -> None:
        monkeypatch.setattr(cluster, "code", Asked(cluster.code(), os.getpid(), tmp_path, does))

    return first


def test_a_worker_that_is_lost_as_it_is_asked_for_its_code_is_done_without(
    over_dask: Dask, asked: Callable[[Callable[[], str]], None]
) -> None:
    before = over_dask.processes()
    asked(die)
    assert parallel.each(abs, range(-20, 0), "numbers") == list(range(20, 0, -1))
    assert len(before - over_dask.processes()) == 1  # the other went on, and was not restarted


def test_a_worker_that_cannot_say_what_code_it_has_is_named(
    over_dask: Dask, asked: Callable[[Callable[[], str]], None]
) -> None:
    asked(fail)
    said = (
        r"^Dask worker tcp://\S+ cannot load palisade \(no module named numpy\): start it in this"
    )
    with pytest.raises(PalisadeError, match=said):
        parallel.each(abs, [-1], "numbers")


def test_code_and_packages_make_the_digest_as_they_first_were(
    other_code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a worker would say of code that it loaded before an edit that it is the new."""
    lock, version = other_code / "requirements.lock", {"numpy": "1.0"}
    monkeypatch.setattr(cluster.metadata, "version", version.get)
    changes: list[Callable[[], object]] = [
        lambda: (other_code / "palisade/one.py").write_text("A = 1\n"),
        lambda: (other_code / "palisade/one.py").write_text("A = 2\n"),
        lambda: (other_code / "device/src/one.c").write_text(""),
        lambda: lock.write_text("numpy==1.0 \\\n    --hash=sha256:0\n"),
        lambda: version.update(numpy="1.1"),
    ]
    digests = [cluster.code()]
    for change in changes:
        change()
        assert cluster.code() == digests[-1]
        cluster.code.cache_clear()
        digests.append(cluster.code())
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize(
    ("threads", "changes", "said"),
    [
        (4, {}, "has 4 threads: start it with --nthreads 1"),
        (1, {"mark": "absent"}, "does not see the files in .*: share that folder"),
        (1, {"code": "other"}, "has other code or packages than .*: start it there"),
    ],
)
def test_a_worker_that_does_not_fit_is_named(
    monkeypatch: pytest.MonkeyPatch, threads: int, changes: dict[str, str], said: str
) -> None:
    Path("mark").touch()
    right = {"folder": str(Path.cwd()), "mark": "mark", "code": cluster.code()}
    worker = SimpleNamespace(address="tcp://a:1", state=SimpleNamespace(nthreads=threads))
    monkeypatch.setattr(cluster, "_distributed", lambda: SimpleNamespace(get_worker=lambda: worker))
    with pytest.raises(PalisadeError, match=f"^Dask worker tcp://a:1 {said}"):
        cluster.Room(**{**right, **changes}, settings={}).enter()


@pytest.mark.parametrize(
    "value", ["dask", "dask:", "dask:host:8786", "dask:tcp://host", "tcp://host:8786", "ray"]
)
def test_a_wrong_executor_is_said_at_once(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_EXECUTOR", value)
    with pytest.raises(PalisadeError) as caught:
        parallel.each(abs, [-1], "nothing")
    problem = f"PALISADE_EXECUTOR is {value!r}"
    assert str(caught.value) == f"{problem}: set it to local or dask:tcp://HOST:PORT"


@pytest.mark.parametrize("value", ["", "local"])
def test_work_stays_here_where_nothing_else_is_asked(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_EXECUTOR", value)
    assert parallel.each(abs, [-1, 2], "numbers") == [1, 2]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_EXECUTOR", "dask:tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)  # type: ignore[arg-type]
    with pytest.raises(PalisadeError, match="distributed is not installed.*requirements-dev.lock"):
        parallel.each(abs, [-1], "nothing")


STAGE = """
from palisade import cluster, parallel, stage
cluster.ANSWER_S = 1
stage.run("augment", lambda this: print(parallel.each(abs, [-1], "numbers")))
"""


def test_an_unreachable_scheduler_ends_a_stage_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STAGE, "motion"],
        cwd=ROOT,
        env={**os.environ, "PALISADE_EXECUTOR": "dask:tcp://127.0.0.1:1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "error: no Dask scheduler answers at tcp://127.0.0.1:1: "
        "start one there, or unset PALISADE_EXECUTOR to work on this machine\n"
    )


def test_a_scheduler_that_goes_away_is_named(over_dask: Dask) -> None:
    """The last test of this file: it ends the scheduler."""
    results = cluster.each(over_dask.address, process, range(1000))
    next(results)
    over_dask.process.kill()
    with pytest.raises(PalisadeError, match="went away: start it, and run this again"):
        list(results)
