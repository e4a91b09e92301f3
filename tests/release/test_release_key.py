"""Keys: who may read them, where they lie, and that none is ever replaced or shown."""

from __future__ import annotations

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from palisade.release import key
from palisade.release.failures import BadKey


def pem(private: object, password: bytes | None = None) -> bytes:
    """A private key of any kind in PEM."""
    how = serialization.BestAvailableEncryption(password) if password else None
    return private.private_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        how or serialization.NoEncryption(),
    )


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_a_new_key_is_p256_and_private_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "config" / "palisade" / "development-key.pem"
    old = os.umask(0)
    try:
        made = key.create(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert made.curve.name == "secp256r1"
    assert key.load_private(path).private_numbers() == made.private_numbers()
    assert list(path.parent.iterdir()) == [path]


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    key.create(path)
    before = path.read_bytes()
    with pytest.raises(BadKey, match="already"):
        key.create(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_makers_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"

    def attempt(_: int) -> bytes | None:
        try:
            return key.fingerprint(key.create(path).public_key()).encode()
        except BadKey:
            return None

    with ThreadPoolExecutor(8) as pool:
        winners = [made for made in pool.map(attempt, range(8)) if made]
    assert winners == [key.fingerprint(key.load_private(path).public_key()).encode()]


def test_no_key_is_made_in_the_checkout(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="inside the checkout"):
        key.create(tmp_path / "sub" / "key.pem", checkout=tmp_path)
    (tmp_path / "link").symlink_to(tmp_path.parent)
    with pytest.raises(BadKey, match="inside the checkout"):
        key.create(tmp_path / "link" / tmp_path.name / "key.pem", checkout=tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "link"]


def test_the_default_checkout_is_this_project() -> None:
    with pytest.raises(BadKey, match="inside the checkout"):
        key.create(Path(__file__).parent / "key.pem")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o601, 0o610])
def test_a_key_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.pem"
    key.create(path)
    path.chmod(mode)
    with pytest.raises(BadKey, match="other users"):
        key.load_private(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nrubbish\n", "not a private key"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "P-256"),
        (pem(ec.generate_private_key(ec.SECP521R1())), "P-256"),
        (pem(ec.generate_private_key(ec.SECP256R1()), b"secret"), "not a private key"),
        (key.public_pem(ec.generate_private_key(ec.SECP256R1()).public_key()), "not a private"),
        (b"x" * (key.LARGEST_KEY_BYTES + 1), "larger than"),
    ],
    ids=["empty", "rubbish", "ed25519", "p521", "encrypted", "public", "huge"],
)
def test_what_is_no_usable_private_key_is_refused(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(BadKey, match=reason):
        key.load_private(write(tmp_path / "key.pem", content))


def test_p384_is_accepted(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    assert key.load_private(write(tmp_path / "k", pem(private))).curve.name == "secp384r1"


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match=r"no key at .*absent.*python -m palisade keys new"):
        key.load_private(tmp_path / "absent.pem")


def test_a_pipe_is_no_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadKey, match="plain file"):
        key.load_private(tmp_path / "pipe")


@pytest.mark.parametrize("content", [b"", b"rubbish", pem(ed25519.Ed25519PrivateKey.generate())])
def test_what_is_no_public_key_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadKey, match="not a public key"):
        key.load_public(write(tmp_path / "key.pub.pem", content))


def test_a_refused_key_is_not_quoted(tmp_path: Path) -> None:
    private = pem(ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(BadKey) as caught:
        key.load_private(write(tmp_path / "key.pem", private))
    with pytest.raises(BadKey) as mistaken:
        key.load_public(tmp_path / "key.pem")
    for error in (caught.value, mistaken.value):
        assert private.decode().splitlines()[1] not in repr((error, error.__cause__))


def test_the_fingerprint_is_sha256_of_the_der(tmp_path: Path) -> None:
    public = key.create(tmp_path / "key.pem").public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert key.fingerprint(public) == "sha256:" + hashlib.sha256(der).hexdigest()


def test_where_the_key_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv(key.VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert key.location() == Path("/home/someone/.config/palisade/development-key.pem")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # the specification says: ignore it
    assert key.location() == Path("/home/someone/.config/palisade/development-key.pem")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/mine")
    assert key.location() == Path("/etc/mine/palisade/development-key.pem")
    monkeypatch.setenv(key.VARIABLE, "/keys/a.pem")
    assert key.location() == Path("/keys/a.pem")
    monkeypatch.setenv(key.VARIABLE, "a.pem")
    with pytest.raises(BadKey, match="absolute"):
        key.location()
