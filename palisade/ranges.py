"""Params that are drawn from: two bounds, the lower one first."""

from __future__ import annotations

from typing import Annotated

from numpy.random import Generator
from pydantic import AfterValidator, Field


def _ascending(bounds: list[float]) -> list[float]:
    if bounds[0] > bounds[1]:
        raise ValueError("write the lower bound first")
    return bounds


_Two = Field(min_length=2, max_length=2)
Range = Annotated[list[float], _Two, AfterValidator(_ascending)]
PositiveRange = Annotated[list[Annotated[float, Field(gt=0)]], _Two, AfterValidator(_ascending)]


def between(bounds: list[float], draw: Generator) -> float:
    """A number drawn uniformly between two bounds."""
    return float(draw.uniform(bounds[0], bounds[1]))
