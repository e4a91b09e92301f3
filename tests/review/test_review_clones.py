"""Two clones as two colleagues: what one adds and pushes, the other pulls and reproduces."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from benchmarks import workspace
from benchmarks.workspace import ROOT, Workspace
from tests.review.test_review_data import motion

CORPUS = "data/raw/motion"
PREPARED = "data/prepared/motion"


@dataclass(frozen=True)
class Server:
    """An SFTP server on this machine.

    Attributes:
        folder: what it serves.
        url: of a remote in it.
        key: the private key that it lets in.
    """

    folder: Path
    url: str
    key: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "served").mkdir()
    key, host = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key.write_private_key(str(folder / "key"))
    key.write_public_key(str(folder / "authorized"))
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def jailed(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(folder / "served").encode())

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host],
            authorized_client_keys=str(folder / "authorized"),
            sftp_factory=jailed,
        )

    accepting = asyncio.run_coroutine_threadsafe(listen(), loop).result(timeout=30)
    url = f"ssh://team@127.0.0.1:{accepting.get_port()}/door"
    yield Server(folder / "served", url, folder / "key")
    loop.call_soon_threadsafe(accepting.close)
    loop.call_soon_threadsafe(loop.stop)


@dataclass(frozen=True)
class Colleagues:
    """Two clones of one project, and what they share."""

    anna: Workspace
    ben: Workspace
    remote: Path


@pytest.fixture(scope="module")
def colleagues(tmp_path_factory: pytest.TempPathFactory) -> Colleagues:
    """Anna has added a data set, prepared it, and pushed all; Ben has cloned."""
    folder = tmp_path_factory.mktemp("colleagues")
    anna = workspace.copy(folder / "anna", folder / "key.pem", ROOT / "tests/smoke/params.yaml")
    anna.set({"tasks.motion.corpus": CORPUS})
    origin = str(folder / "origin.git")
    anna.must("git", "init", "--quiet", "--bare", "--initial-branch=main", origin)
    anna.must("git", "remote", "add", "origin", origin)
    anna.must("dvc", "remote", "add", "--quiet", "--default", "team", str(folder / "remote"))
    anna.must("dvc", "remote", "modify", "--quiet", "team", "verify", "true")
    motion(anna.root / CORPUS)
    anna.must("dvc", "add", "--quiet", CORPUS)
    anna.must("dvc", "repro", "--quiet", "prepare@motion")
    committed(anna, "A data set")
    anna.must("git", "push", "--quiet", "origin", "main")
    anna.must("dvc", "push", "--quiet", "prepare@motion", f"{CORPUS}.dvc")
    anna.must("git", "clone", "--quiet", origin, str(folder / "ben"))
    return Colleagues(anna, Workspace(folder / "ben", anna.environment), folder / "remote")


def committed(clone: Workspace, message: str) -> None:
    clone.must("git", "add", "--all")
    clone.must("git", "commit", "--quiet", f"--message={message}")


def digests(clone: Workspace) -> dict[str, str]:
    """Of all that `prepare` wrote, data and figures."""
    root = clone.root
    paths = [*(root / PREPARED).iterdir(), root / "metrics/motion/prepare.json"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def test_a_colleague_gets_the_same_bytes_and_sends_more(colleagues: Colleagues) -> None:
    anna, ben = colleagues.anna, colleagues.ben
    ben.must("dvc", "pull", "--quiet", f"{CORPUS}.dvc")
    assert "Running stage 'prepare@motion'" in ben.must("dvc", "repro", "prepare@motion")
    assert digests(ben) == digests(anna) and len(digests(ben)) == 7  # .gitignore among them
    assert ben.must("git", "status", "--porcelain") == ""  # nor does dvc.lock change

    table = (ben.root / CORPUS / "traces.csv").read_text().splitlines()
    more = [row.replace("h0,", "h8,", 1).replace(",5", ",6") for row in table if "h0," in row]
    (ben.root / CORPUS / "more.csv").write_text("\n".join([table[0], *more]) + "\n")
    ben.must("dvc", "add", "--quiet", CORPUS)
    ben.must("dvc", "repro", "--quiet", "prepare@motion")
    committed(ben, "A ninth home")
    ben.must("dvc", "push", "--quiet", "prepare@motion", f"{CORPUS}.dvc")
    ben.must("git", "push", "--quiet", "origin", "main")

    anna.must("git", "pull", "--quiet", "origin", "main")
    anna.must("dvc", "pull", "--quiet", f"{CORPUS}.dvc")
    anna.must("dvc", "repro", "--quiet", "prepare@motion")
    assert digests(anna) == digests(ben)
    assert anna.must("git", "status", "--porcelain") == ""
    said = anna.must("dvc", "metrics", "diff", "HEAD~1", "--md")
    row = next(line for line in said.splitlines() if "| n.train " in line)
    assert [cell.strip() for cell in row.split("|")[3:6]] == ["24", "36", "12"]


def test_what_was_changed_in_the_remote_is_refused(colleagues: Colleagues, tmp_path: Path) -> None:
    """With `verify`, which docs/data.md asks for."""
    third = Workspace(tmp_path / "third", colleagues.anna.environment)
    origin = colleagues.remote.parent / "origin.git"
    colleagues.anna.must("git", "clone", "--quiet", str(origin), str(third.root))
    kept = {}
    for path in colleagues.remote.rglob("*"):
        if path.is_file() and path.suffix != ".dir":
            kept[path] = path.read_bytes()
            path.chmod(0o644)
            path.write_bytes(kept[path] + b" ")
    assert third.run("dvc", "pull", "--quiet", f"{CORPUS}.dvc").returncode != 0
    assert not (third.root / CORPUS / "traces.csv").exists()
    for path, content in kept.items():
        path.write_bytes(content)


def test_a_server_over_ssh_holds_the_data_as_well(
    colleagues: Colleagues, server: Server, tmp_path: Path
) -> None:
    anna = colleagues.anna
    fourth = Workspace(tmp_path / "fourth", anna.environment)
    origin = colleagues.remote.parent / "origin.git"
    anna.must("git", "clone", "--quiet", str(origin), str(fourth.root))
    for clone in (anna, fourth):
        clone.must("dvc", "remote", "add", "--quiet", "--local", "server", server.url)
        keyfile = ("server", "keyfile", str(server.key))
        clone.must("dvc", "remote", "modify", "--quiet", "--local", *keyfile)
    anna.must("dvc", "push", "--quiet", "--remote", "server", f"{CORPUS}.dvc")
    assert any((server.folder / "door").rglob("*.dir"))
    fourth.must("dvc", "pull", "--quiet", "--remote", "server", f"{CORPUS}.dvc")
    for path in (anna.root / CORPUS).iterdir():
        assert (fourth.root / CORPUS / path.name).read_bytes() == path.read_bytes()
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    stranger.write_private_key(str(tmp_path / "stranger"))
    keyfile = ("server", "keyfile", str(tmp_path / "stranger"))
    fourth.must("dvc", "remote", "modify", "--quiet", "--local", *keyfile)
    refused = fourth.run("dvc", "push", "--quiet", "--remote", "server", f"{CORPUS}.dvc")
    assert refused.returncode != 0
    assert fourth.must("git", "status", "--porcelain") == ""
