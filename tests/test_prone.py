"""Accident-prone sections: the rule that is met, the road that is meant, once."""

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import CRS, extract, rules, street

from riskmap import prone
from riskmap.crashes import Crashes
from riskmap.errors import RiskmapError
from riskmap.road_runs import runs
from riskmap.segments import Network, cut

RULES = rules()
# a main road of 3 km with a side street, a lane of its own, a dual carriageway, a ring
NETWORK = cut(
    extract([
        street((0.0, 0.0), (1000.0, 0.0), highway="primary", name="Main"),
        street((1000.0, 0.0), (3000.0, 0.0), highway="primary", name="Main"),
        street((1000.0, 0.0), (1000.0, 500.0), highway="residential", name="Side"),
        street((0.0, 3000.0), (900.0, 3000.0), highway="tertiary"),
        street((0.0, 6000.0), (2000.0, 6000.0), highway="trunk", name="Dual", oneway="yes"),
        street((2000.0, 6015.0), (0.0, 6015.0), highway="trunk", name="Dual", oneway="yes"),
        street((0.0, 9000.0), (300.0, 9000.0), (300.0, 9300.0), (0.0, 9300.0), (0.0, 9000.0),
               highway="residential", name="Ring"),
    ]),
    RULES,
)  # fmt: skip
DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
USUAL = {"year": 2024, "severity": "minor", "killed": 0, "injured": 1, "outcome": "link",
         "junction": -1, "date": pd.NaT}  # fmt: skip


def crash(x: float, y: float = 0.0, **more: object) -> dict[str, object]:
    """A crash at a place, on the nearest piece of road."""
    lon, lat = DEGREES.transform(x, y)
    row = int(NETWORK.segments.distance(shapely.Point(x, y)).to_numpy().argmin())
    return {**USUAL, "lon": lon, "lat": lat, "segment": row, **more}


def met(x: float = 1000.0, **more: object) -> dict[str, object]:
    """A crash at the junction of Main and Side."""
    return crash(x, junction=0, outcome="junction", **more)


def happened(*crashes: dict[str, object]) -> Crashes:
    return Crashes(pd.DataFrame(crashes), pd.Series({2024: 1.0}), pd.DataFrame(), [])


def listed(*crashes: dict[str, object], **options: int) -> pd.DataFrame:
    return prone.sections(happened(*crashes), NETWORK, RULES, lang="en", **options)


# --- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "count", "rule", "level"), [
    ({"killed": 3, "severity": "fatal"}, 1, "a crash with 3 or more killed", "city"),
    ({"killed": 1, "severity": "fatal"}, 3, "3 or more fatal", "city"),
    ({"killed": -1, "severity": "fatal"}, 3, "3 or more fatal", "city"),
    ({}, 5, "5 or more crashes with somebody hurt", "city"),
    ({"severity": ""}, 5, "5 or more crashes with somebody hurt", "city"),
    ({"severity": "damage", "injured": 0}, 5, "5 or more crashes of any kind", "county"),
])  # fmt: skip
def test_each_rule_flags_at_its_threshold_and_not_below(
    more: dict[str, object], count: int, rule: str, level: str
) -> None:
    crashes = [crash(250.0 + n, **more) for n in range(count)]
    found = listed(*crashes)
    assert len(found) == 1
    assert rule in found["rule"].iloc[0]
    assert found["level"].iloc[0] == level
    assert found["crashes"].iloc[0] == count
    if count > 1:
        assert listed(*crashes[1:]).empty


def test_every_rule_that_is_met_is_named() -> None:
    (rule,) = listed(*[crash(250.0, killed=4, severity="fatal")] * 2)["rule"]
    assert rule == (
        "a crash with 3 or more killed in 3 years; 2 or more crashes with 3 killed in 3 years"
    )


def test_counts_and_dates_are_those_of_its_crashes() -> None:
    found = listed(
        *(crash(250.0 + n, date=pd.Timestamp(2024, 3, 1 + n), injured=2) for n in range(4)),
        crash(260.0, date=pd.Timestamp(2023, 7, 9), year=2023, killed=-1, severity="fatal"),
    ).iloc[0]
    assert (found["fatal_crashes"], found["killed"], found["injured"]) == (1, 1, 9)
    assert (found["first"], found["last"]) == ("2023-07-09", "2024-03-04")
    assert (found["first_year"], found["last_year"]) == (2023, 2024)


@pytest.mark.parametrize(("severity", "killed", "injured", "least", "uncounted"), [
    ("fatal", -1, -1, (5, 0), 5), ("fatal", 2, -1, (10, 0), 5), ("fatal", 1, 0, (5, 0), 0),
    ("minor", -1, -1, (0, 5), 5), ("injury", 0, 3, (0, 15), 0), ("serious", -1, 2, (0, 10), 0),
    ("", -1, -1, (0, 0), 5), ("damage", -1, -1, (0, 0), 0),
])  # fmt: skip
def test_whoever_was_not_counted_is_not_nobody(
    severity: str, killed: int, injured: int, least: tuple[int, int], uncounted: int
) -> None:
    own = {"severity": severity, "killed": killed, "injured": injured}
    found = listed(*(crash(250.0 + n, **own) for n in range(5))).iloc[0]
    assert (found["killed"], found["injured"]) == least
    assert found["uncounted"] == uncounted


def test_the_worst_come_first() -> None:
    found = listed(
        *[crash(400.0, 3000.0)] * 9, *[crash(150.0, 9000.0, severity="fatal", killed=2)] * 3,
        *[crash(500.0, 6000.0, severity="damage")] * 20,
    )  # fmt: skip
    assert found["crashes"].tolist() == [3, 9, 20]
    assert found["level"].tolist() == ["city", "city", "county"]


def test_only_the_last_years_count() -> None:
    old = [crash(250.0, year=2019)] * 9
    assert listed(*old, crash(250.0)).empty
    assert len(listed(*old, crash(250.0), until=2020)) == 1
    for beyond in (2015, 2090):
        with pytest.raises(RiskmapError, match=f"--until {beyond}: the records cover 20"):
            listed(*old, crash(250.0), until=beyond)


def test_a_threshold_can_be_edited() -> None:
    own = {**RULES, "prone": {**RULES["prone"], "any": 2}}
    assert len(prone.sections(happened(*[crash(250.0)] * 2), NETWORK, own, lang="zh")) == 1


def test_what_is_not_on_the_network_is_not_counted() -> None:
    with pytest.raises(RiskmapError, match="no crash lies on the network"):
        listed(*[crash(250.0, outcome="off")] * 9)


# --- roads ---------------------------------------------------------------------------------------


def test_crashes_along_one_road_are_one_section_over_a_junction() -> None:
    found = listed(*(crash(x) for x in (850.0, 900.0, 1100.0, 1150.0, 1200.0))).iloc[0]
    assert (found["name"], found["kind"], found["crashes"]) == ("Main", "road", 5)
    assert found["length_m"] == pytest.approx(350.0, abs=0.2)
    line = shapely.transform(
        found["geometry"], pyproj.Transformer.from_crs(4326, CRS, always_xy=True).transform,
        interleaved=False,
    )  # fmt: skip
    assert shapely.bounds(line) == pytest.approx([850.0, 0.0, 1200.0, 0.0], abs=0.01)
    assert len(found["segments"].split("; ")) == 4


def test_a_window_is_as_long_as_is_stated_for_the_area() -> None:
    assert set(NETWORK.segments["area"]) == {"rural"}
    assert len(listed(*[crash(450.0)] * 4, crash(1449.0))) == 1
    assert listed(*[crash(450.0)] * 4, crash(1451.0)).empty
    short = {**RULES, "prone": {**RULES["prone"], "road_m": {"rural": 300.0, "urban": 500.0}}}
    far = happened(*[crash(450.0)] * 4, crash(751.0))
    assert prone.sections(far, NETWORK, short, lang="en").empty


def test_another_road_is_not_in_it() -> None:
    assert listed(*[crash(950.0)] * 4, crash(1000.0, 100.0)).empty


def test_a_section_is_drawn_long_enough_to_be_seen_and_not_beyond_its_road() -> None:
    assert listed(*[crash(500.0)] * 5)["length_m"].iloc[0] == pytest.approx(100.0, abs=0.2)
    assert listed(*[crash(0.0)] * 5)["length_m"].iloc[0] == pytest.approx(50.0, abs=0.2)


def test_both_carriageways_are_one_road_and_flagged_once() -> None:
    found = listed(*[crash(500.0, 6000.0)] * 3, *[crash(600.0, 6015.0)] * 2)
    assert found["crashes"].tolist() == [5]
    assert found["length_m"].iloc[0] == pytest.approx(100.0, abs=1.0)


def test_a_ring_and_a_road_without_name_have_sections_too() -> None:
    found = listed(*[crash(150.0, 9000.0)] * 5, *[crash(400.0, 3000.0)] * 6)
    assert found["name"].tolist() == ["unnamed road", "Ring"]
    assert found["crashes"].tolist() == [6, 5]


# --- junctions -----------------------------------------------------------------------------------


def test_a_junction_is_flagged_by_itself_and_once() -> None:
    found = listed(*[met()] * 4, crash(1000.0, 40.0))
    assert found["kind"].tolist() == ["junction"]
    assert found["name"].iloc[0] == "Main / Side"
    assert found["section_id"].iloc[0] == NETWORK.junctions.index[0]
    assert found["length_m"].iloc[0] == pytest.approx(150.0, abs=1.0)
    # beyond 50 m it is no crash of the junction, but one of Side with those at its end
    beyond = listed(*[met()] * 4, crash(1000.0, 60.0))
    assert beyond[["kind", "name"]].to_numpy().tolist() == [["road", "Side"]]


def test_crashes_at_a_junction_are_on_every_road_that_meets_there() -> None:
    for x, y, name in ((1200.0, 0.0, "Main"), (1000.0, 200.0, "Side")):
        found = listed(*[met(990.0)] * 2, *[crash(x, y)] * 3)
        assert found[["kind", "name"]].to_numpy().tolist() == [["road", name]]


def test_a_grave_section_is_not_hidden_by_a_junction_with_many_scratches() -> None:
    scratches = [met(severity="damage")] * 9
    dead = [crash(x, severity="fatal", killed=1) for x in (800.0, 1100.0, 1200.0)]
    found = listed(*scratches, *dead)
    assert found["level"].tolist() == ["city"]
    assert found["crashes"].tolist() == [12]


# --- runs ----------------------------------------------------------------------------------------


def cut_of(*ways: object) -> Network:
    return cut(extract(list(ways)), RULES)


def names_of_runs(network: Network) -> list[set[str]]:
    first = network.edges["first_piece"].to_numpy()
    names = network.segments["name"].to_numpy(object)[first]
    found = runs(network)
    return sorted((set(names[found.run == run]) for run in np.unique(found.run)), key=sorted)


def test_a_road_runs_straight_on_and_a_branch_of_its_name_is_another() -> None:
    network = cut_of(
        street((0, 0), (500, 0), name="A"), street((500, 0), (900, 0), name="A"),
        street((500, 0), (500, 300), name="A"), street((900, 0), (1300, 0), name="B"),
    )  # fmt: skip
    found = runs(network)
    assert len(np.unique(found.run)) == 3
    assert max(found.at_u.max(), found.at_v.max()) == pytest.approx(900.0, abs=0.01)
    assert names_of_runs(network) == [{"A"}, {"A"}, {"B"}]


def test_a_road_turns_where_nothing_else_meets_but_not_at_a_junction() -> None:
    bent = (street((0, 0), (500, 0), name="A"), street((500, 0), (500, 400), name="A"))
    assert len(np.unique(runs(cut_of(*bent)).run)) == 1
    side = street((500, 0), (500, -300), name="B")
    assert len(np.unique(runs(cut_of(*bent, side)).run)) == 3


def test_a_number_joins_what_has_several_names() -> None:
    network = cut_of(
        street((0, 0), (500, 0), name="A", ref="S1"), street((500, 0), (900, 0), ref="S1"),
        street((900, 0), (1300, 0), highway="primary"),
    )  # fmt: skip
    assert len(np.unique(runs(network).run)) == 2


@settings(max_examples=25)
@given(st.permutations(range(6)), st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_run_is_as_long_as_its_road_however_it_is_drawn(
    order: list[int], turned: list[bool]
) -> None:
    parts = [((100.0 * n, 0.0), (100.0 * n + 100.0, 0.0)) for n in order]
    ways = [
        street(*(ends[::-1] if back else ends), name="A")
        for ends, back in zip(parts, turned, strict=True)
    ]
    side = street((300.0, 0.0), (300.0, 200.0), name="B")
    network = cut(extract([*ways, side]), RULES)
    found = runs(network)
    road = network.segments["name"].to_numpy(object)[network.edges["first_piece"]] == "A"
    assert len(np.unique(found.run[road])) == 1
    ends = np.concatenate([found.at_u[road], found.at_v[road]])
    assert (ends.min(), ends.max()) == pytest.approx((0.0, 600.0), abs=0.01)
    x = network.nodes["x"].to_numpy()[network.edges["u"]][road]
    along = found.at_u[road]
    assert np.allclose(along, x, atol=0.01) or np.allclose(along, 600.0 - x, atol=0.01)


@settings(max_examples=25)
@given(
    st.lists(st.floats(0, 2999), min_size=5, max_size=40), st.integers(0, 2**32 - 1)
)
def test_no_crash_counts_twice_and_the_order_of_rows_does_not_matter(
    places: list[float], seed: int
) -> None:
    crashes = [crash(x) for x in places]
    found = listed(*crashes)
    assert found["crashes"].sum() <= len(crashes)
    assert (found["length_m"] <= 1000.1).all()
    mixed = np.random.default_rng(seed).permutation(len(crashes))
    again = listed(*(crashes[n] for n in mixed))
    assert again["crashes"].tolist() == found["crashes"].tolist()
    assert again["section_id"].tolist() == found["section_id"].tolist()
