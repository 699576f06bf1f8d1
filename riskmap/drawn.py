"""An area drawn on the map: corners in degrees → a valid polygon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text

Corners = tuple[tuple[float, float], ...]

FEWEST = 3
MOST = 200
"""Corners; a link that carries more would be cut off on its way."""
FURTHEST = (180.0, 90.0)
"""Longitude and latitude in degrees, east or west, north or south."""


def given(value: object) -> Corners | None:
    """Corners that a browser states, too many as well: `polygon` says so; None of what are none."""
    if not isinstance(value, list | tuple) or len(value) < FEWEST:
        return None
    try:
        corners = tuple((float(lon), float(lat)) for lon, lat in value)
    except (TypeError, ValueError):
        return None
    return corners if (np.abs(corners) <= FURTHEST).all() else None


def words(corners: Corners | None) -> str:
    """Write corners for a link, to a metre; "" of more than are an area."""
    kept = corners if corners and len(corners) <= MOST else ()
    return ";".join(f"{lon:.5f},{lat:.5f}" for lon, lat in kept)


def of_words(said: str) -> Corners | None:
    """Read what `words` wrote; None of anything else."""
    corners = given([part.split(",") for part in said.split(";")])
    return corners if corners and len(corners) <= MOST else None


def polygon(corners: Sequence[tuple[float, float]], lang: Lang = "en") -> shapely.Geometry:
    """
    Make an area of its corners.

    A line that crosses itself encloses what lies in any of its loops.

    Parameters
    ----------
    corners
        Longitude and latitude in WGS 84, in order; the last is joined to the first.
    lang
        Language of the message about corners that are no area.

    Raises
    ------
    RiskmapError
        Fewer than three places, too many, one that is not on earth, or nothing enclosed.
    """
    if len(corners) > MOST:
        raise RiskmapError(text("drawn.many", lang, count=len(corners), most=MOST))
    if len(set(corners)) < FEWEST:
        raise RiskmapError(text("drawn.few", lang))
    places = np.array(corners, dtype=float)
    # NaN is on earth neither
    if not (np.abs(places) <= FURTHEST).all():
        raise RiskmapError(text("drawn.nowhere", lang))
    outline = shapely.Polygon(places)
    if outline.is_valid:
        return outline
    # what is left of a line that crosses itself may have lines and points beside its loops
    loops = [part for part in shapely.get_parts(shapely.make_valid(outline)) if part.area > 0]
    if not loops:
        raise RiskmapError(text("drawn.flat", lang))
    return shapely.union_all(loops)
