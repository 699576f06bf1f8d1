"""Streets, features and layers written down in metres, and the area that they make."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.area import Area
from riskmap.assessment import assess_extract
from riskmap.layer import Active, Effect, Layer, Question, Relief, Source, Touch
from riskmap.osm import Extract
from riskmap.project import Project, constants
from riskmap.tags import tags_of

CRS = "EPSG:32650"

Corner = tuple[float, float]
Way = tuple[Sequence[Corner], Mapping[str, str]]
Thing = tuple[shapely.Geometry, Mapping[str, str]]


def street(*corners: Corner, highway: str = "tertiary", **tags: str) -> Way:
    """A road along its corners; roads with an equal corner meet there."""
    return corners, {"highway": highway, **tags}


def thing(geometry: shapely.Geometry | Corner, **tags: str) -> Thing:
    """A feature; a corner is a point. `__` in a key stands for a colon."""
    shape = shapely.Point(geometry) if isinstance(geometry, tuple) else geometry
    return shape, {key.replace("__", ":"): value for key, value in tags.items()}


def block(x: float, y: float, width: float, height: float, **tags: str) -> Thing:
    """A rectangle from its lower left corner."""
    return thing(shapely.box(x, y, x + width, y + height), **tags)


def extract(
    ways: Sequence[Way], things: Sequence[Thing] = (), *, ids: Sequence[int] | None = None
) -> Extract:
    """
    Tables as `osm.read` gives them.

    Ways are numbered from 1, nodes by their corner from 1. A point on a corner is that node.
    `ids` names the features instead.
    """
    corners = [corner for way, _ in ways for corner in way]
    number = {corner: n for n, corner in enumerate(dict.fromkeys(corners), 1)}
    count = np.array([len(way) for way, _ in ways])
    roads = pd.DataFrame(
        {
            "road_class": [tags["highway"] for _, tags in ways],
            "first": np.cumsum(count) - count,
            "count": count,
        },
        index=pd.Index(range(1, len(ways) + 1), name="way_id"),
    )
    vertices = pd.DataFrame({
        "node_id": [number[corner] for corner in corners],
        "x": [float(x) for x, _ in corners],
        "y": [float(y) for _, y in corners],
    })
    osm_ids = []
    for row, (shape, _) in enumerate(things):
        kind = "n" if shape.geom_type == "Point" else "w"
        node = number.get((shape.x, shape.y)) if kind == "n" else None
        osm_ids.append(f"{kind}{node or (ids[row] if ids else 1000 + row)}")
    features = gpd.GeoDataFrame(
        {"osm_id": pd.Series(osm_ids, dtype=object), "name": "", "clipped": False},
        geometry=[shape for shape, _ in things],
        crs=CRS,
    )
    return Extract(
        "town", CRS, roads, tags_of([dict(tags) for _, tags in ways]), vertices, features,
        tags_of([dict(tags) for _, tags in things]),
    )


def rules(**changes: Mapping[str, Any]) -> dict[str, Any]:
    """
    The constants of riskmap, with changes by table.

    Unless a test says otherwise scores are not tempered, and no trip ends are drawn, so that
    traffic is that of the class.
    """
    result = deepcopy(constants())
    result["score"]["temper"] = 1.0
    result["centrality"]["spacing"] = 2**60
    for table, values in changes.items():
        _overlay(result[table], values)
    return result


def _overlay(table: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping) and isinstance(table.get(key), dict):
            _overlay(table[key], value)
        else:
            table[key] = value


def area(
    town: Extract,
    *layers: Layer,
    parameters: Mapping[str, Any] | None = None,
    points: Path | None = None,
    baseline: Mapping[str, float] | None = None,
) -> Area:
    """Assess a town by these layers."""
    project = Project(
        "town", Path("town.osm"), parameters or rules(), points=points, language="en",
        baseline=baseline,
    )
    return assess_extract(town, project, {layer.name: layer for layer in layers})


def effect(
    family: str = "vulnerable",
    factor: float = 2.0,
    *,
    on: str = "likelihood",
    grade: str = "C",
    when: Mapping[str, tuple[str, ...]] | None = None,
    unknown: float | None = None,
) -> Effect:
    """What a layer does."""
    return Effect(family, on, factor, grade, "a test", when, unknown)


def layer(
    name: str = "school",
    *effects: Effect,
    osm: Mapping[str, tuple[str, ...]] | None = None,
    sources: tuple[Source, ...] | None = None,
    relation: str = "near",
    full_m: float = 0.0,
    reach_m: float = 100.0,
    decay: str = "triangular",
    combine: str = "max",
    cap: float = 0.0,
    where: Mapping[str, Any] | None = None,
    measure: str | None = None,
    steps: tuple[tuple[float, float, float], ...] = (),
    unknown: float = 0.0,
    beside_m: float = 0.0,
    minor: tuple[str, ...] = (),
    major: tuple[str, ...] = (),
    control: tuple[str, ...] = (),
    relieved: Relief | None = None,
    group: str | None = None,
    active: tuple[Active, ...] = (),
    questions: tuple[Question, ...] = (),
) -> Layer:
    """A layer as `read_layer` gives it."""
    own = sources or (source(osm or {"amenity": ("school",)}),)
    rule = Touch(
        relation, full_m, reach_m, decay, combine, cap, where or {}, measure, steps, unknown,
        beside_m, minor, major, control, relieved,
    )
    title = {"zh": f"{name} 层", "en": f"{name} layer"}
    advice = {"police": ({"zh": f"{name} 建议", "en": f"advice on {name}"},)}
    return Layer(
        name, title, title, "point", group, own, rule, effects or (effect(),), active, (), advice,
        questions,
    )


def source(
    osm: Mapping[str, tuple[str, ...]] | None = None,
    *,
    prefer: Mapping[str, tuple[str, ...]] | None = None,
    exclude: Mapping[str, tuple[str, ...]] | None = None,
    network: Mapping[str, Any] | None = None,
    file: str | None = None,
    min_area_m2: float = 0.0,
    amount: float = 1.0,
    overrides: bool = False,
) -> Source:
    """Where a layer finds its features."""
    return Source(
        osm or {}, prefer or {}, exclude or {}, network or {}, file, min_area_m2, amount, overrides
    )


def relief(factor: float = 0.35, unknown: float = 0.3, within_m: float = 3.0) -> Relief:
    """A guard rail."""
    return Relief({"barrier": ("guard_rail",)}, within_m, factor, unknown, "D", "judgement")
