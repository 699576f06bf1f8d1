"""A plan for the map: where units are all through the shift, their ways, roads left alone."""

from __future__ import annotations

from typing import Any

from riskmap import plan_sheet
from riskmap.deployment import Deployment
from riskmap.locale import Lang, text
from riskmap.roster import AWAY, STANDING, clock

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
