"""In what terms a list is written: headings, words in its cells, and the system of its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, TypeVar, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import list_words
from riskmap.coords import from_wgs84
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.locale import LANGUAGES, catalogue, text

Table = TypeVar("Table", bound=pd.DataFrame)

HEADERS = ("names", *LANGUAGES)
"""Headings of a list: names of columns, or words in a language."""
SYSTEMS: Mapping[str, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}
"""Systems of the places in a list, and how a list calls them."""
DECIMALS = 6
"""Of a degree in a column: a tenth of a metre."""


class Terms(TypedDict, total=False):
    """Terms of a list: one of `HEADERS`, and one of `SYSTEMS`."""

    headers: str
    coords: str


def check(*, headers: str = "names", coords: str = "wgs84") -> None:
    """Refuse terms that nobody knows."""
    for option, value, known in (
        ("--headers", headers, HEADERS), ("--coords", coords, SYSTEMS)
    ):  # fmt: skip
        if value not in known:
            raise RiskmapError(f"{option} {value}: use one of {', '.join(known)}")


def termed(table: Table, kind: str = "", **terms: Unpack[Terms]) -> Table:
    """
    Bring a table from names, codes and WGS 84 to other terms.

    Parameters
    ----------
    table
        With or without lines.
    kind
        Of list: some have words of their own over a column, `heading.<kind>` of the catalogue.
    """
    headers = terms.get("headers", HEADERS[0])
    own = placed(table, terms.get("coords", "wgs84"))
    return headed(list_words.spoken(own, headers), headers, kind)


def titled(
    table: Table, layers: Mapping[str, Layer], column: str = "layer", **terms: Unpack[Terms]
) -> Table:
    """Put titles in the place of a column's names of layers, where cells are to be words."""
    headers = terms.get("headers", HEADERS[0])
    if headers not in list_words.SPOKEN or column not in table:
        return table
    result = table.copy()
    list_words.put(result, column, {name: own.title[headers] for name, own in layers.items()})
    return result


def headings(name: str) -> dict[str, str]:
    """Every heading that a column may have → its language; the name of the column has none."""
    kinds = {key.split(".")[1] for key in catalogue() if key.startswith("heading.")}
    known = [
        key for key in (f"heading.{name}", *(f"heading.{kind}.{name}" for kind in sorted(kinds)))
        if key in catalogue()
    ]  # fmt: skip
    return {name: "", **{text(key, lang): lang for key in known for lang in LANGUAGES}}


def heading(name: str, lang: str, kind: str = "") -> str:
    """Words over a column: those of the kind of list, else those of all, else its name."""
    for key in (f"heading.{kind}.{name}", f"heading.{name}"):
        if key in catalogue():
            return text(key, lang)
    return name


def column(table: pd.DataFrame, name: str) -> str | None:
    """Heading under which a table has a column, None if it has none."""
    return next((known for known in headings(name) if known in table), None)


def headed(table: Table, headers: str, kind: str = "") -> Table:
    """Give columns their headings; those that the catalogue does not know keep their names."""
    if headers == HEADERS[0]:
        return table
    return table.rename(columns={name: heading(name, headers, kind) for name in table.columns})


def placed(table: Table, coords: str) -> Table:
    """
    Bring the places of a list from WGS 84 to another system: `lon`, `lat`, their like, and lines.

    Returns
    -------
    The list with a column `crs` that names the system. It has no CRS, as no program knows that
    system: who draws it over WGS 84 must see that something is missing. A table without places
    stays as it is.
    """
    if coords == "wgs84":
        return table
    drawn = isinstance(table, gpd.GeoDataFrame)
    result = pd.DataFrame(table.drop(columns=table.geometry.name)) if drawn else table.copy()
    names = list(result.columns)
    # `entry_lon` goes with `entry_lat`
    pairs = [
        (name, f"{name.removesuffix('lon')}lat") for name in names
        if name.endswith("lon") and f"{name.removesuffix('lon')}lat" in names
    ]  # fmt: skip
    if not pairs and not drawn:
        return table
    for lon, lat in pairs:
        # of what has no place they are no numbers
        east, north = pd.to_numeric(result[lon]), pd.to_numeric(result[lat])
        result[lon], result[lat] = (
            degrees.round(DECIMALS) for degrees in from_wgs84(east, north, coords)
        )
    result.insert(names.index(pairs[-1][1]) + 1 if pairs else len(names), "crs", SYSTEMS[coords])
    if not drawn:
        return result

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_wgs84(places[:, 0], places[:, 1], coords))

    lines = shapely.transform(table.geometry.to_numpy(), moved)
    return gpd.GeoDataFrame(result, geometry=lines)
