"""The battery's budgets: SNR in dB."""

from __future__ import annotations

from pydantic import Field, model_validator

from palisade.attacks.grid import Grid


class Budgets(Grid):
    """The battery's budgets."""

    budgets_snr_db: list[float] = Field(min_length=2, description="SNRs attacked at")
    reference_snr_db: float = Field(description="the SNR of the headline figure, one of the list")

    @model_validator(mode="after")
    def _has_reference(self) -> Budgets:
        if self.reference_snr_db not in self.budgets_snr_db:
            raise ValueError("reference_snr_db must be one of budgets_snr_db")
        if len(set(self.budgets_snr_db)) < len(self.budgets_snr_db):
            raise ValueError("budgets_snr_db must not repeat a value")
        return self

    @property
    def budgets(self) -> list[float]:
        """``budgets_snr_db``, weakest (largest) first."""
        return sorted(self.budgets_snr_db, reverse=True)

    @property
    def reference(self) -> float:
        """``reference_snr_db``."""
        return self.reference_snr_db

    def name(self, budget: float) -> str:
        """``snr_30db``; a dot would split the name in DVC's tables."""
        return f"snr_{budget:g}db".replace(".", "_")
