"""Published runs lie within the ranges that are given for their boards."""

from __future__ import annotations

import pytest

from palisade.cost import boards

MACS = {"ad": 264_000, "kws": 2_657_000, "vww": 7_490_000, "ic": 12_502_000}
# Milliseconds in STMicroelectronics' logs of MLPerf Tiny, closed division.
PUBLISHED_MS = {
    "STM32L4R5": {"ad": 5.3, "kws": 43.0, "vww": 89.0, "ic": 165.0},
    "STM32U575": {"ad": 3.4, "kws": 29.0, "vww": 59.0, "ic": 111.0},
    "STM32H7A3": {"ad": 1.2, "kws": 11.0, "vww": 24.0, "ic": 41.0},
}
PUBLISHED_KWS_UJ = {"STM32L4R5": 1820.0, "STM32U575": 660.0, "STM32H7A3": 1380.0}


@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.name)
def test_every_published_log_lies_within_the_range(board: boards.Board) -> None:
    for model, ms in PUBLISHED_MS[board.name].items():
        found = boards.latency_ms(board, boards.FASTEST, MACS[model], 0)
        assert found.low <= ms <= found.high
        assert found.high / found.low < 2
        either = boards.over_stacks(board, MACS[model], 0)
        assert either.low <= found.low and found.high < either.high


@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.name)
def test_the_published_energy_of_keyword_spotting_lies_within_the_range(
    board: boards.Board,
) -> None:
    latency = boards.latency_ms(board, boards.FASTEST, MACS["kws"], 0)
    found = boards.energy_uj(board, latency)
    assert found.low <= PUBLISHED_KWS_UJ[board.name] <= found.high


def test_a_slower_stack_lies_within_the_range_of_all() -> None:
    found = boards.latency_ms(boards.M4, boards.ALL, MACS["kws"], 0)
    assert found.low <= 99.8 <= found.high  # OctoML's microTVM with CMSIS-NN, round 1.0


def test_instructions_beside_the_model_take_their_cycles() -> None:
    without = boards.over_stacks(boards.M4, 1_000_000, 0)
    beside = boards.over_stacks(boards.M4, 1_000_000, 120_000)
    assert beside.low - without.low == pytest.approx(1.3)
    assert beside.high - without.high == pytest.approx(1.3)
    assert boards.share_of_model(1_000_000, 120_000) == pytest.approx(0.12 * 1.3 / 1.8)


def test_no_more_figures_are_told_than_are_known() -> None:
    assert boards.Range(12.3456, 98765.0).rounded() == {"low": 12.3, "high": 98800.0}
