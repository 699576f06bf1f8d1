"""A plan for the map: where units are all through the shift, their ways, roads left alone."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from riskmap import plan_sheet
from riskmap.deployment import Deployment
from riskmap.locale import Lang, text
from riskmap.roster import AWAY, STANDING, clock
from riskmap.webmap.geometry import WGS84

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
    passed, longitude and latitude), `title`, `drag`, `held` (locked by hand); `alone`: lines of the
    key roads with a blind spot; `stations`: places; `labels`.
    """
    crew = plan.crew
    segments = plan.area.segments
    alone = segments.geometry[plan.certificate.spots["segment_id"].unique()].to_crs(WGS84)
    return {
        "first": crew.first, "last": crew.last, "at": min(crew.first + FIRST_MIN, crew.last - 1),
        "units": _units(plan, lang, drag=drag),
        "others": [] if other is None else _units(other, lang, drag=False),
        "alone": [shapely.get_coordinates(line).round(6).tolist() for line in alone],
        "stations": _stations(plan),
        "labels": {
            **{name: text(f"duty.{name}", lang) for name in ("play", "pause", "time")},
            "station": text("duty.legend.station", lang),
        },
    }  # fmt: skip


def _stations(plan: Deployment) -> list[list[float]]:
    nodes = plan.area.network.nodes
    rows = sorted({unit.station for unit in (*plan.crew.teams, *plan.crew.cars)})
    found = gpd.GeoSeries(
        gpd.points_from_xy(nodes["x"].iloc[rows], nodes["y"].iloc[rows]),
        crs=plan.area.segments.crs,
    ).to_crs(WGS84)
    return shapely.get_coordinates(found.to_numpy()).round(6).tolist()


def look(kind: str) -> str:
    """Tell what a kind of row looks like on the map: "post", "stop", "drive" or "away"."""
    if kind in AWAY:
        return "away"
    return "post" if kind in STANDING and kind != "stop" else kind


def _units(plan: Deployment, lang: Lang, *, drag: bool) -> list[dict[str, Any]]:
    table = plan.roster
    ways = plan_sheet.ways(plan, table)
    ids = plan.area.network.nodes["node_id"]
    fixed = {str(ids.iloc[task.node]) for task in plan.crew.tasks if task.fixed}
    held = {str(ids.iloc[node]) for node in plan.crew.locked} | fixed
    units: dict[str, list[dict[str, Any]]] = {}
    for row in table.itertuples():
        kind = look(row.kind)
        what = text(f"deploy.kind.{row.kind}", lang)
        units.setdefault(str(row.unit), []).append({
            "from": row.start_min, "to": row.end_min, "kind": kind,
            "way": ways[row.Index].round(6).tolist(), "held": row.nodes in held,
            "title": f"{row.unit} · {what} {clock(row.start_min)}–{clock(row.end_min)} {row.note}",
            "drag": drag and kind == "post" and row.nodes not in fixed,
        })  # fmt: skip
    return [{"label": name, "rows": rows} for name, rows in units.items()]
