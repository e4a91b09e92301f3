"""The command line itself: help, wrong arguments, exit statuses."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from palisade.attestation import failures as attestation_failures
from palisade.boot import failures as boot_failures
from palisade.commands import keys
from palisade.commands.main import main
from palisade.commands.table import COMMANDS, GROUPS
from palisade.errors import PalisadeError
from palisade.refusal import Refusal
from palisade.release import failures

ROOT = Path(__file__).parents[1]


def helped(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    text = helped(capsys)
    for command in COMMANDS:
        assert command.words[0] in text
    assert "exit status:\n  0   success\n  1   any other failure\n  2   wrong arguments" in text


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.words))
def test_each_command_documents_itself(command: object, capsys: pytest.CaptureFixture[str]) -> None:
    text = helped(capsys, *command.words)  # type: ignore[attr-defined]
    for status, meaning in command.statuses.items():  # type: ignore[attr-defined]
        assert f"  {status:<3} {meaning}" in text
    assert callable(importlib.import_module(command.action).run)  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= 100


def test_verify_documents_every_status_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    text = helped(capsys, "verify")
    for kind in (*failures.kinds(), *boot_failures.of_images()):
        assert f"{kind.status}  {kind.meaning}" in text
    options = "policy FILE", "signature FILE", "public-key FILE", "provenance FILE", "release-gate"
    for option in ("RELEASE", *(f"--{option}" for option in options)):
        assert option in text


def test_every_reason_has_one_status_in_its_own_range_and_a_command_that_documents_it() -> None:
    ranges = {
        range(10, 40): {*failures.kinds(), *failures.OF_SIGNING},
        range(40, 60): set(boot_failures.kinds()),
        range(60, 80): set(attestation_failures.kinds()),
    }
    kinds = [kind for some in ranges.values() for kind in some]
    assert len({kind.status for kind in kinds}) == len(kinds)
    assert len({kind.meaning for kind in kinds}) == len(kinds)
    assert all(kind.status in numbers for numbers, some in ranges.items() for kind in some)
    assert all(issubclass(kind, Refusal) for kind in kinds)
    said = {pair for command in COMMANDS for pair in command.statuses.items()}
    assert {(kind.status, kind.meaning) for kind in kinds} <= said
    meant = {kind.status: kind.meaning for kind in kinds}
    for status, meaning in said:  # no other command uses one of these for something else
        assert meaning.startswith(meant[status]) if status < 80 else status < 126


def test_a_group_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(GROUPS) == {c.words[0] for c in COMMANDS if len(c.words) == 2}
    assert "make a development key" in helped(capsys, "keys")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "required: COMMAND"),
        (["nonsense"], "nonsense"),
        (["keys"], "required: COMMAND"),
        (["keys", "old"], "old"),
        (["keys", "new", "extra"], "extra"),
        (["verify"], "required: RELEASE"),
        (["verify", "a", "b"], "b"),
        (["verify", "a", "--pol", "b"], "--pol"),
        (["verify", "a", "--policy"], "--policy"),
        (["verify", "a", "--policy", "b", "--public-key", "c"], "not allowed with"),
        (["release", "--mode", "keyless"], "invalid choice: 'keyless'"),
        (["comment"], "required: --base"),
        (["gate", "main"], "main"),
        (["synced", "--remote", "a", "--lock-only"], "not allowed with"),
        (["data"], "required: COMMAND"),
        (["data", "check"], "required: FOLDER"),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    captured = capsys.readouterr()
    assert ended.value.code == 2
    assert captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith("error: ") and reason in captured.err


@pytest.mark.parametrize(
    "words",
    [
        ["report"],
        ["gate"],
        ["monitor", "log.jsonl", "--task", "voice"],
        ["attack", "model.tflite", "--data", "pictures"],
    ],
    ids=lambda words: words[0],
)
def test_a_folder_is_never_replaced_by_a_file(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit) as ended:
        main([*words, "--output", str(tmp_path)])
    assert ended.value.code == 2 and "is a folder; name a file" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("raised", "status", "line"),
    [
        (PalisadeError("it broke", "mend it"), 1, "error: it broke: mend it\n"),
        (failures.BadKey("no", "yes"), 20, "error: no: yes\n"),
        (PermissionError(13, "Permission denied", "/x"), 1, "error: /x: Permission denied\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
    ],
)
def test_a_failure_is_one_line(
    raised: BaseException,
    status: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(arguments: object) -> None:
        raise raised

    monkeypatch.setattr(keys, "run", fail)
    assert main(["keys", "new"]) == status
    assert capsys.readouterr().err == line


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom palisade.commands.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pydantic', 'cryptography', 'model_signing', 'ruamel', 'tensorflow'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"
