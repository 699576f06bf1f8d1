"""A plan for the map: where units are all through the shift, their ways, roads left alone."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.deployment import Deployment
from riskmap.locale import Lang, text
from riskmap.osm import WGS84
from riskmap.roster import STANDING, clock

Floats = NDArray[np.float64]

AWAY = ("break", "station", "wait")
FIRST_MIN = 60.0
"""Minutes into a shift at which it is first shown: everybody has got somewhere."""


def drawn(
    plan: Deployment, lang: Lang, *, other: Deployment | None = None, drag: bool = True
) -> dict[str, Any]:
    """
    Write a plan for the browser.

    Parameters
    ----------
    plan
        From `deployment.deploy`.
    lang
        Language of the tips.
    other
        A plan of the same shift whose units are drawn beside it.
    drag
        Whether posts can be dragged.

    Returns
    -------
    `first`, `last` and `at`: minutes of the shift, and the one to begin with; `units`, `others`:
    `label` and `rows`, with `from`, `to`, `kind` ("post", "stop", "drive", "away"), `way` (places
    passed, longitude and latitude), `title`, `drag`, `held` (locked by hand); `alone`: rows of the
    key roads with a blind spot; `labels`.
    """
    crew = plan.crew
    alone = plan.area.segments.index.get_indexer(plan.certificate.spots["segment_id"].unique())
    return {
        "first": crew.first, "last": crew.last, "at": min(crew.first + FIRST_MIN, crew.last - 1),
        "units": _units(plan, lang, drag=drag),
        "others": [] if other is None else _units(other, lang, drag=False),
        "alone": alone.tolist(),
        "labels": {name: text(f"duty.{name}", lang) for name in ("play", "pause", "time")},
    }  # fmt: skip


def _units(plan: Deployment, lang: Lang, *, drag: bool) -> list[dict[str, Any]]:
    table = plan.roster
    ways = _ways(plan, table)
    ids = plan.area.network.nodes["node_id"]
    fixed = {str(ids.iloc[task.node]) for task in plan.crew.tasks if task.fixed}
    held = {str(ids.iloc[node]) for node in plan.crew.locked} | fixed
    units: dict[str, list[dict[str, Any]]] = {}
    for row in table.itertuples():
        kind = "post" if row.kind in STANDING and row.kind != "stop" else row.kind
        what = text(f"deploy.kind.{row.kind}", lang)
        units.setdefault(str(row.unit), []).append({
            "from": row.start_min, "to": row.end_min, "kind": "away" if kind in AWAY else kind,
            "way": ways[row.Index].round(6).tolist(), "held": row.nodes in held,
            "title": f"{row.unit} · {what} {clock(row.start_min)}–{clock(row.end_min)} {row.note}",
            "drag": drag and kind == "post" and row.nodes not in fixed,
        })  # fmt: skip
    return [{"label": name, "rows": rows} for name, rows in units.items()]


def _ways(plan: Deployment, rows: pd.DataFrame) -> dict[int, Floats]:
    """Places that each row of a roster passes, in WGS 84."""
    nodes = plan.area.network.nodes
    ids = pd.Index(nodes["node_id"])
    names = [row.split(";") for row in rows["nodes"]]
    at = ids.get_indexer(pd.Index(np.concatenate([*names, []])).astype(ids.dtype))
    xy = nodes[["x", "y"]].to_numpy()[at]
    point = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=plan.area.segments.crs)
    point = point.to_crs(WGS84)
    places = np.column_stack([point.x, point.y])
    ends = np.cumsum([len(name) for name in names])
    return dict(zip(rows.index, np.split(places, ends[:-1]), strict=True)) if len(rows) else {}
