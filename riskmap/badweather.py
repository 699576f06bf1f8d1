"""The bad-weather plan (恶劣天气): which places to see to first, what to do there, and who does."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from riskmap.errors import RiskmapError
from riskmap.jams import road_names
from riskmap.layers import read_layers
from riskmap.locale import Lang, text
from riskmap.moments import Moment, Typical
from riskmap.osm import WGS84
from riskmap.wording import two

if TYPE_CHECKING:
    from riskmap.area import Area

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HALF = 0.5
"""Touch from which on a piece of road is such a place."""
ACTIONS = ("close", "convoy", "control", "watch")
COLUMNS = (
    "order", "action", "place", "road", "road_class", "area", "level", "times_dry", "added",
    "length_m", "cuts_off_km", "who", "advice", "segment_ids", "lon", "lat",
)  # fmt: skip


def plan(
    area: Area,
    weather: str,
    *,
    at: Moment | None = None,
    top: int | None = 50,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """
    List the places that a weather makes dangerous, in the order in which to see to them.

    A place is a stretch of pieces of one road that hang together and are touched at least half by
    one of the layers that `[bad_weather]` names for the weather, and known to be; a piece of
    several layers counts for the first. Of those to which the weather adds most harm (harm in that
    weather − harm on a dry road, in one hour) what is to be closed comes first, then what is led
    through, controlled and watched; within each what it adds most to.

    Parameters
    ----------
    weather
        "rain", "fog", "ice" or "flood".
    at
        An hour; None takes the hours in which the weather is likely.
    top
        How many places; None lists all.
    lang
        Language of the words.

    Returns
    -------
    In WGS 84, with the columns `COLUMNS`: `times_dry` is harm over that of a dry road, `added`
    severity-weighted crashes an hour, `cuts_off_km` the road that could no longer be reached were
    the place closed beside those that are closed before it, `action` one of close, convoy, control
    or watch by the thresholds of `[bad_weather]`, `who` sees to it by class of road.

    Raises
    ------
    RiskmapError
        Dry weather, or fewer than one place.
    """
    rules = area.parameters["bad_weather"]
    if weather not in rules["places"]:
        known = ", ".join(rules["places"])
        raise RiskmapError(f"--weather {weather}: there is no plan for it; use one of {known}")
    if top is not None and top < 1:
        raise RiskmapError(f"--top {top}: must be 1 or more")
    wet, dry = (
        replace(at, weather=said) if at else Typical(weather, said) for said in (weather, "dry")
    )
    scores = area.model.rates(wet, area.thresholds)
    plain = area.model.harm(dry).to_numpy()
    names = rules["places"][weather]
    unknown = [name for name in names if name not in area.layers and name not in read_layers()]
    if unknown:
        raise RiskmapError(
            f"parameters: bad_weather.places.{weather} names no layer with {', '.join(unknown)}"
        )
    rows, label, kinds = _stretches(area, [name for name in names if name in area.layers])
    size = len(kinds)
    harm, usual = (
        np.bincount(label, values[rows], size).astype(float)
        for values in (scores["harm"].to_numpy(), plain)
    )
    added = harm - usual
    order = np.argsort(-added, kind="stable")
    order = order[added[order] > 0][:top]
    shut = rules["shut"].get(weather, ())
    numbers = _Numbers(scores, harm, usual, shut)
    return _told(area, order, rows, label, kinds, numbers, rules, lang)


@dataclass(frozen=True)
class _Numbers:
    """
    Scores of the segments in the weather; harm of every stretch in it and on a dry road.

    `shut` names the layers whose places are closed whatever the numbers say.
    """

    scores: pd.DataFrame
    harm: Floats
    usual: Floats
    shut: Sequence[str]


def _stretches(area: Area, names: Sequence[str]) -> tuple[Ints, Ints, list[str]]:
    """Rows of the segments that are such places, the stretch of each, the layer of each stretch."""
    links = len(area.segments)
    of = np.full(links, -1)
    for number, name in reversed(list(enumerate(names))):
        for column in area.columns:
            if column.layer == name:
                sure = (column.touch >= HALF) & ~column.unknown & (column.rows < links)
                of[column.rows[sure]] = number
    rows = np.flatnonzero(of >= 0)
    if not len(rows):
        return rows, rows, []
    part = area.segments.iloc[rows]
    start, end = _ends(area, rows)
    road = pd.factorize(part["name"].where(part["name"] != "", part["way_id"].astype(str)))[0]
    # pieces hang together if they meet, are of one road and one kind of place
    key = pd.factorize(pd.MultiIndex.from_arrays([road, of[rows]]))[0]
    ends = np.concatenate([start, end])
    at = pd.factorize(pd.MultiIndex.from_arrays([np.tile(key, 2), ends]))[0]
    first, second = at[: len(rows)], at[len(rows) :]
    count = int(at.max()) + 1
    meet = coo_array((np.ones(len(rows)), (first, second)), (count, count))
    _, label = np.unique(connected_components(meet, directed=False)[1][first], return_inverse=True)
    kind = np.zeros(label.max() + 1, dtype=np.int64)
    kind[label] = of[rows]
    return rows, label, [names[number] for number in kind]


def _told(
    area: Area,
    order: Ints,
    rows: Ints,
    label: Ints,
    kinds: Sequence[str],
    numbers: _Numbers,
    rules: Mapping[str, Any],
    lang: Lang,
) -> gpd.GeoDataFrame:
    segments, shapes = area.segments, area.segments.geometry.to_numpy()
    cut = _cutter(area)
    table, lines = [], []
    for number in order:
        own = rows[label == number]
        worst = own[numbers.scores["harm_per_km"].to_numpy()[own].argmax()]
        main = segments.iloc[[worst]]
        times = numbers.harm[number] / numbers.usual[number]
        shut = kinds[number] in numbers.shut
        cuts, close = cut(own)
        action = "close" if shut else _action(times, cuts, rules)
        if action == "close":  # what comes after finds it closed
            close()
        middle = shapely.line_interpolate_point(shapes[worst], 0.5, normalized=True)
        layer = area.layers[kinds[number]]
        table.append({
            "action": action,
            "place": layer.title[lang],
            "road": road_names(main, lang)[0],
            "road_class": main["road_class"].iloc[0],
            "area": main["area"].iloc[0],
            "level": numbers.scores["level"].iloc[worst],
            "times_dry": float(f"{times:.3g}"),
            "added": float(f"{numbers.harm[number] - numbers.usual[number]:.3g}"),
            "length_m": round(float(segments["length_m"].iloc[own].sum()), 1),
            "cuts_off_km": round(cuts, 2),
            "who": responsible(main.iloc[0], rules)[lang],
            "advice": "; ".join(item[lang] for item in layer.advice.get("police", ())),
            "segment_ids": " ".join(segments.index[own]),
            "middle": middle,
        })
        lines.append(shapely.line_merge(shapely.multilinestrings(list(shapes[own]))))
    table, lines = _by_action(table, lines)
    found = pd.DataFrame(table, columns=[*COLUMNS[:-2], "middle"])
    middles = gpd.GeoSeries(found.pop("middle"), crs=segments.crs).to_crs(WGS84)
    found["lon"], found["lat"] = middles.x.round(6), middles.y.round(6)
    geometry = gpd.GeoSeries(lines, crs=segments.crs).to_crs(WGS84)
    return gpd.GeoDataFrame(found, geometry=geometry, crs=WGS84)


def _by_action(
    table: list[dict[str, Any]], lines: list[shapely.Geometry]
) -> tuple[list[dict[str, Any]], list[shapely.Geometry]]:
    """What is to be closed first; the order within an action stays."""
    order = sorted(range(len(table)), key=lambda row: ACTIONS.index(table[row]["action"]))
    ranked = [{**table[row], "order": rank} for rank, row in enumerate(order, 1)]
    return ranked, [lines[row] for row in order]


def _action(times: float, cuts_off_km: float, rules: Mapping[str, Any]) -> str:
    """Close what gets worst and cuts nobody off; else lead, control or watch it."""
    if times >= rules["close_times"]:
        return "convoy" if cuts_off_km > rules["cut_off_km"] else "close"
    return "control" if times >= rules["control_times"] else "watch"


def responsible(
    road: Mapping[Hashable, Any] | pd.Series, rules: Mapping[str, Any]
) -> Mapping[str, str]:
    """
    Say who sees to a road, by its class and whether it lies in town.

    `rules` is a table with `who`, the first row of which that fits counts, else its `other`.
    """
    for rule in rules["who"].values():
        if road["road_class"] in rule["classes"] and rule["area"] in ("", road["area"]):
            return rule
    return rules["who"]["other"]


def _cutter(area: Area) -> Callable[[Ints], tuple[float, Callable[[], None]]]:
    """
    Tell how many kilometres of road hang on some pieces alone, and close them if asked to.

    Ways in and out of the extract are not known: near its border a road may seem to be the only
    one.
    """
    start, end = _ends(area, np.arange(len(area.segments)))
    size = int(max(start.max(), end.max())) + 1
    km = area.segments["length_m"].to_numpy() / 1000.0
    open_ = np.ones(len(km), dtype=bool)

    def parts(keep: Bools) -> Ints:
        graph = coo_array((np.ones(keep.sum()), (start[keep], end[keep])), (size, size))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    def cut(rows: Ints) -> tuple[float, Callable[[], None]]:
        before, keep = parts(open_), open_.copy()
        keep[rows] = False
        inside = keep & np.isin(before[start], np.unique(before[start[rows]]))
        each = np.bincount(parts(keep)[start[inside]], km[inside])

        def close() -> None:
            open_[rows] = False

        return float(each.sum() - each.max(initial=0.0)), close

    return cut


def _ends(area: Area, rows: Ints) -> tuple[Ints, Ints]:
    """Nodes at both ends of some segments; every cut between two pieces is a node of its own."""
    network, part = area.network, area.segments.iloc[rows]
    edges, nodes = network.edges.iloc[part["edge"].to_numpy()], len(network.nodes)
    piece, pieces = part["piece"].to_numpy(), edges["pieces"].to_numpy()
    start = np.where(piece == 1, edges["u"].to_numpy(), nodes + rows - 1)
    end = np.where(piece == pieces, edges["v"].to_numpy(), nodes + rows)
    return start, end


def said(table: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """Put the plan into lines to read out."""
    if table.empty:
        return [text("badweather.none", lang)]
    return [
        text(
            "badweather.line", lang,
            order=row.order, action=text(f"badweather.{row.action}", lang), road=row.road,
            place=row.place, metres=two(row.length_m, lang), times=two(row.times_dry, lang),
            who=row.who,
        ) + (
            text("badweather.cuts", lang, km=two(row.cuts_off_km, lang)) if row.cuts_off_km else ""
        )
        for row in table.itertuples()
    ]  # fmt: skip
