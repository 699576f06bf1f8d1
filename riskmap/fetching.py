"""A place's roads and features from OpenStreetMap's own servers, whole or not at all.

osmnx asks Nominatim where the place is, and Overpass what is in it. Its graphs and tables lack most
tags of ways, all relations and the nodes between junctions; the answers that it keeps have them.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyproj
import shapely

from riskmap import answers, assessment, background, layers, project, servers
from riskmap.errors import RiskmapError
from riskmap.export import check_folder
from riskmap.osm import FAULTS, SUFFIXES
from riskmap.passes import Wanted

Progress = Callable[[str, float], None]

LARGEST_KM2 = 30_000
LONGEST_NAME = 300
CORNERS = 24
"""Corners of the area that is asked for: the question repeats them for each of some 500 tags."""
NONSENSE = (*answers.NONSENSE, shapely.errors.ShapelyError)
_AREAS = {"relation": "r", "way": "w"}
_SHAPES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Fetched:
    """
    What was fetched.

    `place` is the name that OpenStreetMap has for it, `osm_id` its outline ("r1155955"), `km2` its
    size; `data_date` says how old the data are, "" if the server did not.
    """

    path: str
    place: str
    osm_id: str
    km2: float
    data_date: str
    ways: int


@dataclass(frozen=True)
class _Found:
    name: str
    osm_id: str
    outline: shapely.Geometry


def fetch(
    place: str,
    target: str | Path,
    *,
    layer_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Fetch a place; `riskmap.osm.fetch_place` says what that is."""
    target = Path(target)
    suffix = next((own for own in SUFFIXES if target.name.lower().endswith(own)), None)
    if suffix is None:
        raise RiskmapError(f"{target}: an extract is written as .osm.pbf or .osm; name it so")
    if not place.strip() or len(place) > LONGEST_NAME:
        raise RiskmapError('fetch: name a place as a map does, e.g. "Guixi, Jiangxi"')
    tell = progress or (lambda _stage, _done: None)
    rules = project.constants()
    classes = set(rules["roads"]["classes"])
    known = layers.read_layers(layer_folder)
    wanted = joined(
        {"highway": classes}, assessment.asked_tags(known, rules), background.wanted_tags()
    )
    check_folder(target)
    try:
        with tempfile.TemporaryDirectory(prefix=".riskmap-", dir=target.parent) as scratch:
            draft = Path(scratch) / f"draft{suffix}"
            with servers.Servers(Path(scratch), tell) as web:
                tell("place", 0.0)
                found = _found(web, place)
                area = _around(found.outline, place)
                tell("ask", 0.1)
                paths = web.features(area, wanted)
            tell("check", 0.9)
            objects = _checked(paths, found, wanted)
            ways = sum(tags.get("highway") in classes for _, tags in objects.ways.values())
            if not ways:
                raise RiskmapError(
                    f"fetch: OpenStreetMap has no road that cars use in '{found.name}'; name the "
                    "county, city or township around it"
                )
            _write(objects, draft, suffix)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(os.path.realpath(target))
    except OSError as fault:
        raise RiskmapError(
            f"{target}: cannot be written ({fault.strerror}); nothing was changed"
        ) from fault
    km2 = round(_km2(found.outline), 1)
    return Fetched(str(target), found.name, found.osm_id, km2, objects.date, ways)


def joined(*tables: Wanted) -> Wanted:
    """Join what several steps read: key → values, None for every value."""
    result: dict[str, set[str] | None] = {}
    for key, values in (item for table in tables for item in table.items()):
        known = result.setdefault(key, set())
        result[key] = None if values is None or known is None else known | values
    return result


# --- where it is -------------------------------------------------------------------------------


def _found(web: servers.Servers, place: str) -> _Found:
    """Take the likeliest place of that name that has an area."""
    try:
        row = web.place(place).iloc[0]
        osm_id = f"{_AREAS[row['osm_type']]}{int(row['osm_id'])}"
        return _Found(str(row["display_name"]), osm_id, shapely.make_valid(row["geometry"]))
    except NONSENSE as fault:
        raise RiskmapError(f"fetch: {_why_not(web.said, place)}") from fault


def _why_not(said: bytes, place: str) -> str:
    """Tell what an answer lacks."""
    try:
        rows = json.loads(said)
        shapes = [row.get("geojson", {})["type"] for row in rows]
    except NONSENSE:
        rows, shapes = None, []
    if rows == []:
        return (
            f"OpenStreetMap knows no place '{place}'; write it as a map does, with its province, "
            'e.g. "Guixi, Jiangxi"'
        )
    if isinstance(rows, list) and not set(shapes) & set(_SHAPES):
        return (
            f"'{place}' is a point or a line without an area; name the county, city or township "
            "around it"
        )
    return (
        f"{servers.PLACES_HOST} answered what makes no sense; try again later, or "
        f"{servers.OFFLINE}"
    )


def _around(outline: shapely.Geometry, place: str) -> shapely.Polygon:
    """Draw an area of few corners around a place."""
    hull = area = outline.convex_hull
    reach_deg = 0.001
    while shapely.get_num_coordinates(area) > CORNERS:
        area = hull.simplify(reach_deg).buffer(reach_deg, join_style="mitre")
        reach_deg *= 2.0
    km2 = _km2(area)
    if not math.isfinite(km2) or km2 > LARGEST_KM2:
        raise RiskmapError(
            f"fetch: '{place}' and what lies between its ends has {km2:,.0f} km², too much to ask "
            f"of a free server (at most {LARGEST_KM2:,}); name a part of it, or {servers.OFFLINE}"
        )
    return area


def _km2(area: shapely.Geometry) -> float:
    return abs(float(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(area)[0])) / 1e6


# --- what is in it -----------------------------------------------------------------------------


def _checked(paths: list[Path], found: _Found, wanted: Wanted) -> answers.Objects:
    """Read the answers, and see that all is there that belongs together."""
    try:
        return answers.inside(answers.read(paths), found.outline, wanted)
    except NONSENSE as fault:
        raise RiskmapError(
            f"fetch: {servers.ROADS_HOST} answered what is not whole ({type(fault).__name__} "
            f"{' '.join(str(fault).split())[:100]}); try again later, or {servers.OFFLINE}"
        ) from fault


def _write(objects: answers.Objects, draft: Path, suffix: str) -> None:
    try:
        answers.write(objects, draft, suffix)
    except (*FAULTS, *NONSENSE) as fault:
        if isinstance(fault, OSError) or "Write failed" in str(fault):
            raise OSError(0, getattr(fault, "strerror", None) or str(fault)) from fault
        raise RiskmapError(
            f"fetch: {servers.ROADS_HOST} answered what cannot be written as OpenStreetMap data "
            f"({' '.join(str(fault).split())[:100]}); try again later, or {servers.OFFLINE}"
        ) from fault
