"""An extract or a project in, an assessed area out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from riskmap import (
    calendars,
    coverage,
    crashes,
    facts,
    flow,
    learning,
    measures,
    osm,
    points,
    prior,
    profiles,
    questions,
    record_files,
    recorded,
    relations,
    scenarios,
    segments,
    slopes,
    store,
    terrain,
    touch,
    traffic,
    vehicles,
)
from riskmap.area import Area
from riskmap.crashes import Crashes
from riskmap.hours import Almanac
from riskmap.layer import Layer
from riskmap.layers import read_layers, wanted_tags
from riskmap.learning import Learned
from riskmap.passes import Wanted
from riskmap.profiles import Profiles
from riskmap.project import Project, open_project
from riskmap.resources import packaged
from riskmap.risk import Model
from riskmap.tags import Tags

__all__ = ["assess", "sample", "sample_crashes", "with_scenario"]

Progress = Callable[[str, float], None]
Note = tuple[str, Mapping[str, object]]


def assess(
    source: str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    **options: str | Path | None,
) -> Area:
    """
    Read an extract or a project and work out everything that does not depend on the hour.

    Parameters
    ----------
    source
        An extract (`.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`) or a project file (`.toml`).
    parameters
        Values that replace those of `parameters.toml`, table by table.
    cache
        Folder to keep results in, by content; True is the user's cache folder, False keeps none.
    progress
        Called with the name of the stage and how much of the work is done, 0..1.
    options
        What else there is, before what the project says: `dem` (elevation: a GeoTIFF, an `.hgt` or
        a folder of either), `points` (folder of the brigade's own lists) and `points_crs` (their
        coordinate system where they do not say), `register` (the hazard register), `facts` (a file
        of exact facts), `traffic` (a file of hourly counts and congestion records), `crashes` (a
        file or a folder of crash records), `layers` (folder of layer files), `scenario` (name or
        path of an overlay), `calendar` (a file of school terms, farm seasons and
        holidays).

    Raises
    ------
    RiskmapError
        Anything wrong with the files, in one line.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> len(area.segments) > 5000
    True
    """
    project = open_project(source, parameters=parameters, **options)
    tell = progress or (lambda _stage, _done: None)
    own_layers = read_layers(project.layers)
    tell("cache", 0.0)
    key = store.content_key(project, own_layers, _today() if project.points else None)
    folder = store.folder(cache)
    known = store.load(folder, key) if folder else None
    if not isinstance(known, Area):
        known = _assess(project, own_layers, key, tell)
        if folder:
            store.keep(known, folder, key)
    area = replace(known, home=project.home, extract=project.extract, office=project.office)
    if project.scenario:
        area = with_scenario(area, project.scenario)
    tell("done", 1.0)
    return area


def with_scenario(area: Area, scenario: str | Path) -> Area:
    """
    Put a what-if or a campaign on an area, by its name or path; see `scenarios`.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> railed = riskmap.with_scenario(area, "guard_rails")
    >>> railed.scores()["harm"].sum() < area.scores()["harm"].sum()
    np.True_
    """
    return scenarios.applied(area, scenarios.read_scenario(scenario, area))


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
    on: date | None = None,
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
    on
        What a list says to have ended before that day is left out; None takes today.
    progress
        As in `assess`.
    """
    rules = project.parameters
    tell = progress or (lambda _stage, _done: None)
    tell("cut", 0.4)
    network = segments.cut(extract, rules)
    stated = _facts(project, network)
    network = measures.stated(network, stated.table)
    records = _traffic(project, network)
    tell("flow", 0.6)
    passing = flow.centrality(network, rules)
    flows = flow.aadt(network, passing, rules, measures.counts(stated.table))
    almanac = _almanac(project, network)
    flows["profile"] = profiles.of_places(network.segments, rules)
    flows, hourly = recorded.counted(
        flows, Profiles.stated(rules, almanac.year), records.counts, almanac.year, rules["traffic"]
    )
    network = replace(network, segments=network.segments.join(flows))
    tell("touch", 0.7)
    features, report = _features(extract, project, layers, network, on or _today())
    reliefs = {
        name: touch.described(
            layer.touch.relieved.osm, extract.features, extract.feature_tags
        )
        for name, layer in layers.items()
        if layer.touch.relieved is not None
    }
    rail, rail_segments = touch.rail_crossings(
        network, layers, features, merge_m=rules["junctions"]["merge_m"]
    )
    quantities = flow.junction_quantities(network, passing)
    own = measures.own_tags(extract, network, stated.table)
    inclines, notes = _slopes(project, network)
    places = _places(
        network, rail, rail_segments, quantities, reliefs=reliefs, own=own,
        measured=measures.quantities(network, own, inclines, lane_m=rules["segments"]["lane_m"]),
        facts=stated.table,
    )  # fmt: skip
    columns, known = touch.touches(places, layers, features)
    if len(records.congestion) and not recorded.heard(layers):
        notes = [*notes, ("note.no_congestion", {})]
    columns, known = recorded.congested(
        columns, known, places, layers, records.congestion, rules["traffic"]
    )
    tell("score", 0.9)
    model = prior.build(
        places, columns, layers, rail_segments, rules, almanac=almanac, profiles=hourly
    )
    happened, learned = _learned(project, network, model, tell)
    scored = learned.model if learned else model
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
        known=known,
        questions=asked,
        model=scored,
        thresholds=dict(project.baseline or scored.thresholds()),
        thresholds_mvkm=dict(project.baseline_mvkm or scored.thresholds("mvkm")),
        inputs=coverage.by_input(places, columns),
        language=project.language,
        data_date=extract.data_date,
        notes=[*extract.notes, *notes],
        parameters=rules,
        prior=model,
        crashes=happened,
        learned=learned,
        vehicles=vehicles.table(own, network.segments.index, rules["diversions"]),
        report=pd.concat(
            [
                report, stated.report, records.report,
                *([happened.report] if happened else []),
            ],
            ignore_index=True,
        ),
    )  # fmt: skip


def _learned(
    project: Project, network: segments.Network, model: Model, tell: Progress
) -> tuple[Crashes | None, Learned | None]:
    """Crash records, where there are any, and what is learned from them."""
    if project.crashes is None:
        return None, None
    tell("learn", 0.93)
    paths = record_files.files_of(project.crashes)
    known = crashes.read(
        paths, network, system=project.points_crs, rules=project.parameters
    )
    if not known.years.sum():
        return known, None
    return known, learning.learn(model, crashes.counts(known, network))


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


def _almanac(project: Project, network: segments.Network) -> Almanac:
    """What hours are like in the middle of the network's extent."""
    west, south, east, north = network.segments.total_bounds
    to_wgs84 = Transformer.from_crs(network.segments.crs, osm.WGS84, always_xy=True)
    lon, lat = to_wgs84.transform((west + east) / 2.0, (south + north) / 2.0)
    rules = project.parameters
    counted = rules["moments"]["public_holidays"]
    calendar = calendars.read(project.calendar, public_holidays=counted)
    return Almanac((float(lon), float(lat)), calendar, rules)


def _today() -> date:
    return datetime.now().astimezone().date()


def _facts(project: Project, network: segments.Network) -> facts.Facts:
    if project.facts is None:
        return facts.nothing()
    return facts.read_facts(
        project.facts, network.segments, system=project.points_crs, rules=project.parameters
    )


def _traffic(project: Project, network: segments.Network) -> traffic.Traffic:
    if project.traffic is None:
        return traffic.nothing()
    return traffic.read_traffic(
        project.traffic, network, system=project.points_crs, rules=project.parameters
    )


def _features(
    extract: osm.Extract,
    project: Project,
    layers: dict[str, Layer],
    network: segments.Network,
    on: date,
) -> tuple[dict[str, relations.Features], pd.DataFrame]:
    """Features of every layer, from the map and the brigade's lists, and the report on those."""
    rules = project.parameters
    lists = points.read_lists(
        project.points, layers, network.segments, system=project.points_crs, on=on, rules=rules,
        register=project.register,
    )
    result, report = {}, lists.report
    for name, layer in layers.items():
        mapped = touch.features_of(layer, extract.features, extract.feature_tags)
        own = lists.features.get(name)
        result[name], same = points.merged(layer, mapped, own, merge_m=rules["points"]["merge_m"])
        report = points.told_merges(report, name, same)
        if own is not None:
            far = touch.too_far(layer, own, network, relations.SNAP_M)
            report = points.told_idle(report, name, far)
    return result, report


def _slopes(project: Project, network: segments.Network) -> tuple[pd.DataFrame | None, list[Note]]:
    """Grade and drop of every segment where there is terrain, and what to say of it."""
    if project.dem is None:
        return None, []
    west, south, east, north = network.segments.total_bounds
    crs = str(network.segments.crs)
    relief = terrain.read(project.dem, bounds=(west, south, east, north), crs=crs)
    found = slopes.quantities(network, relief, project.parameters["terrain"])
    return found, slopes.notes(found, project.parameters["terrain"])


def _places(
    network: segments.Network,
    rail: gpd.GeoDataFrame,
    rail_segments: pd.DataFrame,
    quantities: pd.DataFrame,
    *,
    reliefs: Mapping[str, relations.Features],
    own: Tags,
    measured: pd.DataFrame,
    facts: pd.DataFrame,
) -> relations.Places:
    """Segments, junctions and rail crossings one below the other."""
    columns = ["area", "road_class", "aadt", "profile"]
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
    return relations.Places(
        table, geometry, network, quantities, rail, reliefs, own, measured,
        measures.guard_rails(facts, len(table)),
    )  # fmt: skip


def sample() -> Path:
    """
    Path of the embedded extract: Liechtenstein, 2013.

    Examples
    --------
    >>> import riskmap
    >>> riskmap.sample().name
    'liechtenstein.osm.pbf'
    """
    return packaged("data") / "liechtenstein.osm.pbf"


def sample_crashes() -> Path:
    """
    Path of crash records for the embedded extract: simulated, none of them happened.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample(), crashes=riskmap.sample_crashes())
    >>> len(area.crashes.years)
    6
    """
    return packaged("data") / "simulated_crashes.csv"
