"""What no officer can mend (隐患移交): hazards for the road agencies, with place and reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import referral_words
from riskmap.badweather import responsible
from riskmap.cross_roads import CrossRoads
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.locale import Lang, text
from riskmap.osm import WGS84
from riskmap.risk import LEVELS
from riskmap.road_runs import Runs, runs

if TYPE_CHECKING:
    from riskmap.area import Area

__all__ = ["referrals"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SPOTS = ("near", "crosses", "at_junction")
"""Relations whose hazard is a feature or a junction; of the others it is a stretch of road."""
COLUMNS = (
    "rank", "layer", "hazard", "name", "from", "to", "settlement", "level", "length_m", "who",
    "asks", "reason", "share", "factor", "grade", "source", "added", "harm", "low", "high", "saves",
    "saves_is", "segment_ids", "lon", "lat",
)  # fmt: skip


def referrals(
    area: Area,
    *,
    lang: Lang = "zh",
    most: int | None = 50,
    segments: Collection[str] | None = None,
    to: str = "",
) -> gpd.GeoDataFrame:
    """
    List the hazards that the road agencies are to mend, what adds most harm first.

    A hazard is known to be there, is of a layer with advice for the agency, and has a part of at
    least `[referrals] share` in the year's harm of its pieces of road; what only the brigade's own
    list knows is in it whatever its part, and whatever `most` says. It is a feature or a junction
    with the roads that it touches, or a stretch of one road whose pieces are at most `join_m`
    apart, no longer than `most_m`; both carriageways are one road. What is the same on every road,
    such as rain or a holiday evening, is no place and is left to the officers.

    Parameters
    ----------
    lang
        Language of the words.
    most
        How many beside those that the brigade reported; None lists all.
    segments
        Only hazards that touch one of these segments, with their figures as a whole; None takes
        all.
    to
        Only hazards for agencies with this in their name.

    Returns
    -------
    `COLUMNS` and the lines, in WGS 84. In severity-weighted crashes a year: `added` is the part of
    the hazard in the `harm` of its pieces (`share`: added / harm), `low` and `high` the 80 %
    interval of the harm as if all its pieces were off together, which is no narrower than it is.
    `saves` is what would be saved were the hazard gone (harm × (1 − 1 / factor) where it acts
    always, on every crash and wholly) or, where the layer knows a relief such as a guard rail,
    were that there; `saves_is` says which, and the grade. `factor`, `grade` and `source` are those
    of the layer's strongest effect. `name` is that of feature and roads, `from` and `to` are the
    cross roads of the main one, `settlement` is the nearest with a name. `level` is that of the
    worst piece; in `length_m` both carriageways count. `attrs["known"]` is how many hazards there
    are with those that `most` leaves out.

    Raises
    ------
    RiskmapError
        Fewer than one, a segment that this area does not have, or an agency that has none.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap.referrals import referrals
    >>> len(referrals(area, lang="en", most=10)) <= 10
    True
    """
    if most is not None and most < 1:
        raise RiskmapError(f"--most {most}: must be 1 or more")
    along = runs(area.network, turns=True)
    found, table = _hazards(area, along, lang, segments, to)
    told = np.array([_reported(area.layers[name]) for name in table["layer"]], dtype=bool)
    first = np.cumsum(~told) <= (len(table) if most is None else most)
    listed = _told(area, along, found, table["who"][first | told], lang)
    listed.attrs["known"] = len(table)
    return listed


# --- which hazards there are -------------------------------------------------------------------


def _hazards(
    area: Area, along: Runs, lang: Lang, segments: Collection[str] | None, to: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pieces of the hazards asked for, and of each `added`, `layer`, `who`, the worst first."""
    found = _found(area, along)
    if segments is not None:
        rows = area.segments.index.get_indexer(pd.Index(list(segments), dtype=object))
        if (rows < 0).any():
            raise RiskmapError(
                f"segment '{list(segments)[int(rows.argmin())]}': not in {area.name}; take ids "
                "from a list of this area"
            )
        inside = found.loc[found["row"].isin(rows), "hazard"].unique()
        found = found[found["hazard"].isin(inside)]
    worst = found.sort_values(["added", "row"], ascending=[False, True]).groupby("hazard")["row"]
    table = found.groupby("hazard", sort=False).agg({"added": "sum", "layer": "first"})
    table = table.iloc[np.argsort(-table["added"].to_numpy(float), kind="stable")]
    roads = area.segments[["road_class", "area"]].iloc[worst.first().loc[table.index]]
    kind = roads.groupby(["road_class", "area"], sort=False).ngroup().to_numpy()
    kinds = roads.drop_duplicates().to_dict("records")
    asked = [responsible(own, area.parameters["referrals"])[lang] for own in kinds]
    table["who"] = np.array(asked, dtype=object)[kind]
    named = np.array([to.casefold() in who.casefold() for who in table["who"]], dtype=bool)
    if len(table) and not named.any():
        names = text("referrals.and", lang).join(table["who"].unique())
        raise RiskmapError(text("referrals.nobody", lang, to=to, names=names))
    return found, table[named]


def placed(layer: Layer) -> bool:
    """Whether a layer is a hazard of places that an agency can mend."""
    everywhere = layer.touch.relation == "own" and all(
        source.osm == {"highway": ("*",)} for source in layer.sources
    )
    told = any(effect.when for effect in layer.effects)
    return bool(layer.advice.get("agency")) and (told or not everywhere)


def _reported(layer: Layer) -> bool:
    """Whether only the brigade's own list knows where the layer is."""
    listed = [source.file is not None and not source.osm for source in layer.sources]
    return bool(listed) and all(listed)


def _found(area: Area, along: Runs) -> pd.DataFrame:
    """Pieces of road of every hazard: `hazard`, `layer`, `spot` (its row, −1), `row`, `part`."""
    rules, parts = area.parameters["referrals"], []
    harm, by_reason = area.model.harm().to_numpy(), area.model.reason_harm()
    for name, layer in area.layers.items():
        if not placed(layer):
            continue
        own = by_reason[name].to_numpy()
        least = 0.0 if _reported(layer) else rules["share"]
        rows = np.flatnonzero(_sure(area, layer) & (own > 0) & (own >= least * harm))
        spots = layer.touch.relation in SPOTS and layer.touch.combine == "max"
        pairs = by_spot(area, name, rows) if spots else _by_stretch(area, along, rows, rules)
        parts.append(pairs.assign(layer=name, added=own[pairs["row"]] * pairs["part"]))
    columns = ["label", "spot", "row", "part", "layer", "added"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    table["hazard"] = table.groupby(["layer", "label"], sort=False).ngroup()
    return table


def _sure(area: Area, layer: Layer) -> Bools:
    """Segments on which the layer is known to be, not only assumed by a share of such roads."""
    known, strongest = np.zeros(len(area.segments), dtype=bool), layer.strongest
    for column in area.columns:
        # a road of which lamps are known to be there is not to be lit
        if column.layer == layer.name and (
            column.when is None or (strongest and column.when == strongest.when)
        ):
            rows = column.rows[~column.unknown]
            known[rows[rows < len(known)]] = True
    return known


def _pairs(label: Ints, spot: Ints, row: Ints, part: Floats) -> pd.DataFrame:
    return pd.DataFrame({"label": label, "spot": spot, "row": row, "part": part})


def by_spot(area: Area, name: str, rows: Ints) -> pd.DataFrame:
    """
    Give every piece of road to the nearest feature; what is as near to several is divided.

    Returns
    -------
    `label` (a feature for all that have the same pieces), `spot` (row of the feature), `row` (of
    the piece), `part` of it.
    """
    spots = area.features(name).geometry.to_numpy()
    if not len(spots):
        rows = rows[:0]
    lines = area.segments.geometry.to_numpy()[rows]
    piece, spot = shapely.STRtree(spots).query_nearest(lines)
    part = 1.0 / np.bincount(piece, minlength=len(rows))[piece]
    # features with the same pieces, such as the tracks of one crossing, are one hazard
    whole = pd.Series(piece).groupby(spot).agg(tuple)
    first = whole.index.to_series().groupby(whole).transform("min").loc[spot].to_numpy()
    table = _pairs(first, first, rows[piece], part)
    return table.groupby(["label", "spot", "row"], as_index=False)["part"].sum()


def _by_stretch(area: Area, along: Runs, rows: Ints, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Join the pieces of a road that lie near each other, up to a length."""
    alone = np.full(len(rows), -1), np.ones(len(rows))
    if not len(rows):
        return _pairs(rows, alone[0], rows, alone[1])
    run, begin, end = along.spans(area.network, rows)
    pair = pd.Index(rows).get_indexer(
        area.segments.index.get_indexer(area.segments["pair_id"].to_numpy(object)[rows])
    )
    # of two carriageways that with the higher number goes with the other
    follows = (pair >= 0) & (run[pair] < run)
    lead = np.flatnonzero(~follows)
    lead = lead[np.lexsort((begin[lead], run[lead]))]
    apart = np.ones(len(lead), dtype=bool)
    apart[1:] = begin[lead][1:] - end[lead][:-1] > rules["join_m"]
    apart[1:] |= np.diff(run[lead]) > 0
    stretch, first = np.cumsum(apart) - 1, np.flatnonzero(apart)
    low = begin[lead][first][stretch]
    size = np.maximum.reduceat(end[lead], first)[stretch] - low
    piece_m = size / np.ceil(size / rules["most_m"])
    middle = (begin[lead] + end[lead]) / 2 - low
    label = np.full(len(rows), -1)
    label[lead] = pd.MultiIndex.from_arrays([stretch, middle // piece_m]).factorize()[0]
    label[follows] = label[pair[follows]]
    lost = np.flatnonzero(label < 0)
    label[lost] = label.max() + 1 + np.arange(len(lost))
    return _pairs(label, alone[0], rows, alone[1])


# --- what is said of them ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Numbers:
    """Of every segment: harm, the ends of its interval as factors, level by rank (0 is worst)."""

    harm: Floats
    low: Floats
    high: Floats
    level: Ints

    @classmethod
    def of(cls, area: Area) -> _Numbers:
        rates = area.model.rates(thresholds=area.thresholds)
        level = pd.Index(LEVELS).get_indexer(rates["level"])
        return cls(rates["harm"].to_numpy(), *area.model.interval, level)


def _told(
    area: Area, along: Runs, found: pd.DataFrame, who: pd.Series, lang: Lang
) -> gpd.GeoDataFrame:
    """Tell of hazards; `who` says of each, by its number, which agency is asked."""
    numbers, crossing = _Numbers.of(area), CrossRoads.of(area.network, along)
    found = found[found["hazard"].isin(who.index)]
    saved = {
        name: numbers.harm - _mended(area, area.layers[name]) for name in found["layer"].unique()
    }
    by_hazard = dict(iter(found.groupby("hazard")))
    table, lines, points = [], [], []
    for rank, (hazard, agency) in enumerate(who.items(), 1):
        own = by_hazard[hazard].sort_values(["added", "row"], ascending=[False, True])
        layer = area.layers[own["layer"].iloc[0]]
        rows, part = own["row"].to_numpy(np.int64), own["part"].to_numpy()
        line = shapely.line_merge(
            shapely.multilinestrings(list(area.segments.geometry.to_numpy()[np.sort(rows)]))
        )
        points.append(referral_words.point(area, layer, int(own["spot"].iloc[0]), rows))
        lines.append(line)
        harm = part * numbers.harm[rows]
        added, total = float(own["added"].sum()), float(harm.sum())
        table.append({
            "rank": rank, "layer": layer.name, "hazard": layer.title[lang],
            **referral_words.place(area, along, own, crossing, lang),
            "level": LEVELS[numbers.level[rows].min()],
            "length_m": round(float(area.segments["length_m"].iloc[rows].sum()), 1),
            "who": agency,
            "asks": "; ".join(item[lang] for item in layer.advice["agency"]),
            **referral_words.reason(layer, added / total, lang),
            "added": _round(added), "harm": _round(total),
            "low": _round(harm @ numbers.low[rows]), "high": _round(harm @ numbers.high[rows]),
            "saves": _round(max(float(part @ saved[layer.name][rows]), 0.0)),
            "saves_is": referral_words.basis(layer, lang),
            "segment_ids": " ".join(area.segments.index[np.sort(rows)]),
        })  # fmt: skip
    told = pd.DataFrame(table, columns=[name for name in COLUMNS if name not in ("lon", "lat")])
    told["settlement"] = referral_words.settlements(area, points, lang)
    middle = gpd.GeoSeries(points, crs=area.segments.crs).to_crs(WGS84)
    told["lon"], told["lat"] = middle.x.round(6).to_numpy(), middle.y.round(6).to_numpy()
    geometry = gpd.GeoSeries(lines, crs=area.segments.crs).to_crs(WGS84)
    return gpd.GeoDataFrame(told[list(COLUMNS)], geometry=geometry.to_numpy(), crs=WGS84)


def _mended(area: Area, layer: Layer) -> Floats:
    """Harm a year were the relief that the layer knows everywhere, else were the layer gone."""
    model = area.model
    if layer.touch.relieved is None:
        return model.weighted({layer.name: 0.0}).harm().to_numpy()
    families = tuple(
        replace(family, candidates=tuple(
            replace(term, hoped=1.0) if term.layer == layer.name else term
            for term in family.candidates
        ))
        for family in model.families
    )  # fmt: skip
    return replace(model, families=families).harm().to_numpy()


def _round(value: float) -> float:
    """Six significant figures, as in every list."""
    return float(f"{value:.6g}")
