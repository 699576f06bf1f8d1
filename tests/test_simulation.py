"""The simulator: every rule that a roster can break, and plans that break none."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streets import area, extract, street

import riskmap
from riskmap import crew, deployment, simulation, sites
from riskmap.roster import Rest
from riskmap.standing import Task

TOWN = area(
    extract([
        street((0.0, 0.0), (1000.0, 0.0), highway="primary", maxspeed="60"),
        street((1000.0, 0.0), (2000.0, 0.0), highway="primary", maxspeed="60"),
        street((1000.0, 0.0), (1000.0, 500.0), oneway="yes", maxspeed="30"),
        street((2000.0, 0.0), (2900.0, 0.0), highway="primary", bridge="yes"),
    ])
)
IDS = TOWN.network.nodes["node_id"].to_numpy()


def at(*places: tuple[float, float]) -> str:
    """Ids of the nodes at some places."""
    x, y = (np.array(values) for values in zip(*places, strict=True))
    return ";".join(str(node) for node in IDS[sites.nearest(TOWN.network, x, y)[0]])


HOME, MIDDLE, NORTH, EAST = (0.0, 0.0), (1000.0, 0.0), (1000.0, 500.0), (2000.0, 0.0)
BEHIND = (2900.0, 0.0)
NEAR = "w1.1-2.10"
RIGHT = [
    ("drive", 600.0, 601.0, at(HOME, MIDDLE), ""), ("stop", 601.0, 613.0, at(MIDDLE), NEAR),
    ("break", 613.0, 633.0, at(MIDDLE), ""), ("drive", 633.0, 635.0, at(MIDDLE, HOME), ""),
    ("station", 635.0, 660.0, at(HOME), ""),
]  # fmt: skip


Rows = list[tuple[str, float, float, str, str]]


def rostered(rows: Rows) -> pd.DataFrame:
    """Rows of a unit A."""
    table = pd.DataFrame(rows, columns=["kind", "start_min", "end_min", "nodes", "segment_id"])
    return table.assign(unit="A", squadron="one", officers=2)


def played(rows: Rows, **rules: object) -> simulation.Simulation:
    return simulation.simulate(
        rostered(rows), TOWN.network,
        **({"first": 600.0, "last": 660.0, "break_min": 20.0, "officers": 2} | rules),  # type: ignore[arg-type]
    )  # fmt: skip


def faults(rows: Rows, **rules: object) -> list[str]:
    return list(played(rows, **rules).faults["kind"])


def test_a_roster_that_keeps_every_rule_has_no_fault() -> None:
    found = played(RIGHT)
    assert found.ok, found.faults
    assert (found.node[0] >= 0).sum() == 12


def changed(number: int, **values: object) -> Rows:
    """The right roster with one row changed."""
    names = ("kind", "start_min", "end_min", "nodes", "segment_id")
    rows = [dict(zip(names, row, strict=True)) for row in RIGHT]
    rows[number] |= values
    return [tuple(row[name] for name in names) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (changed(0, start_min=600.5), "gap"),
        (changed(0, nodes=at(HOME, EAST)), "road"),
        (changed(1, nodes=at(EAST)), "jump"),
        (changed(1, nodes=at(MIDDLE), segment_id="w9.9-9.9"), "place"),
        (changed(1, segment_id="w2.2-3.10"), None),  # the other end of the same road lies there too
        (changed(1, segment_id="w4.3-5.1"), "place"),
        (changed(2, kind="station"), "break"),
        (changed(4, end_min=659.0), "shift"),
        (changed(4, nodes="77"), "node"),
    ],
)
def test_what_is_broken_is_named(rows: Rows, kind: str | None) -> None:
    found = faults(rows)
    assert (kind in found) if kind else not found


def test_a_drive_above_the_limit_against_a_oneway_or_home_to_nowhere_is_seen() -> None:
    fast = [
        ("drive", 600.0, 600.5, at(HOME, MIDDLE), ""),
        ("drive", 600.5, 601.5, at(MIDDLE, HOME), ""),
        ("station", 601.5, 660.0, at(HOME), ""),
    ]
    assert faults(fast, break_min=0.0) == ["speed"]
    back = [
        ("drive", 600.0, 603.0, at(HOME, MIDDLE, NORTH), ""),
        ("drive", 603.0, 610.0, at(NORTH, MIDDLE), ""),
        ("drive", 610.0, 660.0, at(MIDDLE, HOME), ""),
    ]
    assert faults(back, break_min=0.0) == ["oneway"]
    gone = [("drive", 600.0, 660.0, at(HOME, MIDDLE), "")]
    assert faults(gone, break_min=0.0) == ["station"]


@pytest.mark.parametrize("minutes", [9.0, 17.0])
def test_a_stop_is_neither_too_short_nor_too_long(minutes: float) -> None:
    rows = [
        ("drive", 600.0, 601.0, at(HOME, MIDDLE), ""),
        ("stop", 601.0, 601.0 + minutes, at(MIDDLE), NEAR),
        ("drive", 601.0 + minutes, 660.0, at(MIDDLE, HOME), ""),
    ]
    assert faults(rows, break_min=0.0) == ["stop"]


def test_nobody_stands_on_a_bridge_and_two_are_two() -> None:
    rows = [
        ("drive", 600.0, 604.0, at(HOME, MIDDLE, EAST, BEHIND), ""),
        ("post", 604.0, 640.0, at(BEHIND), str(TOWN.segments.index[-1])),
        ("drive", 640.0, 660.0, at(BEHIND, EAST, MIDDLE, HOME), ""),
    ]
    assert faults(rows, break_min=0.0) == ["place"]
    assert "officers" in faults(RIGHT, officers=3)


def test_the_longest_time_alone_is_counted_by_the_minute() -> None:
    found = played(RIGHT)
    rows = TOWN.segments.index.get_indexer([NEAR, "w2.2-3.10"])
    longest = simulation.alone(found, TOWN.network, rows, [(600.0, 660.0)], 900.0)
    # near the stop from 601 to 613; the end of the east road lies 950 m off
    assert longest.tolist() == [[47.0], [60.0]]


GUARD = [
    ("drive", 600.0, 601.0, at(HOME, MIDDLE), ""), ("school", 601.0, 640.0, at(MIDDLE), NEAR),
    ("drive", 640.0, 641.0, at(MIDDLE, HOME), ""), ("break", 641.0, 656.0, at(HOME), ""),
    ("station", 656.0, 660.0, at(HOME), ""),
]  # fmt: skip
GATE = Task("Gate", int(np.flatnonzero(at(MIDDLE) == IDS.astype(str))[0]), 601.0, 640.0, "school")


@pytest.mark.parametrize(
    ("task", "gap"),
    [
        (GATE, None),
        (replace(GATE, first=600.0), (600.0, "1 minutes")),
        (replace(GATE, last=645.0), (640.0, "5 minutes")),
        (replace(GATE, last=900.0), (640.0, "20 minutes")),  # within the shift
        (replace(GATE, kind="post"), (601.0, "39 minutes")),
        (replace(GATE, node=GATE.node - 1), (601.0, "39 minutes")),
        (replace(GATE, squadron="two"), (601.0, "39 minutes")),
    ],
)
def test_a_task_that_nobody_sees_to_is_seen(task: Task, gap: tuple[float, str] | None) -> None:
    found = played(GUARD, break_min=0.0, tasks=[task]).faults
    if gap is None:
        assert found.empty
    else:
        ((minute, what),) = zip(found["minute"], found["what"], strict=True)
        assert minute == gap[0]
        assert what == f"Gate: nobody there for {gap[1]}"


@pytest.mark.parametrize(
    ("rest", "kind"),
    [
        (Rest(15.0, 630.0, 645.0, at_station=True, at_once=1), None),
        (Rest(15.0, 630.0, 640.0), "begins at 641.00, not from 630.00 to 640.00"),
        (Rest(15.0, 642.0, 645.0), "begins at 641.00, not from 642.00 to 645.00"),
        (Rest(20.0, 630.0, 645.0), "takes 15.00 of 20.00 minutes"),
        (Rest(10.0, 630.0, 645.0), "takes 15.00 of 10.00 minutes"),
    ],
)
def test_a_break_lies_in_its_window_and_has_its_length(rest: Rest, kind: str | None) -> None:
    found = played(GUARD, break_min=0.0, breaks=[rest]).faults
    assert found["what"].tolist() == ([kind] if kind else [])


def test_a_break_that_is_missing_or_away_from_the_station_is_seen() -> None:
    rest = Rest(15.0, 630.0, 645.0)
    assert faults(GUARD, break_min=0.0, breaks=[rest, rest]) == ["break"]
    home = Rest(20.0, 610.0, 620.0, at_station=True)
    assert played(RIGHT, breaks=[home]).faults["what"].tolist() == ["is not at the station"]


def test_of_two_breaks_each_is_the_one_that_it_can_be() -> None:
    rows = [*GUARD[:4], ("break", 656.0, 660.0, at(HOME), "")]
    short, long = Rest(4.0, 600.0, 656.0), Rest(15.0, 610.0, 650.0)
    assert faults(rows, break_min=0.0, breaks=[short, long]) == []
    assert faults(rows, break_min=0.0, breaks=[short, short]) == ["break"]


@pytest.mark.parametrize(("later", "at_once"), [(0.0, 2), (1.9, 2), (2.0, 1)])
def test_who_has_a_break_at_the_same_time_is_counted(later: float, at_once: int) -> None:
    def resting(name: str, begin: float) -> pd.DataFrame:
        rows = [
            ("station", 600.0, begin, at(HOME), ""), ("break", begin, begin + 2.0, at(HOME), ""),
            ("station", begin + 2.0, 660.0, at(HOME), ""),
        ]  # fmt: skip
        return rostered(rows).assign(unit=name)

    both = pd.concat([resting("A", 641.0), resting("B", 641.0 + later)])
    for limit in (1, 2):
        found = simulation.simulate(
            both, TOWN.network, first=600.0, last=660.0,
            breaks=[Rest(2.0, 640.0, 650.0, at_once=limit)],
        )  # fmt: skip
        assert found.faults["kind"].tolist() == ["at once"] * (at_once > limit)


@pytest.mark.parametrize("shift", ["07:00-19:00", "20:00-08:30"])
def test_no_plan_breaks_a_rule_and_its_certificate_holds(shift: str) -> None:
    own = riskmap.assess(riskmap.sample())
    plan = deployment.deploy(
        own, crew.simple(own, dt.date(2026, 5, 8), shift, posts=10, cars=3)
    )
    found = simulation.simulate(
        plan.roster, own.network, first=plan.crew.first, last=plan.crew.last,
        nowhere=own.parameters["sites"]["nowhere"], officers=2, breaks=plan.crew.teams[0].rests,
    )  # fmt: skip
    assert found.ok, found.faults.to_string()
    keys, windows = plan.keys.segments, plan.keys.windows
    longest = simulation.alone(
        found, own.network, keys, windows, own.parameters["deploy"]["key_reach_m"]
    )
    said = plan.certificate.table["alone_min"].to_numpy().reshape(len(windows), -1).T
    # whole minutes against exact ones
    assert longest == pytest.approx(said, abs=2.0)
    assert plan.certificate.ok == bool((said <= 60.0).all())
