"""``make release`` in a real checkout with a real pipeline; and that no secret leaves its place."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import os
import pty
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from model_signing import hashing, verifying
from ruamel.yaml import YAML

from palisade.boot import key as image_key
from palisade.release import checkout, failures, key, keyless
from palisade.release.images import Images
from palisade.release.verify import verify
from tests.release.conftest import Project
from tests.release.made import audit, statement

ROOT = Path(__file__).parents[2]
SEAL = base64.urlsafe_b64encode(b"what no one may see").decode().rstrip("=")
PASSWORD, REQUEST_TOKEN = "remote-pa55word-7f3e", "job-t0ken-91c2"
REMOTE = f"https://someone:{PASSWORD}@git.example.org/team/door.git"
MODES = ("key", "keyless-ambient", "keyless-interactive")


def jwt() -> str:
    now = int(time.time())
    claims = {"aud": "sigstore", "sub": "ci", "iss": "https://ci", "iat": now, "exp": now + 999}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"{text}.{SEAL}"


@dataclass(frozen=True)
class Checkout:
    """A git checkout with a pipeline that has run, all committed."""

    root: Path
    environment: dict[str, str]

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment | more,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def must(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def release(self, output: Path, *options: str, **more: str) -> tuple[int, str]:
        python = (sys.executable, "-m", "palisade", "release", "--output", str(output))
        done = self.run(*python, *options, **more)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    base = tmp_path_factory.mktemp("make")
    key.create(base / "secret/key.pem")
    image_key.create(base / "secret/image.pem")
    project = Project(base / "project")
    project.root.mkdir()
    project.write("voice")
    (project.root / "stages").mkdir()
    shutil.copy(ROOT / "stages/package.py", project.root / "stages")
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in {"NAME": "Palisade", "EMAIL": "palisade@example.org"}.items()
    }
    ci = {name: "" for name in os.environ if name.startswith(("GITHUB_", "ACTIONS_", "CI"))}
    environment = os.environ | identity | ci | {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        key.VARIABLE: str(base / "secret/key.pem"),
        image_key.VARIABLE: str(base / "secret/image.pem"),
    }  # fmt: skip
    made = Checkout(project.root, environment)
    made.must("git", "init", "--quiet", "--initial-branch=main")
    made.must("git", "remote", "add", "origin", REMOTE)
    made.must("dvc", "init", "--quiet")
    (base / "log").write_text(made.must("dvc", "repro", "--verbose"))
    audit(project, "voice")
    made.must("git", "add", "--all")
    made.must("git", "commit", "--quiet", "--message=All of it")
    return made


@pytest.fixture
def project_checkout(template: Checkout, tmp_path: Path) -> Checkout:
    shutil.copytree(template.root, tmp_path / "project", symlinks=True)
    return Checkout(tmp_path / "project", template.environment)


def test_a_release_says_what_it_was_made_from(template: Checkout, tmp_path: Path) -> None:
    status, said = template.release(tmp_path / "dist")
    assert status == 0, said
    release = tmp_path / "dist/release"
    commit = template.must("git", "rev-parse", "HEAD").strip()
    verdict = verify(release)
    assert verdict.commit == commit
    private = image_key.load_private(Path(template.environment[image_key.VARIABLE]))
    assert verdict.images == Images(
        ("voice",), key.fingerprint(private.public_key()), None, "development"
    )
    made = statement(tmp_path / "dist/release.provenance.sigstore.json")
    sources = {
        one["name"]: one for one in made["predicate"]["buildDefinition"]["resolvedDependencies"]
    }
    assert sources["source"] == {
        "name": "source",
        "digest": {"gitCommit": commit},
        "uri": "git+https://git.example.org/team/door",
    }
    lock = YAML(typ="safe").load(template.root / "dvc.lock")
    del lock["stages"]["sign"]
    text = json.dumps(lock, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sources["dvc.lock"]["digest"] == {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert made["predicate"]["runDetails"]["byproducts"][0]["digest"] == {
        "dvcMd5": lock["stages"]["package"]["outs"][0]["md5"]
    }
    digests = {one["name"]: one["digest"]["sha256"] for one in made["subject"]}
    assert set(digests) > {"images/image.pub.pem", "release/manifest.json"}
    for name in ("release/voice/model.tflite", "images/voice.mcuboot.bin", "audits/voice.json"):
        at = tmp_path / "dist" / name.replace("images/", "release.images/")
        content = Path(str(at).replace("dist/audits/", "dist/release.audits/")).read_bytes()
        assert digests[name] == hashlib.sha256(content).hexdigest()
    assert template.must("git", "status", "--porcelain") == ""
    # Another tool reads the signature too.
    config = hashing.Config().set_ignored_paths(paths=[], ignore_git_paths=False)
    verifying.Config().set_hashing_config(config).use_elliptic_key_verifier(
        public_key=tmp_path / "dist/release.pub.pem"
    ).verify(release, tmp_path / "dist/release.sigstore.json")


def test_made_again_it_states_the_same_and_replaces_the_first(
    template: Checkout, tmp_path: Path
) -> None:
    assert template.release(tmp_path / "dist")[0] == 0
    file = tmp_path / "dist/release.provenance.sigstore.json"
    first = statement(file), file.read_bytes()
    assert "images/voice.mcuboot.bin" in {one["name"] for one in first[0]["subject"]}
    (tmp_path / "dist/release/stale").write_text("x")
    assert template.release(tmp_path / "dist")[0] == 0
    assert statement(file) == first[0] and file.read_bytes() != first[1]
    assert not (tmp_path / "dist/release/stale").exists()
    (tmp_path / "dist/mine.txt").write_text("x")
    status, said = template.release(tmp_path / "dist")
    assert status == 1 and "mine.txt, which is no part of a release" in said
    assert (tmp_path / "dist/mine.txt").exists()


@pytest.mark.parametrize("name", ["new.txt", "params.yaml"])
def test_a_checkout_with_changes_is_not_released(
    project_checkout: Checkout, tmp_path: Path, name: str
) -> None:
    with (project_checkout.root / name).open("a") as stream:
        stream.write("\n")
    status, said = project_checkout.release(tmp_path / "dist")
    assert status == failures.NotClean.status and said.count("\n") == 1
    assert f"the checkout has changes ({name})" in said
    assert not (tmp_path / "dist").exists()


def test_a_pipeline_that_is_not_up_to_date_is_not_released(
    project_checkout: Checkout, tmp_path: Path
) -> None:
    (project_checkout.root / "models/voice/model.tflite").write_bytes(b"another")
    project_checkout.must("git", "commit", "--quiet", "--all", "--message=Another model")
    status, said = project_checkout.release(tmp_path / "dist")
    assert status == failures.NotClean.status and said.count("\n") == 1
    assert "the pipeline is not up to date (package" in said
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("mode", MODES[1:])
def test_no_mode_falls_back_on_another_or_asks_without_a_terminal(
    template: Checkout, tmp_path: Path, mode: str
) -> None:
    status, said = template.release(tmp_path / "dist", "--mode", mode)
    assert status == failures.NoIdentity.status and said.count("\n") == 1
    assert "none is chosen for you" in said
    assert not (tmp_path / "dist").exists()


def test_a_person_is_warned_and_may_refuse(template: Checkout, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"no\n")
    arguments = ("--mode", "keyless-interactive", "--output", str(tmp_path / "dist"))
    done = subprocess.run(
        [sys.executable, "-m", "palisade", "release", *arguments],
        cwd=template.root,
        env=template.environment,
        stdin=theirs,
        stderr=theirs,
        check=False,
    )
    said = os.read(ours, 10_000).decode().replace("\r\n", "\n")
    os.close(ours)
    os.close(theirs)
    assert done.returncode == failures.NoIdentity.status
    assert keyless.WARNING in said and "you did not agree" in said
    assert not (tmp_path / "dist").exists()


def test_a_key_that_is_missing_or_open_to_others(template: Checkout, tmp_path: Path) -> None:
    for name in (key.VARIABLE, image_key.VARIABLE):
        status, said = template.release(tmp_path / "dist", **{name: str(tmp_path / "none")})
        assert status == failures.BadKey.status and said.count("\n") == 1
        assert "python -m palisade keys new" in said
        assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(
    ("remote", "public"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://me:secret@host:8443/a/b", "https://host:8443/a/b"),
        ("https://token@host/a?access=secret#x", "https://host/a"),
        ("git@github.com:a/b.git", "ssh://github.com/a/b"),
        ("ssh://git@host:22/a", "ssh://host:22/a"),
        ("/home/me/repository", None),
        ("file:///home/me/repository", None),
        ("../door", None),
        ("", None),
    ],
)
def test_a_remote_is_named_without_what_only_its_owner_knows(
    remote: str, public: str | None
) -> None:
    assert checkout.public_uri(remote) == public


class Hostile(http.server.BaseHTTPRequestHandler):
    """A token endpoint; and a service that refuses, and says back all that it was told."""

    def do_GET(self) -> None:
        self._say(200, json.dumps({"value": jwt()}))

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = self.headers["Authorization"]
        self._say(400, json.dumps({"message": f"{told} {said}"}), reason=told)

    def _say(self, status: int, text: str, reason: str | None = None) -> None:
        self.send_response(status, reason)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Its address, and a description of it as a Sigstore instance."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    valid = {"start": "2020-01-01T00:00:00Z"}
    service = {"url": url, "majorApiVersion": 1, "validFor": valid, "operator": "hostile"}
    media = "application/vnd.dev.sigstore"
    described = {
        "mediaType": f"{media}.clienttrustconfig.v0.1+json",
        "trustedRoot": {
            "mediaType": f"{media}.trustedroot+json;version=0.1",
            "tlogs": [],
            "certificateAuthorities": [],
            "ctlogs": [],
            "timestampAuthorities": [],
        },
        "signingConfig": {
            "mediaType": f"{media}.signingconfig.v0.2+json",
            "caUrls": [service],
            "oidcUrls": [service],
            "rekorTlogUrls": [service],
            "tsaUrls": [],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaConfig": {"selector": "ANY"},
        },
    }
    (tmp_path / "instance.json").write_text(json.dumps(described))
    yield url, tmp_path / "instance.json"
    server.shutdown()
    server.server_close()


def secrets(environment: dict[str, str]) -> list[bytes]:
    """What must be nowhere: both keys in every form, the tokens, the remote's password."""
    files = [Path(environment[name]) for name in (key.VARIABLE, image_key.VARIABLE)]
    number = key.load_private(files[0]).private_numbers().private_value
    found = [line for file in files for line in file.read_bytes().splitlines()[1:-1]]
    for raw in (number.to_bytes(32, "big"), image_key.load_private(files[1]).private_bytes_raw()):
        number = int.from_bytes(raw, "big")
        found += [raw, raw.hex().encode(), str(number).encode(), base64.b64encode(raw)]
    return found + [token.encode() for token in (PASSWORD, REQUEST_TOKEN, SEAL)]


def test_no_secret_leaves_its_place(
    project_checkout: Checkout, template: Checkout, tmp_path: Path, hostile: tuple[str, Path]
) -> None:
    """Signed by the pipeline and in two modes, with every secret in its place and services that
    say back what they are told; then all that was said, committed, cached or made is searched."""
    url, instance = hostile
    ci = {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/token?x=1",
    }
    said = [(template.root.parent / "log").read_text()]
    said.append(project_checkout.release(tmp_path / "dist")[1])
    options = ("--mode", "keyless-ambient", "--instance", str(instance))
    status, refusal = project_checkout.release(tmp_path / "never", *options, **ci)
    assert status == failures.SigningFailed.status and refusal.count("\n") == 1
    assert "[token]" in refusal  # it was said back, and taken out
    said.append(refusal)
    for name in (key.VARIABLE, image_key.VARIABLE):
        spoilt = tmp_path / "spoilt.pem"
        content = Path(project_checkout.environment[name]).read_bytes()
        spoilt.write_bytes(content.replace(b"END", b"FIN"))
        spoilt.chmod(0o600)
        status, refusal = project_checkout.release(tmp_path / "never", **{name: str(spoilt)})
        assert status == failures.BadKey.status and refusal.count("\n") == 1
        said.append(refusal)
    objects = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch"],
        cwd=project_checkout.root,
        capture_output=True,
        check=True,
    ).stdout
    places = {"what was said": "\n".join(said).encode(), "git": objects}
    for folder in (project_checkout.root, tmp_path / "dist"):
        for path in folder.rglob("*"):
            if path.is_file() and path != project_checkout.root / ".git/config":  # the remote
                places[str(path)] = path.read_bytes()
    assert any(".dvc/cache" in place for place in places) and not (tmp_path / "never").exists()
    assert any("release.images/voice.mcuboot.bin" in place for place in places)
    hidden = secrets(project_checkout.environment)
    assert [(place, one) for place, text in places.items() for one in hidden if one in text] == []
    # The search does find what is there.
    for name in (key.VARIABLE, image_key.VARIABLE):
        kept = Path(project_checkout.environment[name]).read_bytes()
        assert any(one in kept for one in hidden)
    assert PASSWORD.encode() in (project_checkout.root / ".git/config").read_bytes()
