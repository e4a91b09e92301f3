"""Where things appear: a pinhole camera that looks level over flat ground."""

from __future__ import annotations

from dataclasses import dataclass

from palisade.tasks.vision.synthesis.homes import Home


@dataclass(frozen=True)
class View:
    """A home's camera over a canvas.

    Attributes:
        extent_px: width and height of the canvas.
        focal_px: focal length.
        horizon_px: row of the horizon.
        camera_m: height of the lens over the ground.
    """

    extent_px: int
    focal_px: float
    horizon_px: float
    camera_m: float

    def scale(self, distance_m: float) -> float:
        """Pixels in a metre at a distance."""
        return self.focal_px / distance_m

    def row(self, distance_m: float, height_m: float = 0.0) -> float:
        """Row of a point so high over the ground at a distance."""
        return self.horizon_px + self.scale(distance_m) * (self.camera_m - height_m)

    def column(self, distance_m: float, right_m: float) -> float:
        """Column of a point so far to the right of the lens."""
        return self.extent_px / 2 + self.scale(distance_m) * right_m

    def distance(self, row: float) -> float:
        """Distance of the ground at a row below the horizon."""
        return self.focal_px * self.camera_m / max(row - self.horizon_px, 1e-3)


def of(home: Home, extent_px: int) -> View:
    """The view from a home's camera."""
    return View(extent_px, home.focal * extent_px, home.horizon * extent_px, home.camera_m)
