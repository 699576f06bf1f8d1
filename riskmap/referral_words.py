"""What a list of hazards says of each: where it is, why it is one, and what mending it saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.cross_roads import CrossRoads
from riskmap.jams import road_names
from riskmap.layer import Layer
from riskmap.locale import Lang, text
from riskmap.road_runs import Runs
from riskmap.wording import two

if TYPE_CHECKING:
    from riskmap.area import Area

Ints = NDArray[np.int64]

ASSUMED = "D"
"""Grade of a factor that nobody measured."""
ROADS = 2
"""So many roads of a hazard are named."""
THE_SAME_M = 5.0
"""Roads no further apart from a feature are as near."""
THERE_M = 300.0
"""A settlement whose middle is so near is where a hazard lies."""


def point(area: Area, layer: Layer, spot: int, rows: Ints) -> shapely.Point:
    """Where to go: on the worst piece, its middle, or the nearest place to the feature."""
    lines = area.segments.geometry.to_numpy()
    if spot < 0:
        return shapely.line_interpolate_point(lines[rows[0]], 0.5, normalized=True)
    feature = area.features(layer.name).geometry.iloc[spot]
    roads = shapely.multilinestrings(list(lines[rows]))
    return shapely.get_point(shapely.shortest_line(roads, feature), 0)


def place(
    area: Area, along: Runs, own: pd.DataFrame, crossing: CrossRoads, lang: Lang
) -> dict[str, object]:
    """Name of feature and roads, and from where to where the main one of them is concerned."""
    rows, spot = own["row"].to_numpy(np.int64), int(own["spot"].iloc[0])
    run, begin, end = along.spans(area.network, rows)
    by_run, spots = own["added"].groupby(run).sum(), area.features(str(own["layer"].iloc[0]))
    if spot >= 0:
        # the road on which one stands at the feature, of several that with most harm
        away = shapely.distance(
            area.segments.geometry.to_numpy()[rows], spots.geometry.iloc[spot]
        )
        by_run = by_run[np.unique(run[away <= away.min() + THE_SAME_M])]
    main = run == by_run.idxmax()
    first, last = crossing.between(run[main][0], begin[main].min(), end[main].max(), lang)
    order = np.concatenate([rows[main], rows[~main]])
    if area.layers[own["layer"].iloc[0]].touch.relation == "at_junction":
        order = _arms(area, spots["osm_id"].iloc[spot])
    roads = area.segments.iloc[order]
    # what has a name before what has not
    roads = roads.iloc[np.argsort((roads["name"] + roads["ref"] == "").to_numpy(), kind="stable")]
    names = [" / ".join(pd.unique(road_names(roads, lang))[:ROADS])]
    if spot >= 0:
        names.insert(0, spots["name"].iloc[spot])
    return {"name": " · ".join(filter(None, names)), "from": first, "to": last}


def _arms(area: Area, junction: str) -> Ints:
    """Pieces of road that meet at a junction, the largest road first."""
    edges, number = area.network.edges, area.junctions.index.get_loc(junction)
    last = edges["first_piece"] + edges["pieces"] - 1
    rows = np.concatenate([
        edges["first_piece"][edges["ju"] == number], last[edges["jv"] == number]
    ])  # fmt: skip
    return rows[np.argsort(-area.segments["rank"].to_numpy()[rows], kind="stable")]


def settlements(area: Area, points: list[shapely.Point], lang: Lang) -> list[str]:
    """Name of the nearest settlement that a layer knows, and how far it is; "" if none is near."""
    known = [
        area.features(name) for name, layer in area.layers.items()
        if any("place" in source.osm for source in layer.sources)
    ]  # fmt: skip
    said = [""] * len(points)
    if not known or not points:
        return said
    places = pd.concat(known)
    places = places[places["name"] != ""]
    (at, place), metres = shapely.STRtree(places.geometry.to_numpy()).query_nearest(
        points, max_distance=area.parameters["referrals"]["near_m"], all_matches=False,
        return_distance=True,
    )  # fmt: skip
    for row, name, far in zip(at, places["name"].iloc[place], metres, strict=True):
        said[row] = name if far <= THERE_M else text(
            "referrals.far", lang, name=name, km=two(far / 1000.0, lang)
        )  # fmt: skip
    return said


def reason(layer: Layer, share: float, lang: Lang) -> dict[str, object]:
    """Why it is a hazard, its share of the harm, and how good the factor behind it is."""
    effect = layer.strongest
    if effect is None:
        return {"reason": layer.why[lang], "share": round(share, 3)}
    factor = f"{effect.factor:g}"
    said = text(
        "referrals.reason", lang, why=layer.why[lang], share=100 * share, factor=factor,
        grade=graded(effect.grade, lang), source=_source(effect.source, lang),
    )  # fmt: skip
    return {
        "reason": said, "share": round(share, 3), "factor": effect.factor, "grade": effect.grade,
        "source": _source(effect.source, lang),
    }  # fmt: skip


def basis(layer: Layer, lang: Lang) -> str:
    """What `saves` supposes, and how good the factor behind it is."""
    relief, effect = layer.touch.relieved, layer.strongest
    if relief is not None:
        return text("referrals.relieved", lang, factor=f"{relief.factor:g}",
                    grade=graded(relief.grade, lang))  # fmt: skip
    grade = graded(effect.grade, lang) if effect else ""
    return text("referrals.gone", lang, grade=grade)


def graded(grade: str, lang: Lang) -> str:
    """A grade in words; an assumption is called one."""
    said = text("word.grade", lang, grade=grade)
    return text("referrals.assumed", lang, grade=said) if grade == ASSUMED else said


def _source(source: str, lang: Lang) -> str:
    return text("word.judgement", lang) if source == "judgement" else source
