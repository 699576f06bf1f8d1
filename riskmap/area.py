"""One assessed area: an extract or a project in, the tables and scores out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap import flow, osm, points, prior, questions, relations, risk, segments, store, touch
from riskmap.errors import RiskmapError
from riskmap.layers import Layer, read_layers, wanted_tags
from riskmap.locale import text
from riskmap.moments import Moment
from riskmap.passes import Wanted
from riskmap.project import Project, open_project
from riskmap.resources import packaged

Progress = Callable[[str, float], None]
By = Literal["km", "mvkm", "total"]

RANKED_BY: Mapping[str, str] = {"km": "harm_per_km", "mvkm": "harm_per_mvkm", "total": "harm"}
LIST_COLUMNS = (
    "rank", "segment_id", "name", "road_class", "area", "level", "harm_per_km", "harm_per_mvkm",
    "share_of_harm", "low", "high", "peak", "reasons", "advice", "length_m", "lon", "lat",
)  # fmt: skip


@dataclass(frozen=True)
class Area:
    """
    An area ready to be asked: tables in metres, and a model that scores any hour.

    Make one with `riskmap.assess`.
    """

    name: str
    key: str
    layers: dict[str, Layer]
    network: segments.Network
    junctions: gpd.GeoDataFrame
    rail_crossings: gpd.GeoDataFrame
    risk_points: dict[str, gpd.GeoDataFrame]
    columns: list[touch.Column]
    questions: gpd.GeoDataFrame
    model: risk.Model
    thresholds: dict[str, float]
    language: str
    data_date: str
    notes: list[tuple[str, Mapping[str, object]]]
    parameters: Mapping[str, Any] = field(repr=False)

    @property
    def segments(self) -> gpd.GeoDataFrame:
        """Pieces of road ≤100 m, index `segment_id`, metric CRS."""
        return self.network.segments

    def features(self, layer: str) -> gpd.GeoDataFrame:
        """Risk points of a layer: `osm_id`, `name`, geometry in metres."""
        return self.risk_points[layer]

    def touched(self, layer: str) -> pd.DataFrame:
        """Segments that a layer touches: `touch` 0..1 and `unknown`, index `segment_id`."""
        links = len(self.segments)
        found = pd.concat([
            pd.DataFrame({"row": c.rows, "touch": c.touch, "unknown": c.unknown})
            for c in self.columns
            if c.layer == layer
        ])
        found = found[found["row"] < links].sort_values(["row", "unknown", "touch"])
        found = found.groupby("row").agg(touch=("touch", "max"), unknown=("unknown", "all"))
        return found.set_index(self.segments.index[found.index])

    def coverage(self) -> pd.DataFrame:
        """
        Count what each layer knows.

        Returns
        -------
        Index layer: `features` mapped or listed, `touched_km` of road, and `unknown_km` of it
        where the touch rests on what the map does not say.
        """
        rows = {}
        km = self.segments["length_m"] / 1000.0
        for name in self.layers:
            found = self.touched(name)
            rows[name] = {
                "features": len(self.risk_points[name]),
                "touched_km": round(float(km[found.index].sum()), 3),
                "unknown_km": round(float(km[found.index[found["unknown"]]].sum()), 3),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def scores(
        self, moment: Moment | None = None, *, weights: Mapping[str, float] | None = None
    ) -> pd.DataFrame:
        """
        Score every segment; see `risk.Model.scores`. Levels are against the baseline.

        `weights`, layer → power on its factors, asks what if: 0 takes a layer out, 2 doubles its
        logs. Nothing geometric is worked out again.
        """
        model = self.model.weighted(weights) if weights else self.model
        return model.scores(moment, self.thresholds)

    def reason_table(self, moment: Moment | None = None) -> pd.DataFrame:
        """Share of every reason in every segment's harm; rows add up to 1."""
        return self.model.reason_table(moment)

    def reasons(self, segment_id: str, moment: Moment | None = None) -> pd.DataFrame:
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
        """
        self._known(segment_id)
        shares = self.reason_table(moment).loc[segment_id]
        shares = shares[shares.abs() > 1e-9]  # noqa: PLR2004  # numerical
        shares = shares.iloc[np.argsort(-shares.to_numpy(), kind="stable")]
        rows = []
        for name, share in shares.items():
            effects = self.layers[str(name)].effects if name in self.layers else ()
            strongest = max(effects, key=lambda e: abs(np.log(e.factor)), default=None)
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
        """Title of a layer, or of the base and the cap."""
        if reason in self.layers:
            return self.layers[reason].title[lang]
        return text(f"reason.{reason}", lang)

    def clock(self, segment_id: str) -> pd.DataFrame:
        """Harm per hour of a segment, 24 hours × school day, workday, weekend."""
        self._known(segment_id)
        row = int(self.segments.index.get_loc(segment_id))
        values = np.array([self.model.harm(Moment.numbered(n)).iloc[row] for n in range(72)])
        return pd.DataFrame(values.reshape(3, 24).T, columns=["school", "workday", "weekend"])

    def hotspots(
        self,
        *,
        top: int | None = 50,
        by: By = "km",
        moment: Moment | None = None,
        lang: str = "zh",
    ) -> gpd.GeoDataFrame:
        """
        List the worst pieces of road.

        Parameters
        ----------
        top
            How many; None lists every segment.
        by
            Harm per km, per million vehicle-km, or total.
        moment
            None for the whole year.
        lang
            Language of names for what has none, reasons and advice.

        Returns
        -------
        The columns `LIST_COLUMNS` and the line, in WGS 84.
        """
        if by not in RANKED_BY:
            raise RiskmapError(f"--by {by}: unknown; use one of {', '.join(RANKED_BY)}")
        if top is not None and top < 1:
            raise RiskmapError(f"--top {top}: must be 1 or more")
        scores = self.scores(moment)
        order = np.argsort(-scores[RANKED_BY[by]].to_numpy(), kind="stable")[:top]
        chosen = scores.iloc[order]
        part = self.segments.iloc[order]
        reasons = self.reason_table(moment).iloc[order]
        line = part.geometry.to_crs(osm.WGS84)
        middle = gpd.GeoSeries(
            shapely.line_interpolate_point(part.geometry.to_numpy(), 0.5, normalized=True),
            crs=part.crs,
        ).to_crs(osm.WGS84)
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
            "reasons": self._reason_texts(reasons, lang),
            "advice": self._advice_texts(reasons, lang),
            "length_m": part["length_m"].to_numpy().round(1),
            "lon": middle.x.to_numpy().round(6),
            "lat": middle.y.to_numpy().round(6),
        })
        return gpd.GeoDataFrame(table, geometry=line.to_numpy(), crs=osm.WGS84)

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


def assess(
    source: str | Path,
    *,
    layers: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    points: str | Path | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> Area:
    """
    Read an extract or a project and work out everything that does not depend on the hour.

    Parameters
    ----------
    source
        An extract (`.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`) or a project file (`.toml`).
    layers
        Folder of layer files instead of the project's, or of the ones that riskmap brings.
    parameters
        Values that replace those of `parameters.toml`, table by table.
    points
        Folder of the brigade's own lists.
    cache
        Folder to keep results in, by content; True is the user's cache folder, False keeps none.
    progress
        Called with the name of the stage and how much of the work is done, 0..1.

    Raises
    ------
    RiskmapError
        Anything wrong with the files, in one line.
    """
    project = open_project(source, layers=layers, parameters=parameters, points=points)
    tell = progress or (lambda _stage, _done: None)
    own_layers = read_layers(project.layers)
    tell("cache", 0.0)
    key = store.content_key(project, own_layers)
    folder = store.folder(cache)
    known = store.load(folder, key) if folder else None
    if not isinstance(known, Area):
        known = _assess(project, own_layers, key, tell)
        if folder:
            store.keep(known, folder, key)
    tell("done", 1.0)
    return known


def _assess(project: Project, layers: dict[str, Layer], key: str, tell: Progress) -> Area:
    rules = project.parameters
    tell("read", 0.02)
    extract = osm.read(project.extract, asked_tags(layers, rules), rules["roads"])
    return assess_extract(extract, project, layers, key=key, progress=tell)


def assess_extract(
    extract: osm.Extract,
    project: Project,
    layers: dict[str, Layer],
    *,
    key: str = "",
    progress: Progress | None = None,
) -> Area:
    """
    Work out everything that does not depend on the hour from tables that are read already.

    Parameters
    ----------
    extract
        From `osm.read`, or made by hand.
    project
        Names, lists, baseline and parameters; its paths of extract and layers are not opened.
    layers
        Layers by name, sorted.
    key
        Fingerprint of the content, if known.
    progress
        As in `assess`.
    """
    rules = project.parameters
    tell = progress or (lambda _stage, _done: None)
    tell("cut", 0.4)
    network = segments.cut(extract, rules)
    tell("flow", 0.6)
    passing = flow.centrality(network, rules)
    flows = flow.aadt(network, passing, rules)
    network = replace(network, segments=network.segments.join(flows))
    tell("touch", 0.7)
    today = datetime.now().astimezone().date()
    lists = points.read_lists(
        project.points, layers, network.segments, system=None, on=today, rules=rules
    )
    features = {}
    reliefs = {}
    for name, layer in layers.items():
        mapped = touch.features_of(layer, extract.features, extract.feature_tags)
        features[name], _ = points.merged(
            layer, mapped, lists.features.get(name), merge_m=rules["points"]["merge_m"]
        )
        if layer.touch.relieved is not None:
            reliefs[name] = touch.described(
                layer.touch.relieved.osm, extract.features, extract.feature_tags
            )
    rail, rail_segments = touch.rail_crossings(
        network, layers, features, merge_m=rules["junctions"]["merge_m"]
    )
    quantities = flow.junction_quantities(network, passing)
    places = _places(network, rail, rail_segments, quantities, reliefs)
    columns = touch.touches(places, layers, features)
    tell("score", 0.9)
    model = prior.build(places, columns, layers, rail_segments, rules)
    risk_points = {
        name: touch.risk_points(layer, places, features[name]) for name, layer in layers.items()
    }
    asked = questions.open_questions(
        network, layers, features, extract.features, extract.feature_tags
    )
    return Area(
        name=project.name,
        key=key,
        layers=layers,
        network=network,
        junctions=network.junctions.join(quantities[["centrality", "major_aadt", "minor_aadt"]]),
        rail_crossings=rail,
        risk_points=risk_points,
        columns=columns,
        questions=asked,
        model=model,
        thresholds=dict(project.baseline or model.thresholds()),
        language=project.language,
        data_date=extract.data_date,
        notes=list(extract.notes),
        parameters=rules,
    )


def asked_tags(layers: Mapping[str, Layer], rules: Mapping[str, Any]) -> Wanted:
    """Tags to read: what the layers describe, and what the network itself needs."""
    asked = {key: None if v is None else set(v) for key, v in wanted_tags(layers).items()}
    network: list[Mapping[str, Any]] = [*rules["junctions"]["control"].values()]
    network += [{"landuse": rules["urban"]["landuse"]}, {"place": list(rules["urban"]["place_m"])}]
    for table in network:
        for key, values in table.items():
            known = asked.setdefault(key, set())
            if known is not None:
                known.update(values)
    return asked


def _places(
    network: segments.Network,
    rail: gpd.GeoDataFrame,
    rail_segments: pd.DataFrame,
    quantities: pd.DataFrame,
    reliefs: Mapping[str, relations.Features],
) -> relations.Places:
    """Segments, junctions and rail crossings one below the other."""
    columns = ["area", "road_class", "aadt"]
    links = network.segments[[*columns, "bridge", "tunnel", "oneway"]].assign(kind="link")
    at_junction = flow.busiest_segment(links, flow.approaches(network), "junction")
    junctions = links.iloc[at_junction][columns].assign(kind="junction")
    at_crossing = flow.busiest_segment(links, rail_segments, "crossing")
    crossings = links.iloc[at_crossing][columns].assign(kind="rail")
    table = pd.concat([links, junctions, crossings], ignore_index=True)
    for name in ("bridge", "tunnel", "oneway"):
        table[name] = table[name].fillna(0).astype(bool)
    geometry = np.concatenate([
        network.segments.geometry.to_numpy(),
        network.junctions.geometry.to_numpy(),
        rail.geometry.to_numpy(),
    ])
    return relations.Places(table, geometry, network, quantities, rail, reliefs)


def sample() -> Path:
    """Path of the embedded extract: Liechtenstein, 2013."""
    return packaged("data") / "liechtenstein.osm.pbf"
