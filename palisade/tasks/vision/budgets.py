"""The battery's budgets: Linf of a pixel."""

from __future__ import annotations

from pydantic import Field, model_validator

from palisade.attacks.grid import Grid

FULL_SCALE = 255.0


class Budgets(Grid):
    """The battery's budgets."""

    budgets_linf: list[float] = Field(min_length=2, description="changes attacked at")
    reference_linf: float = Field(description="the change of the headline figure, one of the list")

    @model_validator(mode="after")
    def _has_reference(self) -> Budgets:
        if self.reference_linf not in self.budgets_linf:
            raise ValueError("reference_linf must be one of budgets_linf")
        if len({self.name(budget) for budget in self.budgets_linf}) < len(self.budgets_linf):
            raise ValueError("budgets_linf must not repeat a value, to a tenth of 1/255")
        return self

    @property
    def budgets(self) -> list[float]:
        """``budgets_linf``, weakest (smallest) first."""
        return sorted(self.budgets_linf)

    @property
    def reference(self) -> float:
        """``reference_linf``."""
        return self.reference_linf

    def name(self, budget: float) -> str:
        """``linf_4_255``; a dot would split the name in DVC's tables."""
        return f"linf_{round(budget * FULL_SCALE, 1):g}_255".replace(".", "_")
