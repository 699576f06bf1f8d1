"""A plan in words and tables: who stands where from when to when, what for, and what it brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import LineString

from riskmap import campaign_told, export, list_terms, osm, plan_gaps, sites
from riskmap.deployment import Deployment
from riskmap.list_terms import Terms
from riskmap.locale import Lang, text
from riskmap.roster import clock

Floats = NDArray[np.float64]

SHARE = 4
"""Decimals of a share."""


def posts(plan: Deployment, lang: Lang) -> gpd.GeoDataFrame:
    """
    List where units stand, one row per stay.

    Returns
    -------
    `unit`, `squadron`, `officers`, `kind`, `from`, `to`, `road`, `segment_id`, `share_of_harm` (of
    the shift's, that this stay alone covers), `reasons` and `advice` (by the harm that it covers),
    `lon`, `lat` and the point, in WGS 84.
    """
    area, rules = plan.area, plan.area.parameters["sites"]
    stays = plan.roster[plan.roster["segment_id"] != ""].reset_index(drop=True)
    network = area.network
    ids = pd.Index(network.nodes["node_id"])
    nodes = ids.get_indexer(stays["nodes"].astype(ids.dtype))
    known, at = np.unique(nodes, return_inverse=True)
    reach = sites.reach(network, known, rules).tocsr()
    reasons = area.reason_table(plan.crew.period(area))
    shares, parts = np.zeros((len(stays), reasons.shape[1])), np.zeros(len(stays))
    for row, (first, last) in enumerate(zip(stays["start_min"], stays["end_min"], strict=True)):
        own = reach[[at[row]]]
        parts[row] = own.data @ plan.demand.between(first, last)[own.indices]
        harm = own.data * plan.sent.between(first, last)[own.indices]
        shares[row] = harm @ reasons.to_numpy()[own.indices] / max(float(harm.sum()), 1e-300)
    said, advice = area.told(pd.DataFrame(shares, columns=reasons.columns), lang)
    guard = area.layers.get("school")
    told_guards = "; ".join(item[lang] for item in guard.advice.get("police", ())) if guard else ""
    acts = campaign_told.acts(plan, lang)
    tasks = {task.name for task in plan.crew.tasks}
    for row, stay in enumerate(stays.itertuples()):
        if stay.kind == "school" and stay.note in tasks and told_guards:
            advice[row] = told_guards
        elif acts and plan.aim.on(stay.start_min, stay.end_min):
            advice[row] = acts
    xy = network.nodes[["x", "y"]].to_numpy()[nodes]
    point = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=area.segments.crs)
    point = point.to_crs(osm.WGS84)
    table = pd.DataFrame({
        "unit": stays["unit"], "squadron": _squadrons(plan, stays, lang),
        "officers": stays["officers"],
        "kind": [text(f"deploy.kind.{kind}", lang) for kind in stays["kind"]],
        "from": stays["start_min"].map(clock), "to": stays["end_min"].map(clock),
        "road": [road(plan, segment, lang) for segment in stays["segment_id"]],
        "segment_id": stays["segment_id"],
        "share_of_harm": (parts / max(plan.demand.total, 1e-300)).round(SHARE),
        "reasons": said, "advice": advice,
        "note": stays["note"],
        "lon": point.x.round(6), "lat": point.y.round(6),
    })  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=point.to_numpy(), crs=osm.WGS84)


def rows(plan: Deployment, lang: Lang, stood: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    Write the roster as people read it, row by row.

    Parameters
    ----------
    plan
        From `deployment.deploy`.
    lang
        Of its words.
    stood
        `posts` of the same plan, if they are known.

    Returns
    -------
    Times of the clock, what a unit does, on which road (of a drive: to which), what to watch for
    there (`reasons`) and what to do (`advice`).
    """
    table = plan.roster
    stood = pd.DataFrame(posts(plan, lang)) if stood is None else stood
    names = table["segment_id"].map(lambda segment: road(plan, segment, lang) if segment else "")
    stands = (table["segment_id"] != "").to_numpy()
    told = stood[["reasons", "advice"]].set_axis(np.flatnonzero(stands)).reindex(range(len(table)))
    told = told.fillna("")
    # a drive goes to where the next row of the unit is, unless that is at home or a break
    drives, ahead = table["kind"] == "drive", names.groupby(table["unit"]).shift(-1).fillna("")
    names = names.where(~drives | (ahead == ""), "→ " + ahead)
    return pd.DataFrame({
        "unit": table["unit"], "squadron": _squadrons(plan, table, lang),
        "officers": table["officers"],
        "vehicle": [text(f"deploy.vehicle.{own}", lang) for own in table["vehicle"]],
        "from": table["start_min"].map(clock), "to": table["end_min"].map(clock),
        "does": [text(f"deploy.kind.{kind}", lang) for kind in table["kind"]],
        "road": names, "reasons": told["reasons"], "advice": told["advice"],
        "note": table["note"], "nodes": table["nodes"], "segment_id": table["segment_id"],
    })  # fmt: skip


def routes(plan: Deployment, lang: Lang) -> gpd.GeoDataFrame:
    """
    List the ways that units drive, one row per drive, on its row of the roster.

    Returns
    -------
    `unit`, `squadron`, `officers`, `kind`, `from`, `to` and the line, in WGS 84.
    """
    driven = plan.roster[(plan.roster["kind"] == "drive").to_numpy()]
    driven = driven[driven["nodes"].str.contains(";").to_numpy(bool)]
    places = ways(plan, driven)
    table = pd.DataFrame({
        "unit": driven["unit"], "squadron": _squadrons(plan, driven, lang),
        "officers": driven["officers"],
        "kind": text("deploy.kind.drive", lang),
        "from": driven["start_min"].map(clock), "to": driven["end_min"].map(clock),
    })
    lines = [LineString(places[row]) for row in driven.index]
    return gpd.GeoDataFrame(table, geometry=lines, crs=osm.WGS84)


def ways(plan: Deployment, rows: pd.DataFrame) -> dict[int, Floats]:
    """Places that each row of a roster passes, longitude and latitude in WGS 84."""
    nodes = plan.area.network.nodes
    ids = pd.Index(nodes["node_id"])
    names = [row.split(";") for row in rows["nodes"]]
    at = ids.get_indexer(pd.Index(np.concatenate([*names, []])).astype(ids.dtype))
    xy = nodes[["x", "y"]].to_numpy()[at]
    point = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=plan.area.segments.crs)
    point = point.to_crs(osm.WGS84)
    places = np.column_stack([point.x, point.y])
    ends = np.cumsum([len(name) for name in names])
    return dict(zip(rows.index, np.split(places, ends[:-1]), strict=True)) if len(rows) else {}


def blind_spots(plan: Deployment, lang: Lang) -> pd.DataFrame:
    """The certificate: every key road and peak window, those with a blind spot first."""
    table = plan.certificate.table.sort_values(["ok", "alone_min"], ascending=[True, False])
    return pd.DataFrame({
        "segment_id": table["segment_id"],
        "road": [road(plan, segment, lang) for segment in table["segment_id"]],
        "from": table["start_min"].map(clock), "to": table["end_min"].map(clock),
        "alone_min": table["alone_min"].round(1),
        "allowed_min": plan.certificate.every_min, "ok": table["ok"],
    })  # fmt: skip


def _whole(plan: Deployment, stood: gpd.GeoDataFrame, lang: Lang) -> gpd.GeoDataFrame:
    """Where units stand and what they drive, in the order of the roster."""
    stays = stood.set_index(plan.roster.index[(plan.roster["segment_id"] != "").to_numpy()])
    driven = routes(plan, lang).reindex(columns=stays.columns)
    words = ["road", "segment_id", "reasons", "advice", "note"]
    driven[words] = driven[words].fillna("")
    both = pd.concat([stays, driven]) if len(driven) else stays
    return both.sort_index().reset_index(drop=True)


def _squadrons(plan: Deployment, rows: pd.DataFrame, lang: Lang) -> list[str]:
    """What the squadrons of rows of the roster are called."""
    return [plan.crew.called(squadron, lang) for squadron in rows["squadron"]]


def road(plan: Deployment, segment: str, lang: Lang) -> str:
    """Name of a segment's road, or its number."""
    row = plan.area.segments.loc[segment]
    return str(row["name"] or row["ref"] or text("reason.unnamed", lang))


def sentences(plan: Deployment, lang: Lang) -> list[str]:
    """What the plan is and what it brings, in plain words."""
    crew, met, seen = plan.crew, plan.met, plan.certificate
    rule = plan.area.parameters["deploy"]
    campaign = plan.campaign
    shares = {"plan": 100 * met.by_all, "plain": 100 * plan.top.by_all, "more": 100 * plan.gain}
    said = [
        text(
            "deploy.is", lang, date=f"{crew.date:%Y-%m-%d}", first=clock(crew.first),
            last=clock(crew.last), officers=crew.officers, teams=len(crew.teams),
            cars=len(crew.cars), blocks=len(plan.standing.edges) - 1,
        ),
        text("deploy.met", lang, **shares) if campaign is None else text(
            "deploy.met_for", lang, title=campaign.title[lang], **shares
        ),
        *campaign_told.when(plan, lang),
    ]  # fmt: skip
    if crew.teams and campaign is None:
        said.append(text(
            "deploy.saves", lang, covered=100 * met.by_posts, effect=100 * rule["effect"],
            share=100 * rule["effect"] * met.by_posts,
        ))  # fmt: skip
    elif crew.teams:
        said += campaign_told.claimed(plan, lang)
    if met.patrols.any():
        every = plan.area.parameters["sites"]["seen_min"]
        said.append(text(
            "deploy.present", lang, more=100 * (met.by_all - met.by_posts), every=every
        ))  # fmt: skip
    said += plan_gaps.sentences(plan, lang)
    found = plan.standing.found
    if crew.teams and np.isfinite(found.bound):
        said.append(text("deploy.gap", lang, gap=100 * found.gap))
    said.append(text("deploy.no_peak", lang) if seen.table.empty else _certified(plan, lang))
    return said


def _certified(plan: Deployment, lang: Lang) -> str:
    seen = plan.certificate
    keys = int(seen.table["segment_id"].nunique())
    if seen.ok:
        return text("deploy.no_spot", lang, keys=keys, every=seen.every_min, reach=seen.reach_m)
    spots = int(seen.spots["segment_id"].nunique())
    said = text("deploy.spots", lang, keys=keys, spots=spots, every=seen.every_min)
    if seen.hopeless:
        said += text("deploy.hopeless", lang, some=len(seen.hopeless))
    if seen.extra_teams:
        which = "others" if seen.hopeless else "extra"
        return said + text(f"deploy.{which}", lang, teams=seen.extra_teams) + _owed(plan, lang)
    return said if seen.hopeless else said + text("deploy.between", lang)


def _owed(plan: Deployment, lang: Lang) -> str:
    """Which squadrons need the teams more, in whose areas the blind spots are."""
    parts = [
        text("deploy.extra_of", lang, teams=teams,
             name=plan.crew.called(name, lang) if name else text("deploy.outside", lang))
        for name, teams in plan.certificate.extra_by.items()
    ]  # fmt: skip
    if not parts:
        return ""
    return text("deploy.extra_by", lang, parts=text("deploy.extra_and", lang).join(parts))


def write(
    plan: Deployment,
    path: str | Path,
    lang: Lang,
    more: Mapping[str, pd.DataFrame],
    said: Sequence[str] | None = None,
    **terms: Unpack[Terms],
) -> None:
    """
    Write a plan, whole or not at all.

    Parameters
    ----------
    plan
        From `deployment.deploy`.
    path
        `.xlsx` holds everything; the other formats of lists hold where units stand, and those with
        places the ways that they drive.
    lang
        Language of words and of the sheets' names.
    more
        Further tables for the workbook, by the last word of their key in `deploy.sheet`.
    said
        What the summary says; None is `sentences`.
    terms
        `headers` and `coords`, as of `export.write_list`.
    """
    path = Path(path)
    export.check_target(path, **terms)
    if path.suffix.lower() != ".xlsx":
        table = posts(plan, lang)
        if path.suffix.lower() != ".csv":
            table = _whole(plan, table, lang)
        export.write_list(table, path, kind="deploy", **terms)
        return
    stood = pd.DataFrame(posts(plan, lang).drop(columns="geometry"))
    tables = {
        "summary": pd.DataFrame({
            text("deploy.sheet.summary", lang): said or sentences(plan, lang)
        }),
        "posts": stood,
        "roster": rows(plan, lang, stood),
        "key_roads": blind_spots(plan, lang),
        **more,
    }
    export.write_book({
        text(f"deploy.sheet.{key}", lang): list_terms.termed(own, "deploy", **terms)
        for key, own in tables.items()
    }, path)  # fmt: skip
