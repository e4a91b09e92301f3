"""What calibration's log is in these tests."""

from __future__ import annotations

import pytest

from palisade.monitoring.reading import Log
from tests.monitoring import field


@pytest.fixture(scope="session")
def known() -> Log:
    return field.logged(field.judgement(600, 1), field.KNOWN)
