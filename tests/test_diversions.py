"""Ways round a jam: on a ladder of streets where they are known by hand, and on the sample."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from streets import CRS, Way, area, extract, layer, rules, source, street
from test_properties import shuffled
from town import write

import riskmap
from riskmap import diversions
from riskmap.area import Area
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.jams import jams
from riskmap.layer import Active
from riskmap.moments import Moment
from riskmap.routes import Roads
from riskmap.segments import Network
from riskmap.tags import tags_of
from riskmap.vehicles import ALLOWED, NOT_KNOWN, REFUSED, measured, table

WEST, EAST = (-1000.0, 0.0), (1000.0, 0.0)
FAST = {"maxspeed": "60"}  # a kilometre a minute
BUSY = layer(
    "congestion", relation="at_junction", reach_m=100.0,
    sources=(source(network={"approaches": (4, 9)}),),
    active=(Active(("school", "workday"), ((7.0, 9.0),)),),
)  # fmt: skip
NETWORK = {"centrality": {"spacing": 2**60}}


def ladder(back: dict[str, str] | None = None, *more: Way) -> list[Way]:
    """
    A main road from west to east with a crossing in its middle, and a road beside it.

    Rungs join the two a kilometre on each side of the crossing, whose side streets are dead ends.
    """
    corners = [(-3000.0, 0.0), (-2000.0, 0.0), WEST, (0.0, 0.0), EAST, (2000.0, 0.0), (3000.0, 0.0)]
    return [
        street(*corners, highway="primary", name="Main", **FAST),
        street((0.0, -200.0), (0.0, 0.0), (0.0, 200.0), highway="residential"),
        street(WEST, (-1000.0, 500.0), name="West Rung", **FAST),
        street((-1000.0, 500.0), (1000.0, 500.0), name="Back", **FAST, **(back or {})),
        street((1000.0, 500.0), EAST, name="East Rung", **FAST),
        *more,
    ]


def loop(**tags: str) -> Way:
    """A longer way round in the south, from and to two kilometres before the crossing."""
    corners = [(-2000.0, 0.0), (-2000.0, -1500.0), (2000.0, -1500.0), (2000.0, 0.0)]
    return street(*corners, name="Far", **FAST, **tags)


def town(ways: list[Way], **diverting: Any) -> Area:
    return area(extract(ways), BUSY, parameters=rules(diversions=diverting))


def rows(found: gpd.GeoDataFrame) -> pd.DataFrame:
    return found.set_index(["vehicle", "direction"])


EASTBOUND, WESTBOUND = ("car", "eastbound"), ("car", "westbound")


# --- the way round -----------------------------------------------------------------------------


def test_the_way_round_is_the_one_known_by_hand() -> None:
    found = diversions.plan(town(ladder()), lang="en")
    assert list(found.columns) == [*diversions.COLUMNS, "geometry"]
    assert len(found) == 4
    for way in found.itertuples():
        assert (way.status, way.why) == ("found", "")
        assert (way.length_m, way.direct_m, way.extra_m) == pytest.approx((3000, 2000, 1000))
        assert (way.minutes, way.direct_min, way.extra_min) == pytest.approx((3, 2, 1), abs=0.01)
    cars = rows(found)
    assert cars.loc[EASTBOUND, "via"] == "West Rung → Back → East Rung"
    assert cars.loc[WESTBOUND, "via"] == "East Rung → Back → West Rung"
    line = gpd.GeoSeries([cars.loc[EASTBOUND, "geometry"]], crs=4326).to_crs(CRS)[0]
    by_hand = shapely.LineString([WEST, (-1000, 500), (1000, 500), EAST])
    assert shapely.hausdorff_distance(line, by_hand) < 0.01
    assert shapely.distance(shapely.Point(line.coords[0]), shapely.Point(WEST)) < 0.01
    assert found.crs == "EPSG:4326"


def test_drivers_leave_and_come_back_no_nearer_than_the_distance_to_decide() -> None:
    near = [
        street((-400.0, 0.0), (-400.0, 250.0), (400.0, 250.0), (400.0, 0.0), name="Near", **FAST)
    ]
    corners = [(-3000.0, 0.0), WEST, (-400.0, 0.0), (0.0, 0.0), (400.0, 0.0), EAST, (3000.0, 0.0)]
    ways = [street(*corners, highway="primary", name="Main", **FAST), *ladder()[1:], *near]
    far = rows(diversions.plan(town(ways), lang="en"))
    assert far.loc[EASTBOUND, "via"] == "West Rung → Back → East Rung"
    closer = rows(diversions.plan(town(ways, decide_m=250.0), lang="en"))
    assert closer.loc[EASTBOUND, "via"] == "Near"
    assert closer.loc[EASTBOUND, "length_m"] == pytest.approx(1300)


def test_a_oneway_street_is_driven_one_way() -> None:
    found = rows(diversions.plan(town(ladder({"oneway": "-1"}, loop())), lang="en"))
    assert found.loc[EASTBOUND, "via"] == "Far"
    assert found.loc[EASTBOUND, ["length_m", "direct_m"]].tolist() == pytest.approx([7000, 4000])
    assert found.loc[WESTBOUND, "via"] == "East Rung → Back → West Rung"


@pytest.mark.parametrize(("start", "status"), [(-1000.0, "found"), (-2000.0, "none")])
def test_a_dual_carriageway_is_crossed_but_not_gone_back_along(start: float, status: str) -> None:
    def carriageway(y: float, *xs: float) -> Way:
        return street(
            *[(x, y) for x in xs], highway="trunk", name="Main", oneway="yes", **FAST
        )

    out = [-3000.0, -2000.0, -1000.0, 0.0, 1000.0, 2000.0, 3000.0]
    ways = [carriageway(0.0, *out), carriageway(20.0, *out[::-1])]
    # where the way beside begins further back than the first gap, only a turn back leads to it
    ways += [street((x, 0.0), (x, 20.0), name="Gap", **FAST) for x in out[2:-1]]
    ways += [street((start, 20.0), (start, 500.0), (1000.0, 500.0), (1000.0, 20.0),
                    name="Back", **FAST)]  # fmt: skip
    made = town(ways)
    ids = made.segments.index[(made.segments["way_id"] == 1)]
    jam = ids[shapely.distance(made.segments.loc[ids].geometry, shapely.Point(50, 0)) < 1][0]
    found = rows(diversions.divert(made, jam, "car", lang="en"))
    # the other carriageway is free, so only one direction needs a way round
    assert found.index.tolist() == [EASTBOUND]
    assert found.loc[EASTBOUND, "status"] == status
    if status == "none":
        return
    assert found.loc[EASTBOUND, "via"] == "Back"
    line = gpd.GeoSeries([found.loc[EASTBOUND, "geometry"]], crs=4326).to_crs(CRS)[0]
    other = shapely.LineString([(-3000, 20), (3000, 20)])
    assert shapely.intersection(line.buffer(0.1), other).length < 1


def test_no_approach_of_a_jammed_junction_is_driven() -> None:
    # from the north-west to the south-east the quickest way crosses the jammed junction
    ways = [
        ladder()[0],
        street(WEST, (-1000.0, 300.0), (0.0, 300.0), (0.0, 0.0), name="North", **FAST),
        street((0.0, 0.0), (0.0, -300.0), (1000.0, -300.0), EAST, name="South", **FAST),
        loop(),
    ]
    found = rows(diversions.plan(town(ways), lang="en"))
    assert found.loc[EASTBOUND, "via"] == "Far"
    assert found.loc[WESTBOUND, "via"] == "Far"


def test_nobody_comes_back_to_the_main_road_against_its_traffic() -> None:
    # it is followed to the next junction only; the way beside it ends a kilometre behind that
    ends = [street((x, 0.0), (x, 90.0), highway="residential") for x in (-1000.0, 1000.0)]
    ways = [*ladder()[:2], *ends, loop()]
    assert rows(diversions.plan(town(ways), lang="en")).loc[EASTBOUND, "via"] == "Far"
    found = rows(diversions.plan(town(ways, reach_m=900.0), lang="en"))
    assert found.loc[EASTBOUND, "status"] == "none"


def test_the_main_road_goes_where_the_jam_is_on_the_quickest_way() -> None:
    # who wants to go further south than (0, -800) takes the short cut in any case
    ways = [
        street((-2500.0, 0.0), (-1900.0, 0.0), (0.0, 0.0), (0.0, -200.0), (0.0, -800.0),
               (0.0, -1900.0), (0.0, -2500.0), name="Main", **FAST),
        street((-1900.0, 0.0), (0.0, -1900.0), name="Short", **FAST),
        *(street((0.0, y), (90.0, y), highway="residential") for y in (0.0, -200.0, -800.0)),
    ]  # fmt: skip
    made = town(ways)
    near = shapely.distance(made.segments.geometry, shapely.Point(0.0, -50.0)) < 1
    found = rows(diversions.divert(made, made.segments.index[near][0], "car", lang="en"))
    way = found.loc[("car", "south-eastbound")]
    assert way["direct_m"] == pytest.approx(1900 + 800)
    assert way["length_m"] == pytest.approx(1900 * 2**0.5 + 1100, abs=0.1)


def test_at_a_fork_the_main_road_keeps_its_name() -> None:
    corners = [(-3000.0, 0.0), WEST, (0.0, 0.0), (1500.0, 0.0), (2500.0, 200.0), (4000.0, 500.0)]
    ways = [
        street(*corners, highway="primary", name="Main", **FAST),
        street((1500.0, 0.0), (4000.0, -900.0), highway="primary", name="Other", **FAST),
        ladder()[1],
        street(WEST, (-1000.0, 800.0), (2500.0, 800.0), (2500.0, 200.0), name="Back", **FAST),
    ]
    assert rows(diversions.plan(town(ways), lang="en")).loc[EASTBOUND, "via"] == "Back"
    plain = diversions.plan(town(ways, same_road=1.0), lang="en")
    assert rows(plain).loc[EASTBOUND, "via"] == "Back → Main"


def test_of_two_streets_between_the_same_corners_a_truck_takes_the_open_one() -> None:
    beside = street((-1000.0, 500.0), (0.0, 700.0), (1000.0, 500.0), name="Beside", **FAST)
    found = rows(diversions.plan(town(ladder({"hgv": "no"}, beside)), lang="en"))
    assert found.loc[EASTBOUND, "via"] == "West Rung → Back → East Rung"
    assert found.loc[("truck", "eastbound"), "via"] == "West Rung → Beside → East Rung"


@pytest.mark.parametrize(
    ("ways", "diverting", "status"),
    [
        ([ladder()[0], ladder()[1]], {}, "none"),
        (ladder(), {"longest": 1.4}, "far"),
        ([street((-400.0, 0.0), (0.0, 0.0), (3000.0, 0.0)), ladder()[1]], {}, "ends"),
        ([street((-3000.0, 0.0), (0.0, 0.0), (3000.0, 0.0), motorcar="private"), ladder()[1]],
         {}, "closed"),
    ],
)  # fmt: skip
def test_where_there_is_no_way_round_it_says_why(
    ways: list[Way], diverting: dict[str, float], status: str
) -> None:
    found = rows(diversions.plan(town(ways, **diverting), lang="en")).loc[["car"]]
    assert found["status"].tolist() == [status, status]
    assert all(found["why"])
    assert found["length_m"].notna().tolist() == [status == "far"] * 2
    assert found.geometry.isna().tolist() == [status != "far"] * 2


def test_another_jam_is_gone_round_where_that_costs_little_and_named_where_it_does_not() -> None:
    crossing = street((0.0, 400.0), (0.0, 500.0), (0.0, 600.0))
    backs = [street((-1000.0, 500.0), (0.0, 500.0), (1000.0, 500.0), name="Back", **FAST), crossing]
    ways = [*ladder()[:3], ladder()[4], *backs]
    found = diversions.plan(town(ways), lang="en")
    own = found["jam"].unique()
    assert len(own) == 2
    main = rows(found[found["jam"] == own[0]])
    assert main.loc[EASTBOUND, "via"] == "West Rung → Back → East Rung"
    assert main.loc[EASTBOUND, "jams"] == own[1]
    top = street((-1000.0, 500.0), (-1000.0, 550.0), (1000.0, 550.0), (1000.0, 500.0),
                 name="Top", **FAST)  # fmt: skip
    ways[-1] = street((0.0, 400.0), (0.0, 500.0), (0.0, 530.0))
    other = diversions.plan(town([*ways, top]), lang="en")
    main = rows(other[other["jam"] == own[0]])
    assert main.loc[EASTBOUND, "via"] == "West Rung → Top → East Rung"
    assert main.loc[EASTBOUND, "jams"] == ""


# --- risk --------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [None, Moment("school", 8)])
def test_added_harm_is_that_of_the_way_less_that_of_the_main_road(moment: Moment | None) -> None:
    made = town(ladder())
    scores = made.scores(moment)
    harm = scores["harm_per_mvkm"] * made.segments["length_m"] / 1000
    name = made.segments["name"]
    middle = shapely.get_coordinates(shapely.centroid(made.segments.geometry.to_numpy()))
    direct = (name == "Main").to_numpy() & (np.abs(middle[:, 0]) < 1000)
    round_ = name.isin(["West Rung", "Back", "East Rung"])
    way = rows(diversions.plan(made, moment, "en")).loc[EASTBOUND]
    assert way["harm"] == pytest.approx(harm[round_].sum(), rel=1e-5)
    assert way["harm_added"] == pytest.approx(harm[round_].sum() - harm[direct].sum(), rel=1e-4)
    worst = scores["harm_per_km"][round_].idxmax()
    # of pieces that are equal but for rounding the first on the way is named
    assert scores.loc[way["worst_segment"], "harm_per_km"] == pytest.approx(
        scores.loc[worst, "harm_per_km"], rel=1e-5
    )
    assert way["worst_level"] == scores.loc[worst, "level"]


# --- trucks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tags",
    [
        {"maxweight": "7.5"}, {"hgv": "destination"},
        {"motor_vehicle": "private", "motorcar": "yes"},
        {"maxheight": "3.5"}, {"width": "2.8"}, {"maxweightrating:hgv": "12"}, {"maxlength": "10"},
    ],
)  # fmt: skip
def test_a_truck_that_tags_refuse_is_sent_another_way(tags: dict[str, str]) -> None:
    found = rows(diversions.plan(town(ladder(tags, loop(hgv="yes"))), lang="en"))
    assert found.loc[EASTBOUND, "via"] == "West Rung → Back → East Rung"
    truck = found.loc[("truck", "eastbound")]
    assert (truck["via"], truck["not_known"]) == ("Far", 0)
    key, value = next(iter(tags.items()))
    assert truck["refused"] == f"{key}={value}"


def test_what_the_map_does_not_say_of_trucks_is_told() -> None:
    found = rows(diversions.plan(town(ladder({"hgv": "yes"})), lang="en"))
    assert found.loc[("truck", "eastbound"), "not_known"] == pytest.approx(1 / 3, abs=1e-3)
    assert np.isnan(found.loc[EASTBOUND, "not_known"])
    silent = rows(diversions.plan(town(ladder()), lang="en"))
    assert silent.loc[("truck", "eastbound"), "not_known"] == 1


def test_a_truck_keeps_to_larger_roads_and_to_its_own_speed() -> None:
    ways = ladder(None, loop())
    ways[3] = street((-1000.0, 500.0), (1000.0, 500.0), highway="residential", name="Back", **FAST)
    found = rows(diversions.plan(town(ways, truck={"factor": 4.0, "kph": 30.0}), lang="en"))
    assert found.loc[EASTBOUND, "via"] == "West Rung → Back → East Rung"
    assert found.loc[("truck", "eastbound"), "via"] == "Far"
    assert found.loc[("truck", "eastbound"), "minutes"] == pytest.approx(14, abs=0.01)


@pytest.mark.parametrize(
    ("tags", "car", "truck", "by"),
    [
        ({}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"hgv": "yes"}, NOT_KNOWN, ALLOWED, ""),
        ({"access": "no", "hgv": "designated"}, REFUSED, ALLOWED, ""),
        ({"hgv": "no", "motor_vehicle": "yes"}, ALLOWED, REFUSED, "hgv=no"),
        ({"goods": "no"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"hgv": "delivery"}, NOT_KNOWN, REFUSED, "hgv=delivery"),
        ({"access": "destination;forestry"}, REFUSED, REFUSED, "access=destination;forestry"),
        ({"hgv": "yes;delivery"}, NOT_KNOWN, ALLOWED, ""),
        ({"hgv": "maybe"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"hgv": "yes", "hgv:conditional": "no @ (22:00-05:00)"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"hgv": "yes", "hgv:forward": "no"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"hgv:conditional": "no @ (22:00-05:00)", "maxweight": "3.5"}, ALLOWED, REFUSED,
         "maxweight=3.5"),
        ({"maxweight": "18"}, ALLOWED, ALLOWED, ""),
        ({"maxweight": "unsigned"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"maxweight:hgv": "10 t"}, NOT_KNOWN, REFUSED, "maxweight:hgv=10 t"),
        ({"maxheight": "4.2"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"maxheight": "default"}, NOT_KNOWN, NOT_KNOWN, ""),
        ({"maxheight": "below_default"}, REFUSED, REFUSED, "maxheight=below_default"),
        ({"maxheight": "12'6\""}, NOT_KNOWN, REFUSED, "maxheight=12'6\""),
        ({"maxwidth": "2.2"}, NOT_KNOWN, REFUSED, "maxwidth=2.2"),
    ],
)  # fmt: skip
def test_tags_say_what_may_drive(tags: dict[str, str], car: int, truck: int, by: str) -> None:
    found = table(tags_of([tags]), pd.Index(["s"]), rules()["diversions"]).loc["s"]
    assert (found["car"], found["truck"], found["truck_by"]) == (car, truck, by)


def test_sizes_are_read_with_their_units() -> None:
    metres = np.array(["4", "4 m", "400 cm", "13'", "12 ft 6 in", "none", None], dtype=object)
    expected = [4, 4, 4, 3.9624, 3.81, np.nan, np.nan]
    assert measured(metres, "m") == pytest.approx(expected, nan_ok=True)
    tonnes = np.array(["7,5", "7500 kg", "10 st", "20000 lbs", "3.5 m", "0.5t"], dtype=object)
    expected = [7.5, 7.5, 9.0718474, 9.0718474, np.nan, 0.5]
    assert measured(tonnes, "t") == pytest.approx(expected, nan_ok=True)


# --- jams --------------------------------------------------------------------------------------


def test_a_congestion_node_jams_the_first_metres_of_its_approaches() -> None:
    made = town(ladder())
    (jam,) = jams(made, lang="en").itertuples()
    segments = made.segments.loc[list(jam.segments)]
    assert shapely.distance(segments.geometry, shapely.Point(0, 0)).max() == 0
    assert len(segments) == 4
    assert (jam.kind, jam.name) == ("congestion", "Main × residential street")
    assert jam.main in jam.segments


def test_the_ring_of_a_jammed_roundabout_jams() -> None:
    corners = [(20.0, 0.0), (0.0, 20.0), (-20.0, 0.0), (0.0, -20.0)]
    ways = [street(*corners, corners[0], junction="roundabout", name="Ring")]
    ways += [street(c, (c[0] * 50, c[1] * 50), name=f"Arm {n}") for n, c in enumerate(corners)]
    made = town(ways)
    (jam,) = jams(made).itertuples()
    name = made.segments["name"]
    assert set(made.segments.index[name == "Ring"]) <= set(jam.segments)
    # of every arm the first two pieces begin within a hundred metres
    assert len(jam.segments) == 4 + 4 * 2
    assert name[jam.main] != "Ring"


def test_a_jam_counts_in_its_hours_only() -> None:
    made = town(ladder())
    peak, night = (
        Moment("school", hour) for hour in (8, 3)
    )
    assert len(jams(made, peak)) == 1
    assert jams(made, night).empty
    assert diversions.plan(made, night).empty
    (asked,) = jams(made).index
    assert len(diversions.plan(made, night, jam=asked)) == 4


def test_scenic_pieces_that_hang_together_are_one_approach() -> None:
    scenic = layer("scenic", relation="near", full_m=100.0, reach_m=300.0,
                   osm={"tourism": ("attraction",)})  # fmt: skip
    at = [((x, 30.0), {"tourism": "attraction"}) for x in (-1400.0, -1300.0, 2400.0)]
    things = [(shapely.Point(corner), tags) for corner, tags in at]
    things.append((shapely.Point(0.0, 190.0), {"tourism": "attraction"}))  # a dead end
    made = area(extract(ladder(), things), scenic, parameters=rules())
    found = jams(made, lang="en")
    assert found["kind"].tolist() == ["scenic", "scenic"]
    assert found["name"].tolist() == ["Main", "Main"]
    x = [shapely.get_coordinates(made.segments.loc[list(s)].geometry)[:, 0]
         for s in found["segments"]]  # fmt: skip
    spans = np.array(sorted((values.min(), values.max()) for values in x))
    assert spans == pytest.approx(np.array([(-1500, -1200), (2300, 2500)]), abs=1)


def test_an_area_without_such_layers_expects_no_jam() -> None:
    made = area(extract(ladder()), parameters=rules())
    assert jams(made).empty
    found = diversions.plan(made, lang="en")
    assert found.empty
    assert list(found.columns) == [*diversions.COLUMNS, "geometry"]
    assert diversions.said(found, "en") == ["No jam is expected."]


def test_an_island_of_roads_has_no_way_round() -> None:
    island = street((9000.0, 0.0), (9100.0, 0.0), (9200.0, 0.0))
    made = town(ladder(None, island))
    jam = made.segments.index[made.segments["way_id"] == 6][0]
    assert set(diversions.divert(made, jam, "car")["status"]) == {"ends"}


def test_an_unknown_jam_or_vehicle_is_refused_with_the_way_out() -> None:
    made = town(ladder())
    with pytest.raises(RiskmapError, match="jam 'w9': neither an expected jam nor a segment of"):
        diversions.divert(made, "w9", "car")
    with pytest.raises(RiskmapError, match="vehicle 'tank': unknown; use one of car, truck"):
        diversions.divert(made, made.segments.index[0], "tank")


# --- rules that always hold --------------------------------------------------------------------


def grid(seed: int) -> list[Way]:
    """Streets between the corners of a grid, some missing, some oneway, some closed to trucks."""
    random = np.random.default_rng(seed)
    size, ways = 6, []
    for x in range(size):
        for y in range(size):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx == size or y + dy == size or random.random() < 0.15:
                    continue
                tags = {"highway": str(random.choice(["secondary", "tertiary", "residential"]))}
                if random.random() < 0.2:
                    tags["oneway"] = str(random.choice(["yes", "-1"]))
                if random.random() < 0.1:
                    tags["hgv"] = "no"
                ends = (x * 400.0, y * 400.0), ((x + dx) * 400.0, (y + dy) * 400.0)
                ways.append(street(*ends, **tags))
    return ways


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_closed_segment_is_never_driven_nor_a_street_against_its_direction(
    seed: int, chosen: int
) -> None:
    made = area(extract(grid(seed)), parameters=rules(diversions={"decide_m": 100.0}))
    jam = made.segments.index[chosen % len(made.segments)]
    found = diversions.plan(made, jam=jam)
    edge = made.segments["edge"] == made.segments.loc[jam, "edge"]
    shut = shapely.union_all(made.segments.geometry[edge].to_numpy())
    ways = found[found["length_m"].notna()].to_crs(CRS)
    for way in ways.itertuples():
        line = way.geometry
        assert shapely.intersection(line.buffer(0.1), shut).length < 1
        assert line.length == pytest.approx(way.length_m, abs=0.2)
        middle = line.interpolate(np.arange(50.0, line.length, 100.0))
        before = line.interpolate(np.arange(50.0, line.length, 100.0) - 5.0)
        at, row = shapely.STRtree(made.segments.geometry).query_nearest(middle)
        segments = made.segments.iloc[row]
        along = shapely.line_locate_point(segments.geometry.to_numpy(), middle[at])
        along -= shapely.line_locate_point(segments.geometry.to_numpy(), before[at])
        assert (along * segments["oneway"].to_numpy() >= 0).all()
        if way.vehicle == "truck":
            assert (made.vehicles["truck"].iloc[row] != REFUSED).all()


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_order_of_the_ways_changes_no_way_round(seed: int, other: int) -> None:
    own = extract(grid(seed))
    one, two = (
        area(each, BUSY, parameters=rules(diversions={"decide_m": 100.0}))
        for each in (own, shuffled(own, np.random.default_rng(other)))
    )
    pd.testing.assert_frame_equal(
        pd.DataFrame(diversions.plan(one)), pd.DataFrame(diversions.plan(two))
    )


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_a_tree_finds_the_times_of_the_networks_own_graph(seed: int) -> None:
    made = area(extract(grid(seed)), parameters=rules())
    roads = Roads.of(made)
    network: Network = made.network
    expected = dijkstra(network.graph(), indices=0)
    tree = roads.tree(roads.time_s["car"], 0)
    assert tree.cost_s == pytest.approx(expected)
    assert tree.summed(roads.time_s["car"])[np.isfinite(expected)] == pytest.approx(
        expected[np.isfinite(expected)]
    )
    back = dijkstra(network.graph().T.tocsr(), indices=0)
    assert roads.tree(roads.time_s["car"], 0, forward=False).cost_s == pytest.approx(back)


# --- real roads and the command line -----------------------------------------------------------


def test_every_jam_of_the_sample_gets_an_answer(sample: Path) -> None:
    made = riskmap.assess(sample)
    found = diversions.plan(made, lang="en")
    assert set(found["jam"]) == set(jams(made).index)
    ways = found[found["status"] == "found"]
    assert len(ways) > 0.8 * len(found)
    longest, natural = (made.parameters["diversions"][name] for name in ("longest", "natural"))
    assert (ways["length_m"] <= longest * ways["direct_m"]).all()
    # nobody is sent round where he would have gone that way in any case
    cars = ways[ways["vehicle"] == "car"]
    assert (cars["minutes"] * natural * 1.5 >= cars["direct_min"]).all()
    assert ways["via"].str.len().min() > 0
    assert ways.geometry.is_valid.all()


def test_the_rhine_embankment_is_the_way_round_schaan_and_vaduz(sample: Path) -> None:
    made = riskmap.assess(sample)
    found = diversions.divert(made, "j6332", "car", lang="en")
    assert found["name"].tolist() == ["Landstrasse × Hintergass"] * 2
    assert all("Rheindamm" in via for via in found["via"])


def test_trucks_of_the_newer_map_are_refused_by_its_tags(shared: Callable[[str], Path]) -> None:
    found = diversions.plan(riskmap.assess(shared("liechtenstein_slim.osm.pbf")), lang="en")
    refused = found["refused"].dropna()
    assert (refused != "").any()
    known = found[(found["vehicle"] == "truck") & (found["status"] == "found")]["not_known"]
    assert known.between(0, 1).all()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg", ".kml", ".parquet"])
def test_the_command_writes_every_format(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    target = tmp_path / f"diversions{suffix}"
    arguments = ["divert", str(sample), "--lang", "en", "--jam", "j6332", "-o", str(target)]
    assert main(arguments) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "j6332  Landstrasse × Hintergass"
    assert said[1].startswith("  southbound  cars: by ")
    assert said[-1] == f"{target}: 4"
    assert target.stat().st_size > 0


def test_the_command_tells_json_and_takes_a_moment(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "diversions.csv"
    arguments = ["divert", str(sample), "--at", "2026-05-02T10:00", "--json", "-o", str(target)]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["kind"] for row in told} == {"scenic"}


def test_the_command_refuses_in_one_line_and_writes_nothing(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "diversions.csv"
    assert main(["divert", str(sample), "--jam", "w9", "-o", str(target)]) == 2
    assert "jam 'w9': neither an expected jam" in capsys.readouterr().err
    assert not target.exists()


def test_an_area_without_a_jam_gives_an_empty_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path / "t.osm.pbf", {1: (0, 0), 2: (90, 0)}, {1: ([1, 2], {"highway": "primary"})}
    )
    for suffix in ("csv", "xlsx", "geojson", "gpkg"):
        target = tmp_path / f"d.{suffix}"
        assert main(["divert", str(path), "--lang", "en", "-o", str(target)]) == 0
        assert "No jam is expected." in capsys.readouterr().out
        assert target.exists()


def test_a_piece_that_everybody_can_go_round_already_needs_no_diversion() -> None:
    area = riskmap.assess(riskmap.sample())
    found = diversions.plan(area, jam="w268.26571-946.7", lang="en")
    assert set(found["status"]) <= {"none", "ends", "closed", "far"}
    assert found["why"].str.len().gt(0).all()
