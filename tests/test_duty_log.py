"""A roster taken for duty: who is on which piece of road, and when."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from streets import area, extract, street

import riskmap
from riskmap import crew, deployment, roster
from riskmap.duty_log import DutyLog, of_roster
from riskmap.errors import RiskmapError

# two kilometres east at 60 km/h, one minute each; then 500 m oneway north; and back a longer way
TOWN = area(
    extract([
        street((0.0, 0.0), (1000.0, 0.0), highway="primary", maxspeed="60"),
        street((1000.0, 0.0), (2000.0, 0.0), highway="primary", maxspeed="60"),
        street((2000.0, 0.0), (2000.0, 500.0), oneway="yes", maxspeed="60"),
        street((2000.0, 500.0), (2400.0, 250.0), (2000.0, 0.0), maxspeed="60"),
    ])
)
HOME, MIDDLE, EAST, NORTH = "1", "2", "3", "4"
DATE = dt.date(2026, 5, 8)


def row(kind: str, start: float, end: float, nodes: str, segment: str = "") -> dict[str, object]:
    return {
        "unit": "A1", "squadron": "one", "officers": 2, "vehicle": "car", "kind": kind,
        "start_min": start, "end_min": end, "nodes": nodes, "segment_id": segment, "note": "",
    }  # fmt: skip


def taken(*rows: dict[str, object]) -> DutyLog:
    return of_roster(pd.DataFrame(rows, columns=list(roster.COLUMNS)), TOWN, DATE)


def clocks(log: DutyLog, name: str) -> list[str]:
    return [f"{when:%d %H:%M:%S}" for when in log.table[name]]


def test_a_post_lies_on_its_segment_and_breaks_on_none() -> None:
    name = str(TOWN.segments.index[12])
    log = taken(
        row("station", 420.0, 430.0, HOME), row("post", 430.0, 540.5, EAST, name),
        row("break", 540.5, 560.0, EAST), row("wait", 560.0, 570.0, EAST),
    )  # fmt: skip
    assert log.table["state"].tolist() == ["rest", "road", "rest", "road"]
    assert log.table["segment"].tolist()[:3] == [-1, 12, -1]
    assert clocks(log, "end") == ["08 07:10:00", "08 09:00:30", "08 09:20:00", "08 09:30:00"]
    assert log.table["officers"].tolist() == [2.0] * 4
    # who stands by is on a road that meets there
    edge = TOWN.network.edges.iloc[TOWN.segments["edge"].iloc[log.table["segment"].iloc[3]]]
    assert EAST in TOWN.network.nodes["node_id"].iloc[[edge["u"], edge["v"]]].astype(str).tolist()


def test_a_drive_is_on_every_piece_of_its_way_in_order() -> None:
    log = taken(row("drive", 420.0, 422.0, f"{EAST};{MIDDLE};{HOME}"))
    assert log.table["segment"].tolist() == [*range(19, 9, -1), *range(9, -1, -1)]
    # a piece of 100 m takes 6 of the 120 seconds
    spent = (log.table["end"] - log.table["start"]).dt.total_seconds()
    assert spent.tolist() == [6.0] * 20
    assert clocks(log, "end")[-1] == "08 07:02:00"


def test_of_two_ways_between_nodes_the_quicker_that_may_be_driven_is_taken() -> None:
    up, down = (
        set(TOWN.segments["edge"].iloc[taken(row("drive", 0.0, 1.0, way)).table["segment"]])
        for way in (f"{EAST};{NORTH}", f"{NORTH};{EAST}")
    )
    assert (up, down) == ({2}, {3})


def test_a_shift_over_midnight_goes_on_on_the_next_day() -> None:
    name = str(TOWN.segments.index[0])
    log = taken(row("post", 1380.0, 1500.0, HOME, name))
    assert (clocks(log, "start"), clocks(log, "end")) == (["08 23:00:00"], ["09 01:00:00"])


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row("post", 0.0, 9.0, "77", "x"), "row 1: a node that no road has"),
        (row("post", 0.0, 9.0, HOME, "w9.1-2.1"), "row 1: no road has segment 'w9.1-2.1'"),
        (row("drive", 0.0, 9.0, f"{HOME};{EAST}"), "row 1: no road joins two nodes of its way"),
    ],
)
def test_what_the_roads_do_not_have_is_refused(bad: dict[str, object], why: str) -> None:
    with pytest.raises(RiskmapError, match=why):
        taken(bad)


def test_an_empty_roster_is_refused() -> None:
    with pytest.raises(RiskmapError, match="the roster is empty; plan a shift"):
        taken()


def test_a_plan_keeps_all_its_officer_hours() -> None:
    own = riskmap.assess(riskmap.sample())
    plan = deployment.deploy(own, crew.simple(own, DATE, "20:00-04:00", posts=4, cars=2))
    log = of_roster(plan.roster, own, DATE).table
    planned = plan.roster["officers"] * (plan.roster["end_min"] - plan.roster["start_min"]) / 60.0
    hours = log["officers"] * (log["end"] - log["start"]) / np.timedelta64(1, "h")
    assert hours.sum() == pytest.approx(planned.sum())
    rest = plan.roster["kind"].isin(["break", "station"])
    assert hours[log["state"] == "rest"].sum() == pytest.approx(planned[rest].sum(), abs=0.02)
    for _, one in log.sort_values("start").groupby("unit"):
        assert (one["end"].to_numpy()[:-1] == one["start"].to_numpy()[1:]).all()
