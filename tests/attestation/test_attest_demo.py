"""``attest demo`` on a release: what it proves, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from palisade.boot import images, key
from palisade.boot.failures import WrongImages
from palisade.commands.main import main
from palisade.release import layout
from tests.boot import making


def test_the_demo_attests_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = making.release(tmp_path / "release", "voice")
    assert main(["attest", "demo", str(release)]) == 20
    assert "there is no key at" in capsys.readouterr().err
    path = tmp_path / "image.pem"
    key.create(path)
    images.make(release, layout.beside(release, layout.IMAGES), private_key=path)
    assert main(["attest", "demo", str(release)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("SIMULATED: ") and "no hardware root of trust" in lines[0]
    statuses = [line.rpartition("status ")[2] for line in lines if line.startswith("refused, ")]
    assert statuses == ["65)", "44)", "72)"]
    assert main(["attest", "demo", str(release), "--task", "vision"]) == 1
    assert "it has voice" in capsys.readouterr().err
    (layout.beside(release, layout.IMAGES) / "voice.mcuboot.bin").unlink()
    assert main(["attest", "demo", str(release)]) == WrongImages.status
