"""Greys of materials, as the eye and as an infrared camera sees them.

In the near infrared, dyes of cloth hardly absorb (black cotton can look white), leaves reflect
most of the light, and skins of all tones look alike and pale (Anderson and Parrish, The optics
of human skin, J. Invest. Dermatol. 77, 1981; Knipling, Remote Sens. Environ. 1, 1970).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Reflectances, 0 to 1, of materials whose grey by day is given."""

    infrared: bool

    def cloth(self, tone: float) -> float:
        """Cloth: nearly the reverse in infrared."""
        return 0.86 - 0.6 * tone if self.infrared else tone

    def skin(self, tone: float) -> float:
        """Skin: pale in infrared."""
        return 0.68 + 0.15 * tone if self.infrared else tone

    def hair(self, tone: float) -> float:
        """Hair: somewhat paler in infrared."""
        return 0.25 + 0.5 * tone if self.infrared else tone

    def leaf(self, tone: float) -> float:
        """Leaves and grass: bright in infrared."""
        return 0.5 + 0.6 * tone if self.infrared else tone

    def hard(self, tone: float) -> float:
        """Stone, wood, metal, cardboard: much the same."""
        return tone

    @property
    def eye(self) -> float:
        """An eye: dark, but in infrared it sends the lamp's light back."""
        return 1.0 if self.infrared else 0.08
