"""The school sheet (护学单): stretch, hours, post, parking and signs of a school on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap import checkpoints, osm, sites, wording
from riskmap.documents import maps, paper, places
from riskmap.documents.content import (
    Block,
    Document,
    Fields,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
)
from riskmap.errors import RiskmapError
from riskmap.jams import road_names
from riskmap.locale import Lang, text
from riskmap.risk import LEVELS
from riskmap.roster import clock
from riskmap.vocabulary import DAYS

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.layer import Layer

LAYERS = ("school", "kindergarten")
ROADS = 6
COUNTED_BY_HAND = ("pupils", "lifts", "bays", "short")
MAP_HIGH = 300.0
MIDNIGHT = 24.0


def documents(area: Area, lang: Lang, *, most: int = 10, name: str = "") -> list[Document]:
    """
    Write a sheet for each school and kindergarten, those that add most harm first.

    Parameters
    ----------
    most
        How many; `schools` lists all.
    name
        Only those whose name has this in it.

    Raises
    ------
    RiskmapError
        No school, or none of that name.
    """
    if most < 1:
        raise RiskmapError(f"--most {most}: must be 1 or more")
    table = schools(area, lang, name)
    if table.empty:
        which = f"--name {name}: no such school" if name else "no school near a road"
        raise RiskmapError(f"{which} in {area.name}; `riskmap layers list` counts what is known")
    seen, levels = _seen(area), area.scores()["level"]
    posts = {own: checkpoints.guarded(area, own) for own in table["layer"].unique()}
    return [
        _sheet(area, row, int(posts[row["layer"]][row["spot"]]), seen, levels, lang)
        for row in table.head(most).to_dict("records")
    ]


def schools(area: Area, lang: Lang, name: str = "") -> pd.DataFrame:
    """List the schools and kindergartens, or those with this in their name; see `places`."""
    table = places.around(area, [own for own in LAYERS if own in area.layers], lang)
    if not name:
        return table
    return table[[name.casefold() in own.casefold() for own in table["name"]]]


def _sheet(
    area: Area, row: dict[str, Any], post: int, seen: gpd.GeoDataFrame | None,
    levels: pd.Series, lang: Lang,
) -> Document:
    layer = area.layers[row["layer"]]
    called = row["name"] or text("documents.school.unnamed", lang, near=row["near"])
    rules = area.parameters["school_sheet"]
    counts = None if seen is None else _counts(seen, _ground(area, row), rules)
    around = len(set(road_names(area.segments.iloc[row["rows"]], lang)))
    row = _near(area, row, lang)
    lines = area.segments.geometry.to_numpy()[row["rows"]]
    nodes = area.network.nodes[["x", "y"]].to_numpy()
    told = "alone" if post < 0 else "both"
    marks = [maps.Mark(row["x"], row["y"], text("documents.school.letter", lang))]
    if post >= 0:
        marks.append(maps.Mark(float(nodes[post, 0]), float(nodes[post, 1]), "1"))
    shown = maps.Shown(
        marks=tuple(marks), stretches=tuple(lines),
        legend={"mark": text(f"documents.school.mark_{told}", lang),
                "stretch": text("documents.school.stretch_is", lang)},
    )  # fmt: skip
    stretch = _stretch(area, row, levels, lang)
    left = around - len(stretch.rows)
    blocks: list[Block] = [
        Fields(_fields(area, row, post, lang)),
        Heading(text("documents.school.stretch", lang)),
        stretch,
        *([Paragraph(text("documents.school.left", lang, count=left), quiet=True)] if left else ()),
        Heading(text("documents.school.acts", lang)),
        Items(tuple(own[lang] for own in layer.advice.get("police", ())), boxes=True),
        Heading(text("documents.school.parking", lang)),
        Paragraph(_parking(counts, rules["near_m"], lang)),
        Fields(tuple(
            (text(f"documents.school.{key}", lang), "") for key in COUNTED_BY_HAND
        )),
        Heading(text("documents.school.signs", lang)),
        Paragraph(_signs(counts, rules["near_m"], lang)),
        Items(tuple(own[lang] for own in layer.advice.get("agency", ())), boxes=True),
        Picture(
            maps.svg(area, shown, levels, lang, height=MAP_HIGH),
            text("documents.school.map", lang),
        ),
    ]  # fmt: skip
    return paper.document(
        area, "school", lang, title=text("documents.school.title", lang, name=called),
        name=f"school_{called}", blocks=blocks,
    )  # fmt: skip


def _ground(area: Area, row: dict[str, Any]) -> shapely.Geometry:
    """The school as it is mapped: a gate, or its grounds."""
    return area.features(row["layer"]).geometry.iloc[row["spot"]]


def _near(area: Area, row: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """
    Narrow the roads of a school down to its stretch.

    It is the pieces where the school has its full effect, else the nearest, and the whole of the
    road with most of its harm, which may lie further off.
    """
    own = area.segments.iloc[row["rows"]]
    away = shapely.distance(own.geometry.to_numpy(), _ground(area, row))
    full = away <= max(area.layers[row["layer"]].touch.full_m, float(away.min()))
    road = road_names(own, lang)
    full |= road == pd.Series(row["parts"]).groupby(road).sum().idxmax()
    return {**row, "rows": row["rows"][full], "parts": row["parts"][full]}


def _fields(area: Area, row: dict[str, Any], post: int, lang: Lang) -> tuple[tuple[str, str], ...]:
    layer = area.layers[row["layer"]]
    nowhere = text("documents.school.nowhere", lang)
    where = sites.called(area.network, post) if post >= 0 else nowhere
    pairs = {
        "kind": layer.title[lang], "near": row["near"], "hours": _hours(layer, lang), "post": where,
        "guard": "", "teacher": "",
    }  # fmt: skip
    return tuple((text(f"documents.school.{key}", lang), value) for key, value in pairs.items())


def _hours(layer: Layer, lang: Lang) -> str:
    """The hours of every kind of day, those with the same hours together."""
    by_day: dict[str, set[tuple[float, float]]] = {}
    for active in layer.active:
        for day in active.days or DAYS:
            by_day.setdefault(day, set()).update(active.hours)
    alike: dict[tuple[tuple[float, float], ...], list[str]] = {}
    for day in DAYS:
        if day in by_day:
            alike.setdefault(tuple(sorted(by_day[day])), []).append(day)
    join = "、".join if lang == "zh" else ", ".join
    said = []
    for hours, days in alike.items():
        named = days if len(days) < len(DAYS) else ["every"]
        spans = (f"{clock(60 * first)}–{_until(last)}" for first, last in hours)
        on = join(text(f"documents.school.days.{day}", lang) for day in named)
        said.append(f"{on} {join(spans)}")
    return wording.joined(said, lang)


def _until(hour: float) -> str:
    """An end of hours; midnight is the end of that day."""
    return "24:00" if hour == MIDNIGHT else clock(60 * hour)


def _stretch(area: Area, row: dict[str, Any], levels: pd.Series, lang: Lang) -> Table:
    """The roads around, those with most of the school's harm first."""
    own = area.segments.iloc[row["rows"]]
    table = pd.DataFrame({
        "road": road_names(own, lang), "length_m": own["length_m"].to_numpy(),
        "level": levels.iloc[row["rows"]].to_numpy(object), "added": row["parts"],
        "limit": np.where(own["speed_source"] != "prior", own["maxspeed_kph"], np.nan),
    })
    rows = []
    for name, part in table.groupby("road", sort=False):
        limits = sorted({int(value) for value in part["limit"].dropna()})
        worst = next(level for level in LEVELS if (part["level"] == level).any())
        rows.append((
            part["added"].sum(), str(name),
            f"{part['length_m'].sum():.0f} {text('unit.metre', lang)}",
            text(f"level.{worst}", lang),
            "/".join(map(str, limits)) or text("word.unknown", lang),
        ))  # fmt: skip
    rows.sort(key=lambda one: -one[0])
    head = ("road", "length", "level", "limit")
    return Table(
        tuple(text(f"documents.school.column.{key}", lang) for key in head),
        tuple(one[1:] for one in rows[:ROADS]), (0.46, 0.18, 0.14, 0.22),
    )  # fmt: skip


# --- what is mapped around ---------------------------------------------------------------------


def _seen(area: Area) -> gpd.GeoDataFrame | None:
    """What is counted, of the extract: `kind`, `capacity`, geometry; None where that is gone."""
    if area.extract is None or not Path(area.extract).exists():
        return None
    path, own = Path(area.extract).resolve(), area.parameters
    told = [json.dumps(part) for part in (own["roads"], own["school_sheet"]["counted"])]
    return _read(str(path), path.stat().st_mtime_ns, *told)


@lru_cache(maxsize=2)
def _read(path: str, seen: int, roads: str, counted: str) -> gpd.GeoDataFrame:
    del seen  # it tells an extract from the one that was there before
    kinds: dict[str, dict[str, list[str]]] = json.loads(counted)
    wanted: dict[str, set[str] | None] = {}
    for tags in kinds.values():
        for key, values in tags.items():
            wanted[key] = None if "*" in values else set(values)
    extract = osm.read(path, wanted, json.loads(roads))
    kind = np.full(len(extract.features), "", dtype=object)
    for name, tags in kinds.items():
        kind[extract.feature_tags.holds(tags)] = name
    capacity = pd.to_numeric(pd.Series(extract.feature_tags.column("capacity")), errors="coerce")
    return gpd.GeoDataFrame(
        {"kind": kind, "capacity": capacity.to_numpy(float)},
        geometry=extract.features.geometry.to_numpy(), crs=extract.features.crs,
    )[kind != ""]  # fmt: skip


def _counts(
    seen: gpd.GeoDataFrame, ground: shapely.Geometry, rules: Mapping[str, Any]
) -> dict[str, float]:
    """How many of each lie near a place, and the bays that are known."""
    near = seen[shapely.distance(seen.geometry.to_numpy(), ground) <= rules["near_m"]]
    counts: dict[str, float] = {
        name: int((near["kind"] == name).sum()) for name in rules["counted"]
    }
    bays = near.loc[near["kind"] == "parking", "capacity"]
    return counts | {"bays": float(bays.sum()), "silent": int(bays.isna().sum())}


def _signs(counts: dict[str, float] | None, near_m: float, lang: Lang) -> str:
    """What is mapped for those who walk."""
    if counts is None:
        return text("documents.school.unseen", lang)
    return text("documents.school.mapped", lang, near=near_m, **{
        key: counts[key] for key in ("crossing", "calming", "sign")
    })


def _parking(counts: dict[str, float] | None, near_m: float, lang: Lang) -> str:
    """Parking that there is; how much is short nobody can know before lifts are counted."""
    if counts is None:
        there = text("documents.school.unseen", lang)
    elif counts["parking"]:
        there = text(
            "documents.school.parking_some", lang, near=near_m, places=counts["parking"],
            bays=counts["bays"], silent=counts["silent"],
        )  # fmt: skip
    else:
        there = text("documents.school.parking_none", lang, near=near_m)
    return there + text("documents.school.count_them", lang)
