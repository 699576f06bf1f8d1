"""Schools, villages, depots: the places of a layer with the roads that it makes dangerous."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import referral_words, referrals
from riskmap.jams import road_names
from riskmap.locale import Lang

if TYPE_CHECKING:
    from riskmap.area import Area

Ints = NDArray[np.int64]
ROADS = 2
"""So many roads of a place are named."""


def apt(area: Area, name: str) -> bool:
    """Whether a layer is one of places of their own, each with the roads around it."""
    touch = area.layers[name].touch
    return touch.relation in referrals.SPOTS and touch.combine == "max"


def around(area: Area, names: list[str], lang: Lang) -> pd.DataFrame:
    """
    List the places of some layers, what adds most harm a year first.

    Returns
    -------
    `layer`, `spot` (row among the layer's features), `name` ("" where it has none), `x`, `y`,
    `near` (settlement), `added` (harm a year), `rows` (pieces of road, by added harm), `parts` (of
    the pieces), `roads` (the first of their names).
    """
    by_reason = area.model.reason_harm()
    found = []
    for name in names:
        touched = area.touched(name)
        rows = area.segments.index.get_indexer(touched.index[(touched["touch"] > 0).to_numpy()])
        features = area.features(name)
        pairs = referrals.by_spot(area, name, np.asarray(rows, dtype=np.int64))
        pairs["added"] = by_reason[name].to_numpy()[pairs["row"]] * pairs["part"]
        for spot, own in pairs.groupby("spot", sort=False):
            order = own.sort_values(["added", "row"], ascending=[False, True])
            pieces = order["row"].to_numpy(np.int64)
            middle = shapely.centroid(features.geometry.iloc[int(spot)])
            found.append({
                "layer": name, "spot": int(spot), "name": str(features["name"].iloc[int(spot)]),
                "x": float(middle.x), "y": float(middle.y), "added": float(order["added"].sum()),
                "rows": pieces, "parts": order["added"].to_numpy(float),
                "roads": " / ".join(_roads(area, pieces, lang)),
            })  # fmt: skip
    columns = ["layer", "spot", "name", "x", "y", "added", "rows", "parts", "roads"]
    table = pd.DataFrame(found, columns=columns)
    table = table.sort_values("added", ascending=False, kind="stable").reset_index(drop=True)
    points = list(shapely.points(table[["x", "y"]].to_numpy(float)))
    return table.assign(near=referral_words.settlements(area, points, lang))


def _roads(area: Area, rows: Ints, lang: Lang) -> list[str]:
    named = road_names(area.segments.iloc[rows], lang)
    has = (area.segments["name"] + area.segments["ref"]).iloc[rows].to_numpy(object) != ""
    return list(pd.unique(named[has]))[:ROADS] or list(pd.unique(named))[:1]
