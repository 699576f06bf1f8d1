"""In what terms a list is written: the headings of its columns, and the system of its places."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.coords import from_wgs84
from riskmap.locale import LANGUAGES, catalogue, text

HEADERS = ("names", *LANGUAGES)
"""Headings of a list: names of columns, or words in a language."""
SYSTEMS: Mapping[str, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}
"""Systems of the places in a list, and how a list calls them."""
DECIMALS = 6
"""Of a degree in a column: a tenth of a metre."""


def headings(name: str) -> tuple[str, ...]:
    """Every heading that a column may have: its name, and the words for it in every language."""
    known = f"heading.{name}" in catalogue()
    return (name, *(text(f"heading.{name}", lang) for lang in LANGUAGES if known))


def column(table: pd.DataFrame, name: str) -> str | None:
    """Heading under which a table has a column, None if it has none."""
    return next((known for known in headings(name) if known in table), None)


def headed(table: gpd.GeoDataFrame, headers: str) -> gpd.GeoDataFrame:
    """Give columns their headings; those that the catalogue does not know keep their names."""
    if headers == HEADERS[0]:
        return table
    known = [name for name in table.columns if f"heading.{name}" in catalogue()]
    return table.rename(columns={name: text(f"heading.{name}", headers) for name in known})


def placed(table: gpd.GeoDataFrame, coords: str) -> gpd.GeoDataFrame:
    """
    Bring the places of a list from WGS 84 to another system: `lon` and `lat`, and the geometry.

    Returns
    -------
    The list with a column `crs` that names the system. It has no CRS, as no program knows that
    system: who draws it over WGS 84 must see that something is missing.
    """
    if coords == "wgs84":
        return table
    result = pd.DataFrame(table.drop(columns=table.geometry.name))
    result["lon"], result["lat"] = (
        degrees.round(DECIMALS) for degrees in from_wgs84(table["lon"], table["lat"], coords)
    )
    result.insert(list(result.columns).index("lat") + 1, "crs", SYSTEMS[coords])

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_wgs84(places[:, 0], places[:, 1], coords))

    lines = shapely.transform(table.geometry.to_numpy(), moved)
    return gpd.GeoDataFrame(result, geometry=lines)
