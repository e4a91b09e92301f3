"""How strong the battery is, and at which budgets it runs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from palisade import stage


class Sequences(stage.Params):
    """Events whose windows are judged in order of time."""

    events: int = Field(ge=1, description="test events, clean")
    attacked: int = Field(ge=0, description="of them, under attack at the reference budget")
    goals: list[str] = Field(description="labels that the attacker wants accepted; may be none")


class Grid(stage.Params):
    """Strength of the battery. A task adds its budgets, in its own unit."""

    steps: int = Field(ge=1, le=1000, description="gradients of an iterated attack")
    subset_examples: int = Field(
        ge=1, description="examples that every attack runs on, to compare attacks alone"
    )
    restarts: int = Field(
        ge=1,
        le=100,
        description="random starts of an example, at the reference budget",
    )
    targets: int = Field(
        ge=1, le=31, description="wrong classes that the targeted attack goes for, likeliest first"
    )
    queries: int = Field(
        ge=1, le=1000000, description="most inputs that Square asks the device about an example"
    )
    nes_queries: int = Field(
        ge=1,
        le=1000000,
        description="most inputs that NES asks the device about an example of the subset",
    )
    tree_queries: int = Field(
        ge=1, le=100000, description="most inputs that the companion tree is tried with an example"
    )
    sequences: Sequences

    @property
    def budgets(self) -> Sequence[float]:
        """Budgets, weakest first; the last is hopeless."""
        raise NotImplementedError

    @property
    def reference(self) -> float:
        """The budget that the headline figure is given at."""
        raise NotImplementedError

    def name(self, budget: float) -> str:
        """A budget's name in metrics: ``snr_30db``."""
        raise NotImplementedError
