"""What the map needs to know of an area once: its roads, their names, the risk points."""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from riskmap.symbols import SYMBOLS, known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.area import Area

SCALE = 1_000_000
"""Steps in a degree: about 0.1 m, finer than any screen."""

WGS84 = "EPSG:4326"


def pack(area: "Area", **more: object) -> tuple[str, bytes]:
    """
    Write the risk points of an area for the browser; its roads it has from the tiles.

    Coordinates are whole millionths of a degree in WGS 84, each but the first as the step from
    the one before. `more` goes with it as it is.

    Returns
    -------
    The hash of the content, and the hash followed by JSON, as bytes.
    """
    content = {"scale": SCALE, **marked(area), **more}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(text).hexdigest()
    return digest, digest.encode() + text


def drawn(
    area: "Area",
    rows: "NDArray[np.int64] | None" = None,
    within: shapely.Geometry | None = None,
) -> dict[str, Any]:
    """
    Roads, risk points and symbols of an area, in the same steps, for any map.

    `rows` are the segments that are drawn, None all; `within` is an area in the same CRS, in which
    the risk points lie, None anywhere.
    """
    roads = (area.segments if rows is None else area.segments.iloc[rows]).to_crs(WGS84)
    return {
        "scale": SCALE,
        "bounds": [float(edge) for edge in roads.total_bounds],
        "roads": {
            "ids": [str(name) for name in roads.index],
            "names": road_names(roads),
            "lines": steps(roads.geometry.to_numpy()),
        },
        **marked(area, within),
    }


def marked(area: "Area", within: shapely.Geometry | None = None) -> dict[str, Any]:
    """Risk points and symbols of an area, in the same steps."""
    return {
        "layers": [_layer(area, name, within) for name in area.layers],
        "shapes": {
            symbol: SYMBOLS[symbol]
            for symbol in sorted({known(layer.symbol) for layer in area.layers.values()})
        },
    }


def road_names(roads: gpd.GeoDataFrame) -> list[str]:
    """Name or number of each piece of road, "" where it has neither."""
    return [str(name or ref or "") for name, ref in zip(roads["name"], roads["ref"], strict=True)]


def merged_names(roads: gpd.GeoDataFrame) -> tuple[list[str], Any]:
    """
    Put the pieces of roads of one name together: one of 100 m is too short for its name.

    Returns
    -------
    Names, and a line for each: a name has several where its roads do not meet.
    """
    named = roads.loc[roads["name"].fillna("") != "", ["name", "geometry"]]
    merged = named.groupby("name", sort=True).geometry.agg(
        lambda lines: shapely.line_merge(shapely.multilinestrings(lines.to_numpy())),
    )
    parts, row = shapely.get_parts(merged.to_numpy(), return_index=True)
    return [str(merged.index[i]) for i in row], parts


def _layer(area: "Area", name: str, within: shapely.Geometry | None) -> dict[str, Any]:
    features = area.features(name)
    features = features[~features.geometry.is_empty]
    if within is not None:
        features = features[features.intersects(within)]
    features = features.to_crs(WGS84)
    shapes = features.geometry.to_numpy()
    parts = shapely.get_parts(shapes)
    kind = shapely.get_type_id(parts)
    rings, polygon = shapely.get_rings(
        parts[kind == shapely.GeometryType.POLYGON],
        return_index=True,
    )
    return {
        "name": name,
        "symbol": known(area.layers[name].symbol),
        "names": [str(text or "") for text in features["name"]],
        "points": differences(shapely.get_coordinates(shapely.point_on_surface(shapes))),
        "lines": steps(parts[kind == shapely.GeometryType.LINESTRING]),
        "rings": steps(rings),
        "polygon": polygon.tolist(),
    }


def steps(lines: Iterable[shapely.Geometry]) -> list[list[int]]:
    """Write lines as `differences` of their places."""
    shapes = np.asarray(list(lines), dtype=object)
    places, row = shapely.get_coordinates(shapes, return_index=True)
    starts = np.searchsorted(row, np.arange(1, len(shapes)))
    return [differences(part) for part in np.split(places, starts)] if len(shapes) else []


def differences(places: np.ndarray[Any, Any]) -> list[int]:
    """Write places as steps from one to the next, in `SCALE`."""
    whole = np.rint(places * SCALE).astype(np.int64)
    steps: list[int] = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return steps
