"""One assessed area: the tables, and the answers to what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import coverage, drawn, osm, relations, risk, segments, stretches, touch
from riskmap.crashes import Crashes
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS
from riskmap.layer import Layer
from riskmap.learning import Learned
from riskmap.locale import Lang, text
from riskmap.moments import Moment, Period, When
from riskmap.office import NOBODY, Office

__all__ = ["Area"]

By = Literal["km", "mvkm", "total"]

RANKED_BY: Mapping[str, str] = {"km": "harm_per_km", "mvkm": "harm_per_mvkm", "total": "harm"}
LIST_COLUMNS = (
    "rank", "segment_id", "name", "road_class", "area", "level", "harm_per_km", "harm_per_mvkm",
    "share_of_harm", "low", "high", "peak", "reasons", "advice", "coverage", "length_m", "lon",
    "lat",
)  # fmt: skip


@dataclass(frozen=True)
class Area:
    """
    An area ready to be asked: tables in metres, and a model that scores any hour.

    Make one with `riskmap.assess`. `known` is the second table of `touch.touches`,
    `inputs` what `coverage.by_input` counts, `report` what became of every row of the brigade's
    lists and facts (`file`, `row`, `layer`, `name`, `outcome`, `why_zh`, `why_en`, `lon`, `lat`).
    `vehicles` says what may drive where (`vehicles.table`). `crashes` are the records, `learned` is
    what they changed, None without any; `prior` is the model without them.
    `home` is the project's folder, `extract` the file that was read, `scenario` what was put on
    with `riskmap.with_scenario`. `office` is what documents say of the brigade.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> area.scores()["level"].value_counts().index.tolist()
    ['blue', 'yellow', 'orange', 'red']
    """

    name: str
    key: str
    layers: dict[str, Layer]
    network: segments.Network
    junctions: gpd.GeoDataFrame
    rail_crossings: gpd.GeoDataFrame
    risk_points: dict[str, gpd.GeoDataFrame]
    columns: list[touch.Column]
    known: NDArray[np.int8]
    questions: gpd.GeoDataFrame
    model: risk.Model
    thresholds: dict[str, float]
    thresholds_mvkm: dict[str, float]
    inputs: pd.DataFrame
    language: str
    data_date: str
    notes: list[tuple[str, Mapping[str, object]]]
    report: pd.DataFrame
    vehicles: pd.DataFrame
    parameters: Mapping[str, Any] = field(repr=False)
    prior: risk.Model = field(repr=False)
    crashes: Crashes | None = field(repr=False, default=None)
    learned: Learned | None = field(repr=False, default=None)
    home: Path | None = None
    extract: Path | None = None
    scenario: str = ""
    office: Office = NOBODY

    @property
    def segments(self) -> gpd.GeoDataFrame:
        """
        Pieces of road ≤100 m, index `segment_id`, metric CRS.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.segments["length_m"].max() <= 100.1
        np.True_
        """
        return self.network.segments

    def features(self, layer: str) -> gpd.GeoDataFrame:
        """
        Risk points of a layer: `osm_id`, `name`, geometry in metres.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> len(area.features("school")) > 10
        True
        """
        return self.risk_points[layer]

    def touched(self, layer: str) -> pd.DataFrame:
        """
        Segments that a layer touches: `touch` 0..1 and `unknown`, index `segment_id`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.touched("school").columns.tolist()
        ['touch', 'unknown']
        """
        links = len(self.segments)
        found = pd.concat([
            pd.DataFrame({"row": c.rows, "touch": c.touch, "unknown": c.unknown})
            for c in self.columns
            if c.layer == layer
        ])
        found = found[found["row"] < links].sort_values(["row", "unknown", "touch"])
        found = found.groupby("row").agg(touch=("touch", "max"), unknown=("unknown", "all"))
        return found.set_index(self.segments.index[found.index])

    def rows(self, kind: str) -> slice:
        """
        Rows of one kind of place among all that can be touched.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> rows = area.rows("junction")
        >>> rows.stop - rows.start == len(area.junctions)
        True
        """
        return relations.rows_of(
            kind, len(self.segments), len(self.junctions), len(self.rail_crossings)
        )

    def coverage(self) -> pd.DataFrame:
        """
        Count what each layer knows; see `coverage.by_layer`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.coverage().loc["steep", "known_km"]  # no elevation was given
        np.float64(0.0)
        """
        return coverage.by_layer(self)

    def coverage_table(self, lang: Lang = "zh") -> pd.DataFrame:
        """
        What is known of every layer and input, as it goes with a list; see `coverage.table`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.coverage_table("en")["about"].unique().tolist()
        ['layer', 'input']
        """
        return coverage.table(self, lang)

    def limits(self, by: str = "km") -> dict[str, float]:
        """
        Least rate of each level, per km and year or per million vehicle-km of the year.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> list(area.limits())
        ['red', 'orange', 'yellow']
        """
        if by not in risk.RATES:
            raise RiskmapError(f"levels by '{by}': unknown; use one of {', '.join(risk.RATES)}")
        return self.thresholds_mvkm if by == "mvkm" else self.thresholds

    def scores(
        self,
        when: When = None,
        *,
        weights: Mapping[str, float] | None = None,
        by: str = "km",
    ) -> pd.DataFrame:
        """
        Score every segment; see `risk.Model.scores`. Levels are against the baseline.

        `weights`, layer → power on its factors, asks what if: 0 takes a layer out, 2 doubles its
        logs. Nothing geometric is worked out again. `by` says what the levels are of: harm per km,
        or with "mvkm" per million vehicle-km.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> dark = area.scores(area.moment("2026-06-12T01:00"))
        >>> light = area.scores(area.moment("2026-06-12T13:00"))
        >>> (light["harm"] > dark["harm"]).mean() > 0.9
        np.True_
        >>> plain = area.scores(weights={"school": 0})
        >>> (plain["harm"] <= area.scores()["harm"]).all()
        np.True_
        """
        model = self.model.weighted(weights) if weights else self.model
        return model.scores(when, self.limits(by), by=by)

    def within(
        self, corners: Sequence[tuple[float, float]], lang: Lang = "en"
    ) -> NDArray[np.bool_]:
        """
        Segments that an area with these corners touches, True there; see `drawn.polygon`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> vaduz = [(9.51, 47.13), (9.54, 47.13), (9.54, 47.15), (9.51, 47.15)]
        >>> 100 < area.within(vaduz).sum() < len(area.segments)
        np.True_
        """
        shape = drawn.polygon(corners, lang)
        own = gpd.GeoSeries([shape], crs=osm.WGS84).to_crs(self.segments.crs).iloc[0]
        return np.asarray(self.segments.intersects(own), dtype=bool)

    def moment(
        self, time: str, weather: str | None = None, *, called: str = "when"
    ) -> Moment:
        """
        Hour of a date on the clocks of the place, "2026-05-01T18:00"; see `Moment.at`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.moment("2026-05-08T18:00").day
        'school'
        """
        return Moment.at(time, self.model.almanac, weather, called=called)

    def period(self, first: str, last: str, weather: str | None = None) -> Period:
        """
        All hours of some dates, or between two times; see `Period.between`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.period("2026-05-01", "2026-05-05").label
        '2026-05-01/2026-05-05'
        """
        return Period.between(first, last, self.model.almanac, weather)

    def active(self, when: When = None) -> pd.Series:
        """
        Share of the hours that are asked about in which each layer acts, 0..1, by layer.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.active(riskmap.Moment("school", 3))["school"]  # at three in the morning
        np.float64(0.0)
        """
        hours = self.model.time.hours(when)
        share = hours.weight / hours.weight.sum()
        acts = {name: hours.active(layer.active) @ share for name, layer in self.layers.items()}
        return pd.Series(acts, dtype=float)

    def reason_table(self, when: When = None) -> pd.DataFrame:
        """
        Share of every reason in every segment's harm; rows add up to 1.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> float(area.reason_table().sum(axis=1).min().round(9))
        1.0
        """
        return self.model.reason_table(when)

    def reasons(self, segment_id: str, when: When = None) -> pd.DataFrame:
        """
        Say why a segment has its score.

        Returns
        -------
        One row per reason that has a part in it, largest first: `reason`, `title_zh`, `title_en`,
        `share` (they add up to 1; the cap's is negative), `factor`, `grade`, `source`.

        Raises
        ------
        RiskmapError
            An id that this area does not have.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> worst = area.hotspots(top=1).segment_id[0]
        >>> float(area.reasons(worst)["share"].sum().round(9))
        1.0
        """
        self._known(segment_id)
        row = int(self.segments.index.get_loc(segment_id))
        shares = self.model.part(np.array([row])).reason_table(when).loc[segment_id]
        shares = shares[shares.abs() > 1e-9]  # noqa: PLR2004  # numerical
        shares = shares.iloc[np.argsort(-shares.to_numpy(), kind="stable")]
        rows = []
        for name, share in shares.items():
            strongest = self.layers[str(name)].strongest if name in self.layers else None
            rows.append({
                "reason": name,
                "title_zh": self.reason_title(str(name), "zh"),
                "title_en": self.reason_title(str(name), "en"),
                "share": float(share),
                "factor": float(strongest.factor) if strongest else np.nan,
                "grade": strongest.grade if strongest else "",
                "source": strongest.source if strongest else "",
            })
        return pd.DataFrame(rows)

    def reason_title(self, reason: str, lang: str) -> str:
        """
        Title of a layer, or of the base and the cap.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.reason_title("school", "en")
        'Road near a school'
        """
        if reason in self.layers:
            return self.layers[reason].title[lang]
        return text(f"reason.{reason}", lang)

    def clock(self, segment_id: str) -> pd.DataFrame:
        """
        Mean harm per hour of a segment.

        Returns
        -------
        24 hours × the kinds of day that the year has: school day, workday, weekend, holiday.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> worst = area.hotspots(top=1).segment_id[0]
        >>> area.clock(worst).shape
        (24, 4)
        """
        self._known(segment_id)
        row = int(self.segments.index.get_loc(segment_id))
        values = self.model.part(np.array([row])).by_kind().reshape(len(KINDS), 24).T
        there = self.model.time.counts.reshape(len(KINDS), 24).any(axis=1)
        return pd.DataFrame(values, columns=list(KINDS)).loc[:, there]

    def hotspots(
        self,
        *,
        top: int | None = 50,
        by: By = "km",
        when: When = None,
        lang: str = "zh",
        inside: Sequence[tuple[float, float]] | None = None,
    ) -> gpd.GeoDataFrame:
        """
        List the worst pieces of road.

        Parameters
        ----------
        top
            How many; None lists every segment.
        by
            Harm per km, per million vehicle-km, or total.
        when
            None for the whole year; an hour, or a period.
        lang
            Language of names for what has none, reasons and advice.
        inside
            Corners of an area, longitude and latitude in WGS 84: only what it touches.

        Returns
        -------
        The columns `LIST_COLUMNS` and the line, in WGS 84. `level` is of harm per million
        vehicle-km where the list is ranked by that, else per km.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.hotspots(top=3, lang="en")[["rank", "level"]].values.tolist()
        [[1, 'red'], [2, 'red'], [3, 'red']]
        """
        if by not in RANKED_BY:
            raise RiskmapError(f"--by {by}: unknown; use one of {', '.join(RANKED_BY)}")
        if top is not None and top < 1:
            raise RiskmapError(f"--top {top}: must be 1 or more")
        scores = self.scores(when, by=by if by in risk.RATES else "km")
        order = np.argsort(-scores[RANKED_BY[by]].to_numpy(), kind="stable")
        if inside is not None:
            order = order[self.within(inside)[order]]
        return self._listed(order[:top], scores, when, lang)

    def stretches(
        self,
        *,
        top: int | None = 50,
        by: By = "km",
        when: When = None,
        lang: Lang = "zh",
        inside: Sequence[tuple[float, float]] | None = None,
    ) -> gpd.GeoDataFrame:
        """
        List the worst pieces of road, those that touch on the same road joined.

        Parameters
        ----------
        top
            How many pieces; what touches is then one stretch.
        by, when, lang, inside
            As in `hotspots`. `by` ranks the stretches too.

        Returns
        -------
        The columns `stretches.COLUMNS` and the line, in WGS 84. `name` is of the worst piece;
        `from` and `to` are the cross roads by which people know the stretch, or how far from one
        it ends; `level` is the worst of its pieces; `harm` their sum, in severity-weighted crashes
        in a year, or in the hours that are asked about; `harm_per_km` (at a year's pace) and
        `harm_per_mvkm` are of the whole stretch, and so are the shares in `reasons`. `segment_ids`
        are its pieces in their order along the road.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> worst = area.stretches(top=200, lang="en").iloc[1]
        >>> print(worst["name"], worst["from"], worst["to"], worst["length_m"], sep=" | ")
        Kohlplatz | Dr. Albert Schädler-Strasse | Fallsgass | 55.3
        """
        pieces = self.hotspots(top=top, by=by, when=when, lang=lang, inside=inside)
        return stretches.stretches(self, pieces, by=by, when=when, lang=lang)

    def listed(
        self, segment_ids: Sequence[str], *, when: When = None, lang: str = "zh"
    ) -> gpd.GeoDataFrame:
        """
        List pieces of road in the order in which they are named, with the same columns.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> ids = area.segments.index[:2]
        >>> area.listed(ids, lang="en")["segment_id"].tolist() == ids.tolist()
        True
        """
        for segment_id in segment_ids:
            self._known(segment_id)
        order = self.segments.index.get_indexer(pd.Index(segment_ids, dtype=object))
        return self._listed(order, self.scores(when), when, lang)

    def _listed(
        self, order: NDArray[np.intp], scores: pd.DataFrame, when: When, lang: str
    ) -> gpd.GeoDataFrame:
        chosen = scores.iloc[order]
        part = self.segments.iloc[order]
        reasons = self.reason_table(when).iloc[order]
        line = part.geometry.to_crs(osm.WGS84)
        middle = gpd.GeoSeries(
            shapely.line_interpolate_point(part.geometry.to_numpy(), 0.5, normalized=True),
            crs=part.crs,
        ).to_crs(osm.WGS84)
        told = self.told(reasons, lang)
        named = np.where(part["name"] != "", part["name"], part["ref"]).astype(object)
        table = pd.DataFrame({
            "rank": np.arange(1, len(order) + 1, dtype=np.int32),
            "segment_id": part.index.to_numpy(object),
            "name": np.where(named == "", text("reason.unnamed", lang), named),
            "road_class": part["road_class"].to_numpy(object),
            "area": part["area"].to_numpy(object),
            "level": chosen["level"].to_numpy(object),
            **{c: _rounded(chosen[c]) for c in ("harm_per_km", "harm_per_mvkm", "share_of_harm")},
            "low": _rounded(chosen["low"]),
            "high": _rounded(chosen["high"]),
            "peak": chosen["peak"].to_numpy(object),
            "reasons": told[0],
            "advice": told[1],
            "coverage": coverage.by_segment(self.known[:, order]).round(3),
            "length_m": part["length_m"].to_numpy().round(1),
            "lon": middle.x.to_numpy().round(6),
            "lat": middle.y.to_numpy().round(6),
        })
        return gpd.GeoDataFrame(table, geometry=line.to_numpy(), crs=osm.WGS84)

    def told(self, shares: pd.DataFrame, lang: str) -> tuple[list[str], list[str]]:
        """
        Reasons, and what police can do about them, in words; `shares` as of `reason_table`.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> reasons, advice = area.told(area.reason_table().iloc[:1], "en")
        >>> "%" in reasons[0]
        True
        """
        return self._reason_texts(shares, lang), self._advice_texts(shares, lang)

    def _reason_texts(self, shares: pd.DataFrame, lang: str, most: int = 4) -> list[str]:
        """Like "临水路段 41 %; 学校 27 %": the largest, down to one per cent."""
        titles = np.array([self.reason_title(name, lang) for name in shares.columns], dtype=object)
        values = shares.to_numpy()
        result = []
        for row, order in zip(values, np.argsort(-values, axis=1, kind="stable"), strict=True):
            best = [n for n in order[:most] if row[n] >= 0.005]  # noqa: PLR2004  # shown as 1 %
            result.append("; ".join(f"{titles[n]} {row[n] * 100:.0f} %" for n in best))
        return result

    def _advice_texts(self, shares: pd.DataFrame, lang: str) -> list[str]:
        """What police can do about the layers that matter most there."""
        advice = {
            name: "; ".join(item[lang] for item in layer.advice.get("police", ()))
            for name, layer in self.layers.items()
        }
        values = shares[list(self.layers)].to_numpy()
        names = list(self.layers)
        result = []
        for row, order in zip(values, np.argsort(-values, axis=1, kind="stable"), strict=True):
            best = [names[n] for n in order[:2] if row[n] >= 0.05]  # noqa: PLR2004  # one in twenty
            result.append("; ".join(dict.fromkeys(advice[n] for n in best if advice[n])))
        return result

    def _known(self, segment_id: str) -> None:
        if segment_id not in self.segments.index:
            raise RiskmapError(
                f"segment '{segment_id}': not in {self.name}; take an id from `riskmap hotspots`"
            )


def _rounded(column: pd.Series) -> np.ndarray[Any, Any]:
    """Six significant figures: more would be noise, and every format keeps them."""
    return np.array([float(f"{value:.6g}") for value in column])
