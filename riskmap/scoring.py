"""A table of lines or an osmnx graph in, the same rows or edges with their scores out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap import coverage, graphs, line_features, lines, project, risk
from riskmap.area import Area
from riskmap.assessment import asked_tags, assess_extract
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.layers import read_layers
from riskmap.line_features import Described
from riskmap.lines import Lines
from riskmap.locale import LANGUAGES, text
from riskmap.moments import When
from riskmap.project import Project, open_project
from riskmap.touch import ASSUMED, UNKNOWN

__all__ = ["AssessedLines", "assess_lines", "score", "score_graph"]

Features: TypeAlias = gpd.GeoDataFrame | str | Path | None
OPTIONS = ("dem", "points", "points_crs", "crashes", "calendar")
"""What a table of lines can be given beside what lies around, as in `riskmap.assess`."""
RESULTS = (
    "score", "low", "high", "level", "worst", "harm", "reasons", "coverage", "length_m", "left_out",
)  # fmt: skip
"""Columns of `score`."""


def score(
    roads: Any,  # noqa: ANN401  # a GeoDataFrame, or a graph of a library that need not be there
    *,
    when: When | str = None,
    weather: str | None = None,
    layers: str | Path | Iterable[str] | None = None,
    features: Features = None,
    columns: Mapping[str, str] | None = None,
    baseline: Mapping[str, float] | None = None,
    parameters: Mapping[str, Any] | None = None,
    lang: str = "en",
    name: str = "lines",
    **options: str | Path | None,
) -> gpd.GeoDataFrame:
    """
    Score lines, and give the scores back on the same index.

    The lines are cut where they meet and then into pieces of at most 100 m, as everywhere in
    riskmap; each row gets what its pieces make together: of `score`, `low`, `high` and `coverage`
    the mean by length, of `level` the worst. Lines meet where they share a corner (to 1 cm). A line
    that is there twice, such as the two directions of a street in a graph, is scored once and
    answers both rows.

    Parameters
    ----------
    roads
        A GeoDataFrame of lines in any CRS and on any index without repetition, or an osmnx graph.
        Columns are tags of OpenStreetMap, all optional: `highway` (without it the class is not
        known, `road`), `maxspeed`, `lanes`, `width`, `oneway`, `lit`, `bridge`, `tunnel`, `name`
        and more. It is not changed.
    when
        None for the year; "2026-05-08T18:00"; a `Moment`; a `Period`.
    weather
        That of the hour, such as "rain"; needs a `when` in text.
    layers
        Names of the layers to score by, or a folder of layer files; None takes all that riskmap
        brings.
    features
        What lies around: a GeoDataFrame with tags as columns, as `osmnx.features_from_place` gives
        it, or the path of an extract. Layers that look for things which nobody looked up do not
        act, and count as unknown in `coverage`.
    columns
        Tag → column, where a column is called otherwise: `{"highway": "class"}`.
    baseline
        Least harm per km and year of each level, such as `Area.thresholds` of the whole county;
        None takes the worst 1, 5 and 20 % of the length of these lines.
    parameters
        Values that replace those of `parameters.toml`, table by table.
    lang
        Language of the reasons, "zh" or "en".
    name
        What the lines are called in messages.
    options
        As in `riskmap.assess`: `dem`, `points`, `points_crs`, `crashes`, `calendar`.

    Returns
    -------
    On the index of the lines, in their CRS and with their geometry: `score`, harm per km and year
    in severity-weighted crashes (of an hour: at its pace), with `low` and `high`; `level`; `worst`,
    the score of its worst piece; `harm`, that of all its metres in the year, the hour or the
    period; `reasons`; `coverage`, the share of layers that know; `length_m`; and `left_out`, why a
    row is no road and has no score.

    Raises
    ------
    RiskmapError
        What is missing or wrong, in one line.

    Examples
    --------
    >>> import geopandas, riskmap, shapely
    >>> lines = geopandas.GeoDataFrame(
    ...     {"highway": ["primary", "residential"]}, index=["trunk road", "lane"], crs=4326,
    ...     geometry=[shapely.LineString([(117.2, 28.3), (117.21, 28.3)]),
    ...               shapely.LineString([(117.2, 28.3), (117.2, 28.301)])])
    >>> riskmap.score(lines)["score"].idxmax()
    'trunk road'
    """
    found = assess_lines(
        roads, layers=layers, features=features, columns=columns, baseline=baseline,
        parameters=parameters, name=name, **options,
    )  # fmt: skip
    return found.scores(when, weather=weather, lang=lang)


def score_graph(
    graph: Any,  # noqa: ANN401  # networkx is optional
    *,
    prefix: str = "risk_",
    **options: Any,  # noqa: ANN401  # those of `score`
) -> Any:  # noqa: ANN401  # as above
    """
    Score an osmnx graph, and put the results on the edges of a copy.

    Parameters
    ----------
    graph
        A `MultiDiGraph` as osmnx makes it, in any CRS. Tags of its nodes, such as traffic signals,
        count as features. It is not changed.
    prefix
        Begins the name of each attribute: `risk_score`, `risk_level`, `risk_harm` and the other
        columns of `score`.
    options
        Those of `score`.

    Returns
    -------
    A graph of the same kind, from which `osmnx.graph_to_gdfs` makes tables again. Edges that are no
    roads carry only why, `risk_left_out`.

    Examples
    --------
    >>> import networkx, riskmap
    >>> graph = networkx.MultiDiGraph(crs="EPSG:4326")
    >>> graph.add_node(1, x=117.2, y=28.3)
    >>> graph.add_node(2, x=117.21, y=28.3)
    >>> key = graph.add_edge(1, 2, highway="primary")
    >>> sorted(riskmap.score_graph(graph).edges[1, 2, 0])[:4]
    ['highway', 'risk_coverage', 'risk_harm', 'risk_high']
    """
    if not graphs.is_graph(graph):
        raise RiskmapError(
            f"graph: a {type(graph).__name__} is no graph; use riskmap.score for a table of lines"
        )
    scored = score(graph, **options)
    plain = pd.DataFrame(scored.drop(columns=scored.geometry.name))
    return graphs.with_results(graph, plain, prefix=prefix)


@dataclass(frozen=True)
class AssessedLines:
    """
    Lines that can be asked about any hour.

    `area` is what they make together, an `Area` like any other: it has lists, clocks and maps.
    `lines` says which ways of it each row of `table` is made of.
    """

    area: Area
    table: gpd.GeoDataFrame
    lines: Lines

    def scores(
        self, when: When | str = None, *, weather: str | None = None, lang: str = "en"
    ) -> gpd.GeoDataFrame:
        """
        Score every row; see `riskmap.score`.

        Examples
        --------
        >>> import geopandas, riskmap, shapely
        >>> line = shapely.LineString([(117.2, 28.3), (117.21, 28.3)])
        >>> street = geopandas.GeoDataFrame({"lit": ["no"]}, geometry=[line], crs=4326)
        >>> found = riskmap.assess_lines(street, layers=["dark"])
        >>> noon, night = (found.scores(f"2026-05-08T{hour}:00") for hour in ("12", "23"))
        >>> night.reasons[0]
        'Rural road in the dark 63 %; traffic and class of road 37 %'
        >>> noon.reasons[0]
        'traffic and class of road 100 %'
        """
        if lang not in LANGUAGES:
            raise RiskmapError(f"lang '{lang}': unknown; use one of {', '.join(LANGUAGES)}")
        if isinstance(when, str):
            when = self.area.moment(when, weather)
        elif weather is not None:
            raise RiskmapError(
                "weather: needs a when in text; put it into the Moment or Period instead"
            )
        ways = self._ways(when)
        rows = self.lines.parts.drop_duplicates().merge(ways, left_on="way_id", right_index=True)
        summed = rows.drop(columns="way_id").groupby("row").sum()
        steep = rows.groupby("row")[["worst", "rank"]].max()
        km = summed["length_m"] / 1000.0
        found = pd.DataFrame({
            "score": summed["pace"] / km,
            "low": summed["low"] / km,
            "high": summed["high"] / km,
            "level": steep["rank"].map(dict(enumerate(reversed(risk.LEVELS)))).astype(object),
            "worst": steep["worst"],
            "harm": summed["harm"],
            "reasons": self._reasons(summed, lang),
            "coverage": summed["covered"] / summed["length_m"],
            "length_m": summed["length_m"],
        })
        found = found.reindex(np.arange(len(self.table)))
        found["reasons"] = found["reasons"].fillna("")
        found["left_out"] = [
            text(f"lines.{why}", lang) if why else "" for why in self.lines.left_out
        ]
        found.index = self.table.index
        return gpd.GeoDataFrame(
            found[list(RESULTS)], geometry=self.table.geometry.to_numpy(), crs=self.table.crs
        )

    def _ways(self, when: When) -> pd.DataFrame:
        """What the pieces of each way add up to; `worst` and `rank` are of its worst piece."""
        area = self.area
        scores, segments = area.scores(when), area.segments
        km = segments["length_m"] / 1000.0
        reasons = area.model.reason_harm(when)
        pieces = pd.concat(
            [
                pd.DataFrame({
                    "length_m": segments["length_m"],
                    "harm": scores["harm"],
                    "pace": scores["harm_per_km"] * km,
                    "low": scores["low"] * km,
                    "high": scores["high"] * km,
                    "covered": coverage.by_segment(area.known) * segments["length_m"],
                }),
                reasons.add_prefix("reason "),
            ],
            axis=1,
        )
        way = segments["way_id"]
        rank = {level: number for number, level in enumerate(reversed(risk.LEVELS))}
        worst = pd.DataFrame({
            "worst": scores["harm_per_km"], "rank": scores["level"].map(rank).astype(int),
        })
        return pieces.groupby(way).sum().join(worst.groupby(way).max())

    def _reasons(self, summed: pd.DataFrame, lang: str) -> list[str]:
        parts = summed.filter(like="reason ")
        shares = parts.div(parts.sum(axis=1), axis=0)
        shares.columns = [column.removeprefix("reason ") for column in shares.columns]
        return self.area.told(shares, lang)[0]


def assess_lines(
    roads: Any,  # noqa: ANN401  # as in `score`
    *,
    layers: str | Path | Iterable[str] | None = None,
    features: Features = None,
    columns: Mapping[str, str] | None = None,
    baseline: Mapping[str, float] | None = None,
    parameters: Mapping[str, Any] | None = None,
    name: str = "lines",
    **options: str | Path | None,
) -> AssessedLines:
    """
    Work out everything about lines that does not depend on the hour; see `score`.

    For more than one hour this is the quicker way: only the last step is done again.

    Examples
    --------
    >>> import geopandas, riskmap, shapely
    >>> line = shapely.LineString([(117.2, 28.3), (117.21, 28.3)])
    >>> street = geopandas.GeoDataFrame({"name": ["人民路"]}, geometry=[line], crs=4326)
    >>> found = riskmap.assess_lines(street)
    >>> len(found.area.segments), list(found.area.hotspots(top=1)["name"])
    (10, ['人民路'])
    """
    for option in set(options) - set(OPTIONS):
        message = f"unexpected option '{option}'; known are {', '.join(OPTIONS)}"
        raise TypeError(message)
    own_project = _project(name, parameters, baseline, options)
    rules = own_project.parameters
    chosen = _layers(layers)
    asked = asked_tags(chosen, rules)
    described = line_features.read(features, asked, rules)
    signals = False
    if graphs.is_graph(roads):
        table, nodes = graphs.tables(roads, name)
        if set(nodes.columns) & set(asked):
            described = line_features.joined(
                described, line_features.of_table(nodes, asked, where=name)
            )
        signals = "highway" in nodes.columns
    else:
        table = roads
    found = lines.read(table, chosen, rules, described, columns=columns, name=name)
    area = assess_extract(found.extract, own_project, chosen)
    return AssessedLines(_honest(area, described, signals=signals), table, found)


def _project(
    name: str,
    parameters: Mapping[str, Any] | None,
    baseline: Mapping[str, float] | None,
    options: Mapping[str, str | Path | None],
) -> Project:
    # the name is only what the lines are called, and opens no file
    found = open_project(Path("lines"), parameters=parameters, **options)
    if baseline is not None:
        try:
            baseline = {level: float(least) for level, least in baseline.items()}
        except (TypeError, ValueError) as fault:
            raise RiskmapError(f"baseline: {fault}; give each level a number") from fault
        project.check_baseline(Path(name), "baseline", baseline)
    # lists that happen to lie in the folder where a script runs are not meant; facts and counts
    # name ways of the map, and these lines have numbers of their own
    return replace(
        found, name=name, baseline=baseline, facts=None, traffic=None, register=None,
        points=found.points if options.get("points") else None,
    )  # fmt: skip


def _layers(given: str | Path | Iterable[str] | None) -> dict[str, Layer]:
    if given is None or isinstance(given, (str, Path)):
        return read_layers(given)
    known, names = read_layers(), list(given)
    for name in names:
        if name not in known:
            raise RiskmapError(f"layers: no layer '{name}'{project.meant(name, known)}")
    return {name: layer for name, layer in known.items() if name in names}


def _honest(area: Area, described: Described, *, signals: bool) -> Area:
    """Count as unknown, not as none, what a layer looks for and nobody looked up."""
    known = area.known.copy()
    for row, layer in enumerate(area.layers.values()):
        controlled = any("control" in source.network for source in layer.sources)
        if not described.answers(layer) and not (controlled and signals):
            known[row, known[row] == ASSUMED] = UNKNOWN
    return replace(area, known=known)
