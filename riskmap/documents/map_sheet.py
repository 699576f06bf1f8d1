"""The sheet that a map of a document is drawn on: which land lies where on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

WIDE = 520.0
"""Width of a map in points."""
LEAST_M = 700.0
"""A map is not narrower than that: what lies around must be seen to find the place."""
AROUND = 0.12
"""Room around what the map is about, as a share of it."""


@dataclass(frozen=True)
class Sheet:
    """A part of the land, and where it comes to lie on paper."""

    west: float
    north: float
    metres: float
    """Of one point on paper."""
    high: float

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], height: float) -> Sheet:
        """Lay the sheet around some land, in metres."""
        west, south, east, north = bounds
        wide = max((east - west) * (1 + 2 * AROUND), LEAST_M)
        tall = max((north - south) * (1 + 2 * AROUND), LEAST_M * height / WIDE)
        metres = max(wide / WIDE, tall / height)
        x, y = (west + east) / 2.0, (south + north) / 2.0
        return cls(x - metres * WIDE / 2.0, y + metres * height / 2.0, metres, height)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Place on paper."""
        return (x - self.west) / self.metres, (self.north - y) / self.metres

    @property
    def wide_m(self) -> float:
        """Width of the land."""
        return self.metres * WIDE

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return (
            self.west, self.north - self.high * self.metres, self.west + self.wide_m, self.north
        )  # fmt: skip

    def cut(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Keep what lies on the sheet, in no more detail than paper shows."""
        west, south, east, north = self.box
        rim = 8.0 * self.metres
        near = shapes[shapely.intersects(shapes, shapely.box(*self.box))]
        part = shapely.clip_by_rect(near, west - rim, south - rim, east + rim, north + rim)
        part = shapely.simplify(part, 0.35 * self.metres)
        return np.asarray(part[~shapely.is_empty(part)])

    def path(self, shapes: Any) -> str:  # noqa: ANN401  # geometries
        """Lines and outlines as the path of SVG."""
        return "".join(self._pieces(shapes))

    def _pieces(self, shapes: Any) -> Iterator[str]:  # noqa: ANN401  # geometries
        for part in shapely.get_parts(shapes):
            area = part.geom_type == "Polygon"
            rings = [part.exterior, *part.interiors] if area else [part]
            for ring in rings:
                if ring.geom_type not in ("LineString", "LinearRing"):
                    continue
                at = (self.at(x, y) for x, y in shapely.get_coordinates(ring))
                points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
                yield f"M{points}" + ("Z" if area else "")


def short(value: float) -> str:
    """A number of an SVG."""
    return f"{value:.1f}".removesuffix(".0")
