"""Posts that somebody asked for on a piece of road: staffed by the next plan, or told why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from riskmap import sites
from riskmap.area import Area
from riskmap.deployment import Crew
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text

AROUND = 30
"""Nodes nearest to the place among which one with room for a post is looked for."""


def node(area: Area, x: float, y: float) -> int | None:
    """Nearest node (row) to a place of the area's CRS on which a post can stand, if any is near."""
    near = sites.around(area.network, x, y, AROUND)
    found = near[sites.room(area)[near]]
    return int(found[0]) if len(found) else None


def posts(area: Area, segment_ids: Sequence[str], lang: Lang = "en") -> tuple[int, ...]:
    """
    Find a node for a post on each of some pieces of road, in order; two may share one.

    `lang` is that of the message about a piece that nobody can stand near.

    Raises
    ------
    RiskmapError
        An id that this area does not have, or a piece that nobody can stand near.
    """
    result = []
    for segment_id in segment_ids:
        if segment_id not in area.segments.index:
            raise RiskmapError(f"segment '{segment_id}': not in {area.name}")
        middle = area.segments.geometry.loc[segment_id].interpolate(0.5, normalized=True)
        found = node(area, middle.x, middle.y)
        if found is None:
            name = area.segments.loc[segment_id, "name"] or segment_id
            raise RiskmapError(text("asked.nowhere", lang, name=name))
        result.append(found)
    return tuple(dict.fromkeys(result))


def asked(area: Area, crew: Crew, segment_ids: Sequence[str], lang: Lang = "en") -> Crew:
    """The same crew with a post on each of some pieces of road, locked all shift; see `posts`."""
    nodes = posts(area, segment_ids, lang)
    return replace(crew, locked=tuple(dict.fromkeys([*crew.locked, *nodes])))
