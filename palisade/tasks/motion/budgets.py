"""The battery's budgets: mg."""

from __future__ import annotations

from pydantic import Field, model_validator

from palisade.attacks.grid import Grid


class Budgets(Grid):
    """The battery's budgets."""

    budgets_mg: list[float] = Field(min_length=2, description="budgets attacked at")
    reference_mg: float = Field(description="the budget of the headline figure, one of the list")

    @model_validator(mode="after")
    def _has_reference(self) -> Budgets:
        if self.reference_mg not in self.budgets_mg:
            raise ValueError("reference_mg must be one of budgets_mg")
        if len(set(self.budgets_mg)) < len(self.budgets_mg):
            raise ValueError("budgets_mg must not repeat a value")
        if min(self.budgets_mg) <= 0:
            raise ValueError("budgets_mg must be above 0")
        return self

    @property
    def budgets(self) -> list[float]:
        """``budgets_mg``, weakest (smallest) first."""
        return sorted(self.budgets_mg)

    @property
    def reference(self) -> float:
        """``reference_mg``."""
        return self.reference_mg

    def name(self, budget: float) -> str:
        """``acc_50mg``; a dot would split the name in DVC's tables."""
        return f"acc_{budget:g}mg".replace(".", "_")
