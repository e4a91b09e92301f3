"""A room's response and what it does to a sound."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.tasks.voice.distortion import rooms
from palisade.tasks.voice.distortion.signals import rms

RATE_HZ = 16000


def test_room_decays_by_60_db_in_its_time_and_holds_its_energy_ratio() -> None:
    responses = [
        rooms.room_response(400.0, 3.0, RATE_HZ, np.random.default_rng(n)) for n in range(40)
    ]
    energy = np.mean([response.astype(np.float64) ** 2 for response in responses], axis=0)
    assert energy[0] == pytest.approx(1.0)
    assert -10 * np.log10(energy[1:].sum()) == pytest.approx(3.0, abs=0.1)
    early, late = energy[1:641].mean(), energy[-640:].mean()
    # 40 ms at each end of 400 ms: 360 ms apart, nine tenths of 60 dB.
    assert 10 * np.log10(early / late) == pytest.approx(54.0, abs=1.5)


def test_reverberation_keeps_the_level_and_lengthens_the_sound() -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[1000:1100] = 0.5
    wet = rooms.reverberate(
        click, rooms.room_response(300.0, 0.0, RATE_HZ, np.random.default_rng(0))
    )
    assert rms(wet) == pytest.approx(rms(click), rel=1e-4)
    assert rms(wet[2000:4000]) > 0.005
    assert np.abs(wet[:1000]).max() < 1e-6, "nothing is heard before it sounds"
