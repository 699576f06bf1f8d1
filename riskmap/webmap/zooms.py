"""What of an area's roads and background is in the tiles of each zoom, by class and size alone."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

FIRST = 4
"""Widest zoom of the tiles."""
ROADS = 12
"""Widest zoom with roads: from afar the browser draws them itself, from end to end."""
LAST = 14
"""Closest zoom of the tiles; nearer than that the browser enlarges them."""

_STEPS = 4096
"""Steps of a tile's own grid, on which every coordinate is set."""
_PIXELS = 512
"""Pixels of a tile on the screen."""
_EQUATOR_M = 40_075_016.7
_LEAST = 1.5
"""Steps that a line must span to survive the grid, half a step to spare."""
_LOOP = 32.0
"""Steps that a loop must span to be safe from the writer, which straightens lines by a few."""


def lengthened(lines: Shapes, zoom: int) -> Shapes:
    """
    Stretch what would collapse on the grid of a zoom about its middle, until it does not.

    A writer of tiles leaves out a line whose ends fall on one step, and with it the only red piece
    of a road. A small loop becomes a line across it.

    Parameters
    ----------
    lines
        Lines in WGS 84.
    zoom
        Widest zoom that they are drawn at.
    """
    box = shapely.bounds(lines)
    middle, across = (box[:, :2] + box[:, 2:]) / 2.0, box[:, 2:] - box[:, :2]
    ends = [shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]
    step = np.full(middle.shape, 360.0 / 2**zoom / _STEPS)
    step[:, 1] *= np.cos(np.radians(middle[:, 1]))
    apart = (np.abs(ends[1] - ends[0]) / step).max(axis=1)
    wide = (across / step).max(axis=1)
    short = np.flatnonzero((apart < _LEAST) & (wide < _LOOP))
    loop = wide[short] > 2 * apart[short]
    along = np.where(loop[:, None], across[short], (ends[1] - ends[0])[short])
    size = np.where(loop, wide[short], apart[short])
    along[size == 0] = [step[0, 0], 0.0]
    size[size == 0] = 1.0
    half = along * (np.maximum(size, _LEAST) / size / 2.0)[:, None]
    result = lines.copy()
    if len(short):
        stretched = np.stack([middle[short] - half, middle[short] + half], axis=1)
        result[short] = shapely.linestrings(stretched)
    return result


def pixel_m(latitude: float, zoom: int) -> float:
    """Metres on the ground that one pixel of a zoom shows."""
    return _EQUATOR_M * math.cos(math.radians(latitude)) / _PIXELS / 2.0**zoom
