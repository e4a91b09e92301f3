"""How long inference takes on a board and what energy it takes: estimates, as ranges.

Latency is multiply-accumulates times cycles each, plus the guard's and front end's instructions
times cycles each, over the clock. How many cycles a multiply-accumulate takes depends on the
stack that runs the model; the published logs of MLPerf Tiny, closed division, give two ranges a
board. They are geometric means over its four models (anomaly detection 0.264, keyword spotting
2.657, visual wake words 7.490, image classification 12.502 million multiply-accumulates) and the
factor that each log lies within:

    X-CUBE-AI, the fastest stack: STMicroelectronics' logs of round 1.2 (NUCLEO-L4R5ZI,
    NUCLEO-U575ZI-Q, NUCLEO-H7A3ZI-Q), within 1.35.
    All stacks submitted for these boards, microTVM and CMSIS-NN among them (OctoML's logs of
    round 1.0), within 2.

Power is that of the same boards in the energy logs.

References:
    Banbury et al., MLPerf Tiny Benchmark, NeurIPS Datasets and Benchmarks 2021, arXiv:2106.07597;
    github.com/mlcommons/tiny_results_v1.0, tiny_results_v1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

# Of compiled C from flash with a prefetch buffer, between one for arithmetic on registers and
# two and more for loads and branches; an emulator counts instructions alone.
CYCLES_AN_INSTRUCTION = 1.3
FASTEST, ALL = "X-CUBE-AI", "all stacks"
WITHIN = {FASTEST: 1.35, ALL: 2.0}


@dataclass(frozen=True)
class Board:
    """A microcontroller on its maker's board.

    Attributes:
        name, core: as the maker calls them.
        clock_mhz: of the logs.
        cycles_a_mac: by stack.
        power_mw: lowest and highest while it infers.
    """

    name: str
    core: str
    clock_mhz: float
    cycles_a_mac: dict[str, float]
    power_mw: tuple[float, float]


M4 = Board("STM32L4R5", "Cortex-M4", 120.0, {FASTEST: 1.8, ALL: 3.0}, (33.0, 78.0))
BOARDS = (
    M4,
    Board("STM32U575", "Cortex-M33", 160.0, {FASTEST: 1.6, ALL: 2.2}, (23.0, 27.0)),
    Board("STM32H7A3", "Cortex-M7", 280.0, {FASTEST: 1.05, ALL: 1.4}, (122.0, 166.0)),
)


@dataclass(frozen=True)
class Range:
    """An estimate between two bounds."""

    low: float
    high: float

    def rounded(self) -> dict[str, float]:
        """Both to three figures: more would claim what is not known."""
        return {"low": float(f"{self.low:.3g}"), "high": float(f"{self.high:.3g}")}


def latency_ms(board: Board, stack: str, macs: int, instructions: float) -> Range:
    """Of the model on one stack and of so many instructions beside it."""
    mid = macs * board.cycles_a_mac[stack]
    beside = instructions * CYCLES_AN_INSTRUCTION
    cycles_a_ms = board.clock_mhz * 1000
    within = WITHIN[stack]
    return Range((mid / within + beside) / cycles_a_ms, (mid * within + beside) / cycles_a_ms)


def energy_uj(board: Board, latency: Range) -> Range:
    """Power times time, in microjoule: mW times ms."""
    lowest, highest = board.power_mw
    return Range(latency.low * lowest, latency.high * highest)


def over_stacks(board: Board, macs: int, instructions: float) -> Range:
    """From the fastest stack's lower bound to the upper bound of all."""
    ranges = [latency_ms(board, stack, macs, instructions) for stack in (FASTEST, ALL)]
    return Range(min(one.low for one in ranges), max(one.high for one in ranges))


def share_of_model(macs: int, instructions: float) -> float:
    """Cycles beside the model, over the model's own on the fastest stack of the Cortex-M4."""
    return instructions * CYCLES_AN_INSTRUCTION / (macs * M4.cycles_a_mac[FASTEST])
