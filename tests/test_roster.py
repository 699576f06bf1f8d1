"""The roster: what a unit does between its first minute and its last, and what that meets."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streets import area, extract, rules, street

from riskmap import sites
from riskmap.covered import Demand, covered
from riskmap.errors import RiskmapError
from riskmap.roster import Rest, Stay, Unit, roster
from riskmap.routes import Roads
from riskmap.turns import with_break

# a main road of 4 km; each kilometre is a minute; a oneway street leads off to nowhere
TOWN = area(
    extract([
        *(street((1000.0 * n, 0.0), (1000.0 * n + 1000.0, 0.0), highway="primary", maxspeed="60")
          for n in range(4)),
        street((4000.0, 0.0), (4000.0, 500.0), oneway="yes"),
    ])
)  # fmt: skip
ROADS = Roads.of(TOWN)
NODES = {
    (x, y): int(sites.nearest(TOWN.network, np.array([x]), np.array([y]))[0][0])
    for x, y in [(1000.0 * n, 0.0) for n in range(5)] + [(4000.0, 500.0)]
}
UNIT = Unit("A1", "one", 2, "car", NODES[0.0, 0.0], 600.0, 720.0)
REST = Rest(20.0, 640.0, 680.0)


def stay(x: float, first: float, last: float, kind: str = "post") -> Stay:
    node = NODES[x, 0.0]
    return Stay(kind, node, int(sites.sites(
        TOWN, np.ones(len(TOWN.segments)), np.array([node])
    ).segment[0]), first, last)  # fmt: skip


def written(*stays: Stay, unit: Unit = UNIT) -> pd.DataFrame:
    return roster(ROADS, [(unit, stays)])


def drive(first: int, last: int) -> float:
    """Minutes from node to node."""
    return float(sites.minutes(ROADS, [first, last])[0, 1])


def told(table: pd.DataFrame) -> list[tuple[str, float, float]]:
    return list(zip(table["kind"], table["start_min"], table["end_min"], strict=True))


# --- rows --------------------------------------------------------------------------------------


def test_a_unit_waits_drives_stands_and_drives_home() -> None:
    assert told(written(stay(3000.0, 630.0, 700.0))) == [
        ("station", 600.0, 627.0), ("drive", 627.0, 630.0), ("post", 630.0, 700.0),
        ("drive", 700.0, 703.0), ("station", 703.0, 720.0),
    ]  # fmt: skip


def test_a_stay_ends_in_time_to_be_home() -> None:
    assert told(written(stay(3000.0, 600.0, 900.0)))[-2:] == [
        ("post", 603.0, 717.0), ("drive", 717.0, 720.0)
    ]  # fmt: skip


def test_a_unit_without_anything_to_do_stays_at_the_station() -> None:
    assert told(written()) == [("station", 600.0, 720.0)]
    # it would have to leave before a minute is over
    assert told(written(stay(4000.0, 715.5, 720.0))) == [("station", 600.0, 720.0)]


def test_a_drive_passes_every_node_in_order() -> None:
    table = written(stay(3000.0, 630.0, 700.0))
    ids = TOWN.network.nodes["node_id"].to_numpy()
    way = [str(ids[NODES[x, 0.0]]) for x in (0.0, 1000.0, 2000.0, 3000.0)]
    drives = table.loc[table["kind"] == "drive", "nodes"].tolist()
    assert drives == [";".join(way), ";".join(way[::-1])]


def test_who_has_time_between_two_stays_drives_slower() -> None:
    table = written(stay(1000.0, 610.0, 620.0, "stop"), stay(2000.0, 640.0, 650.0, "stop"))
    assert ("drive", 620.0, 640.0) in told(table)


def test_who_is_due_somewhere_leaves_the_post_before_in_time() -> None:
    post, guard = stay(1000.0, 600.0, 690.0), stay(4000.0, 690.0, 710.0, "school")
    for due in (False, True):
        table = written(post, replace(guard, due=due))
        begins = table.loc[table["kind"] == "school", "start_min"].item()
        assert (begins == 690.0) == due


def test_who_is_due_somewhere_is_in_time_even_with_a_short_stay_or_a_break_between() -> None:
    # three kilometres are three minutes: there is no time for the stay between
    guard = replace(stay(3000.0, 690.0, 710.0, "school"), due=True)
    table = written(stay(0.0, 600.0, 689.5), stay(2000.0, 689.5, 690.0), guard)
    assert told(table)[:3] == [
        ("post", 600.0, 687.0), ("drive", 687.0, 690.0), ("school", 690.0, 710.0)
    ]  # fmt: skip
    # nor for the guard, before a break at the other end
    rest = replace(stay(0.0, 692.0, 712.0, "break"), segment=-1)
    table = written(stay(4000.0, 610.0, 690.0), replace(guard, last=692.0), rest)
    assert told(table)[2:5] == [
        ("post", 610.0, 688.0), ("drive", 688.0, 692.0), ("break", 692.0, 712.0)
    ]  # fmt: skip


def test_two_stops_at_one_place_have_their_length() -> None:
    table = written(stay(1000.0, 610.0, 620.0, "stop"), stay(1000.0, 640.0, 650.0, "stop"))
    assert told(table)[2:5] == [
        ("stop", 610.0, 620.0), ("wait", 620.0, 640.0), ("stop", 640.0, 650.0)
    ]  # fmt: skip


def test_nobody_is_sent_where_no_way_leads_back() -> None:
    dead = replace(stay(4000.0, 610.0, 620.0), node=NODES[4000.0, 500.0])
    with pytest.raises(RiskmapError, match=r"no way leads from -?\d+\.\d+,-?\d+\.\d+ to -?\d"):
        written(dead)


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1000.0, 2000.0, 3000.0, 4000.0]), st.floats(580, 740),
                  st.floats(0, 60)),
        max_size=5,
    ),
    st.booleans(), st.floats(640, 680),
)  # fmt: skip
def test_a_shift_has_no_gap_and_no_jump(
    wanted: list[tuple[float, float, float]],
    home: bool,  # noqa: FBT001  # drawn
    begin: float,
) -> None:
    stays, now = [], 0.0
    for x, first, length in sorted(wanted, key=lambda w: w[1]):
        if first >= now:
            stays.append(stay(x, first, first + length))
            now = first + length
    unit = replace(UNIT, rests=(replace(REST, at_station=home),))
    table = written(*with_break(unit, stays, unit.rests[0], begin, drive), unit=unit)
    assert table["start_min"].iloc[0] == 600.0
    assert table["end_min"].iloc[-1] == 720.0
    assert (table["start_min"].to_numpy()[1:] == table["end_min"].to_numpy()[:-1]).all()
    assert (table["end_min"] > table["start_min"]).all()
    ends = [row.split(";") for row in table["nodes"]]
    assert all(a[-1] == b[0] for a, b in pairwise(ends))
    rests = table[table["kind"] == "break"]
    assert len(rests) == 1
    assert (rests["end_min"] - rests["start_min"]).iloc[0] >= 20.0 - 1e-6


# --- breaks ------------------------------------------------------------------------------------


def test_a_break_on_the_spot_cuts_the_stay() -> None:
    unit = replace(UNIT, rests=(REST,))
    stays = with_break(unit, [stay(3000.0, 610.0, 700.0)], REST, 650.0, drive)
    assert told(written(*stays, unit=unit))[2:5] == [
        ("post", 610.0, 650.0), ("break", 650.0, 670.0), ("post", 670.0, 700.0)
    ]  # fmt: skip


def test_the_way_to_a_break_at_the_station_is_taken_from_the_stay() -> None:
    unit = replace(UNIT, rests=(replace(REST, at_station=True),))
    stays = with_break(unit, [stay(3000.0, 610.0, 700.0)], unit.rests[0], 650.0, drive)
    assert told(written(*stays, unit=unit))[2:7] == [
        ("post", 610.0, 647.0), ("drive", 647.0, 650.0), ("break", 650.0, 670.0),
        ("drive", 670.0, 673.0), ("post", 673.0, 700.0),
    ]  # fmt: skip


def test_a_break_as_a_unit_moves_on_is_taken_before_the_way() -> None:
    unit = replace(UNIT, rests=(REST,))
    both = [stay(1000.0, 610.0, 650.0), stay(4000.0, 650.0, 700.0)]
    for begin in (650.0, 652.0):
        stays = with_break(unit, both, REST, begin, drive)
        assert told(written(*stays, unit=unit))[2:6] == [
            ("post", 610.0, begin), ("break", begin, begin + 20.0),
            ("drive", begin + 20.0, begin + 23.0), ("post", begin + 23.0, 696.0 + 4.0),
        ]  # fmt: skip


# --- what is met -------------------------------------------------------------------------------


def demand(harm: Mapping[float, float], slots: int = 4) -> Demand:
    """Harm of some segments, by where their middle is, in every slot from 600 on."""
    table = np.zeros((len(TOWN.segments), slots))
    middle = TOWN.segments.geometry.centroid.x.to_numpy()
    for x, value in harm.items():
        table[np.abs(middle - x).argmin()] = value
    return Demand(table, 600.0, 600.0 + 30.0 * slots)


def met(table: pd.DataFrame, wanted: Demand) -> tuple[float, float]:
    found = covered(table, TOWN.network, wanted, rules()["sites"])
    return float(found.posts.sum()), float(found.patrols.sum())


def test_a_post_meets_what_is_left_of_its_effect_while_it_stands() -> None:
    # 950 m from the post, for 60 of 120 minutes
    table = written(stay(2000.0, 630.0, 690.0))
    near = 0.5 ** (950.0 / 900.0)
    assert met(table, demand({2950.0: 1.0})) == (pytest.approx(2.0 * near), 0.0)


def test_a_patrol_is_present_until_it_should_be_back() -> None:
    table = written(stay(2000.0, 610.0, 625.0, "stop"))
    one = demand({2050.0: 1.0}, slots=6)
    near = 0.5 ** (50.0 / 900.0)
    # from 610 to 745: seen for two hours after it left
    assert met(table, one) == (0.0, pytest.approx(near * 135.0 / 30.0))


def test_a_school_guard_is_present_while_it_stands_and_saves_nothing() -> None:
    near = 0.5 ** (50.0 / 900.0)
    table = written(stay(2000.0, 610.0, 640.0, "school"))
    assert met(table, demand({2050.0: 1.0})) == (0.0, pytest.approx(near))


def test_of_two_units_the_nearer_counts_and_a_patrol_adds_only_what_is_missing() -> None:
    both = roster(ROADS, [
        (UNIT, [stay(2000.0, 600.0, 720.0)]),
        (replace(UNIT, name="A2", station=NODES[3000.0, 0.0]), [stay(3000.0, 600.0, 720.0)]),
    ])  # fmt: skip
    alone = written(stay(2000.0, 600.0, 720.0))
    two, one = met(both, demand({2950.0: 1.0}))[0], met(alone, demand({2950.0: 1.0}))[0]
    assert two > 1.8 * one
    assert two <= 4.0
    stop = both.assign(kind=both["kind"].where(both["unit"] == "A1", "stop"))
    posts, patrols = met(stop, demand({2050.0: 1.0}))
    assert posts == pytest.approx(met(alone, demand({2050.0: 1.0}))[0])
    assert posts + patrols <= 4.0


def test_hours_are_divided_among_half_hours() -> None:
    hourly = pd.DataFrame(np.array([[2.0, 6.0, 1.0]]))  # 10:30–11, 11–12, 12–12:15
    found = Demand.of(hourly, 630.0, 735.0)
    assert found.harm.tolist() == [[2.0, 3.0, 3.0, 1.0]]
    assert found.between(645.0, 675.0).tolist() == [2.5]
    assert found.total == 9.0
