"""Independent work over an existing Dask cluster, in order, with the bytes that one machine gives.

Items go to the workers a few at a time, so that not all of them need fit into the scheduler's
memory. They go as arguments of their own call: what a lost worker had is then done anew by
another. (joblib's own way to Dask scatters arrays first, and a run ends with the worker that
held one.)

A worker's answer counts only if it runs the code and the packages that are at work here, stands
in this same folder on a shared disk, and does one thing at a time.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import platform
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from palisade.errors import PalisadeError

T = TypeVar("T")
R = TypeVar("R")

ROOT = Path(__file__).parent.parent
CODE = ("palisade/**/*.py", "stages/*.py", "device/**/*.[ch]", "requirements.lock")
OURS = "PALISADE_"
# Settings of one machine or of the run as a whole, which do not travel.
STAYING = ("PALISADE_BUILD", "PALISADE_EXECUTOR", "PALISADE_KEY", "PALISADE_WORKERS")
ANSWER_S = 10  # in which a scheduler answers, and has a worker
RESTART_S = 60
AHEAD = 4  # items on their way, times the workers


@dataclass(frozen=True)
class Room:
    """What a worker must find where it stands, and takes over.

    Attributes:
        folder: where the run was started; paths of its files start here.
        mark: a file there, made for this run.
        code: digest of code and packages.
        settings: environment variables that choose what is worked out.
    """

    folder: str
    mark: str
    code: str
    settings: Mapping[str, str]

    def enter(self) -> None:
        """Work as the run's own process would, which starts no others.

        Raises:
            PalisadeError: This worker cannot.
        """
        worker = _distributed().get_worker()
        where = f"Dask worker {worker.address}"
        if worker.state.nthreads != 1:
            raise PalisadeError(
                f"{where} has {worker.state.nthreads} threads",
                "start it with --nthreads 1, and more of them with --nworkers",
            )
        if not Path(self.folder, self.mark).exists():
            raise PalisadeError(
                f"{where} does not see the files in {self.folder}",
                "share that folder with it, under the same path",
            )
        if code() != self.code:
            raise PalisadeError(
                f"{where} has other code or packages than {self.folder}",
                "start it there, with the same Python environment",
            )
        os.chdir(self.folder)
        for name in [name for name in os.environ if name.startswith(OURS)]:
            del os.environ[name]
        os.environ.update(self.settings, PALISADE_WORKERS="1")


def each(address: str, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Apply a function to every item on the cluster's workers; results come in order.

    Args:
        address: of the scheduler, ``tcp://host:8786``.
        function: as for ``parallel.each``.
        items: what it is applied to.

    Raises:
        PalisadeError: The cluster is not there, goes away, or does not fit; or what the
            function raises.
    """
    with _client(address) as client, _room() as room:
        ahead = AHEAD * _renew(client, address)
        sent: deque[Any] = deque()
        for item in items:
            work = _pickle().dumps((function, item))
            sent.append(client.submit(_there, room, work, pure=False))
            if len(sent) >= ahead:
                yield _received(sent.popleft(), address)
        while sent:
            yield _received(sent.popleft(), address)


def _there(room: Room, work: bytes) -> Any:
    """What a worker does: nothing of ours is loaded before it is known to be the same."""
    room.enter()
    function, item = _pickle().loads(work)
    return function(item)


@lru_cache(maxsize=1)
def code() -> str:
    """Digest of this process' code and packages, as they were when it was first asked."""
    content = hashlib.sha256(platform.python_version().encode())
    for path in sorted(path for pattern in CODE for path in ROOT.glob(pattern)):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        content.update(f"{path.relative_to(ROOT).as_posix()} {digest}\n".encode())
    lock = ROOT / "requirements.lock"
    for name in re.findall(r"(?m)^([\w.-]+)==", lock.read_text() if lock.exists() else ""):
        content.update(f"{name} {_version(name)}\n".encode())
    return content.hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


@contextmanager
def _client(address: str) -> Iterator[Any]:
    distributed = _distributed()
    try:
        # What it would say in tracebacks, an error of ours says in a line.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        client = distributed.Client(address, timeout=ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PalisadeError(
            f"no Dask scheduler answers at {address}",
            "start one there, or unset PALISADE_EXECUTOR to work on this machine",
        ) from error
    with client:
        yield client


def _pickle() -> Any:
    return _distributed().protocol.pickle


def _distributed() -> Any:
    """The package, which takes a second to load and which only a cluster needs."""
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise PalisadeError(
            "the package distributed is not installed, which Dask needs",
            "install requirements-dev.lock, or unset PALISADE_EXECUTOR to work on this machine",
        ) from error


@contextmanager
def _room() -> Iterator[Room]:
    """This process' folder and settings, with a mark for as long as the work lasts."""
    folder = Path.cwd()
    settings = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(OURS) and name not in STAYING
    }
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".draft-dask-") as mark:
        yield Room(str(folder), Path(mark.name).name, code(), settings)


def _renew(client: Any, address: str) -> int:
    """Restart the workers that loaded other code, as after an edit; gives how many there are."""
    _wait(client, address)
    answers = client.run(code, on_error="return")
    # A worker that was lost as it was asked is none; the others do its work.
    said = {worker: answer for worker, answer in answers.items() if not _lost(answer)}
    for worker, answer in said.items():
        if isinstance(answer, Exception):
            raise PalisadeError(
                f"Dask worker {worker} cannot load palisade ({answer})",
                "start it in this folder with python -m distributed.cli.dask_worker",
            ) from answer
    if stale := [worker for worker, answer in said.items() if answer != code()]:
        client.restart_workers(stale, timeout=RESTART_S, raise_for_error=False)
    _wait(client, address)
    return max(len(said), 1)


def _lost(answer: object) -> bool:
    return isinstance(answer, OSError)


def _wait(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
    except TimeoutError as error:
        raise PalisadeError(
            f"the Dask scheduler at {address} has no workers", "start some, see docs/machines.md"
        ) from error


def _received(future: Any, address: str) -> Any:
    distributed = _distributed()
    try:
        return future.result()
    except (CancelledError, distributed.comm.CommClosedError) as error:
        raise PalisadeError(
            f"the Dask scheduler at {address} went away", "start it, and run this again"
        ) from error
    except distributed.KilledWorker as error:
        raise PalisadeError(
            "Dask workers died one after the other at the same work",
            "give them more memory, and see what they logged",
        ) from error
