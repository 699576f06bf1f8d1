"""Rules that hold in every town: moving it, reordering it, adding nothing, going further away."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import CRS, Thing, Way, area, effect, extract, layer, rules, street, thing

from riskmap import hours
from riskmap.area import Area
from riskmap.layer import Active, Layer
from riskmap.layers import read_layers
from riskmap.moments import Moment
from riskmap.osm import Extract
from riskmap.tags import tags_of

SHIPPED = read_layers()
SUNLESS = [
    replace(own, active=tuple(replace(window, light=()) for window in own.active))
    for own in SHIPPED.values()
]
"""Our layers at any light: where a town lies decides when it is dark there."""
PARAMETERS = rules(score={"temper": 0.6}, centrality={"spacing": 5, "draws": 4})
TOWNS = st.integers(0, 10**6)
FEW = settings(max_examples=5)
NUMBERS = ["harm_per_km", "harm_per_mvkm", "share_of_harm", "harm", "low", "high"]

KINDS = [
    {"amenity": "school"}, {"amenity": "pub"}, {"shop": "bakery"}, {"highway": "bus_stop"},
    {"railway": "level_crossing"}, {"railway": "level_crossing", "crossing:barrier": "no"},
    {"highway": "traffic_signals"}, {"place": "village"},
]  # fmt: skip
LINES = [{"waterway": "river"}, {"natural": "cliff"}, {"barrier": "guard_rail"}]
AREAS = [{"natural": "water"}, {"landuse": "residential"}, {"amenity": "school"}]


@cache
def ways_and_things(seed: int) -> tuple[list[Way], list[Thing]]:
    """Streets of all classes between corners at random, and what lies beside them."""
    random = np.random.default_rng(seed)
    at = [(float(x), float(y)) for x, y in random.uniform(0, 2000, (24, 2))]
    classes = ["trunk", "primary", "secondary", "tertiary", "unclassified", "residential"]
    ways = []
    for n in range(1, len(at)):
        tags = {"highway": str(random.choice(classes))}
        if random.random() < 0.15:
            tags |= {"oneway": "yes", "bridge": "yes", "maxspeed": "50"}
        ways.append(street(at[n], at[int(random.integers(0, n))], **tags))
    things = []
    for n in range(30):
        x, y = random.uniform(0, 2000, 2)
        run = shapely.LineString([(x, y), (x + random.normal(0, 400), y + random.normal(0, 400))])
        if n % 3 == 0:
            # some are nodes of a road
            spot = at[int(random.integers(0, 24))] if n % 2 else (float(x), float(y))
            things.append(thing(spot, **KINDS[int(random.integers(0, 8))]))
        elif n % 3 == 1:
            things.append(thing(run, **LINES[int(random.integers(0, 3))]))
        else:
            things.append(thing(run.buffer(40.3), **AREAS[int(random.integers(0, 3))]))
    return ways, things


def assessed(ways: list[Way], things: list[Thing], *more: Layer) -> Area:
    layers = sorted([*SHIPPED.values(), *more], key=lambda own: own.name)
    return area(extract(ways, things), *layers, parameters=PARAMETERS)


def moved(town: Extract, x: float, y: float) -> Extract:
    vertices = town.vertices.assign(x=town.vertices["x"] + x, y=town.vertices["y"] + y)
    features = town.features.set_geometry(town.features.geometry.translate(x, y).array, crs=CRS)
    return replace(town, vertices=vertices, features=features)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Compare two tables of scores to 1e-9, whatever the order of their rows."""
    other = other.loc[one.index]
    pd.testing.assert_frame_equal(one[NUMBERS], other[NUMBERS], rtol=1e-9, atol=0)
    assert one["peak"].tolist() == other["peak"].tolist()


# --- moving and reordering ---------------------------------------------------------------------


@FEW
@given(TOWNS, st.floats(-3e5, 3e5), st.floats(0, 3e6))  # y: south of the equator winter is in July
def test_moving_the_whole_town_changes_no_score(seed: int, x: float, y: float) -> None:
    town = extract(*ways_and_things(seed))
    here, there = (
        area(own, *SUNLESS, parameters=PARAMETERS) for own in (town, moved(town, x, y))
    )
    for moment in (None, Moment("school", 7)):
        one, other = here.scores(moment), there.scores(moment)
        # low and high are drawn in single precision
        exact = [name for name in NUMBERS if name not in {"low", "high"}]
        pd.testing.assert_frame_equal(one[exact], other[exact], rtol=1e-9, atol=0)
        pd.testing.assert_frame_equal(one, other, rtol=1e-5, atol=0)


@FEW
@given(TOWNS, st.integers(0, 10**6))
def test_the_order_of_ways_and_features_changes_nothing(seed: int, other_seed: int) -> None:
    ways, things = ways_and_things(seed)
    random = np.random.default_rng(other_seed)
    town = extract(ways, things)
    same(
        area(town, *SHIPPED.values(), parameters=PARAMETERS).scores(),
        area(shuffled(town, random), *SHIPPED.values(), parameters=PARAMETERS).scores(),
    )


def shuffled(town: Extract, random: np.random.Generator) -> Extract:
    """Take the ways and the features in another order; ids stay."""
    order = random.permutation(len(town.roads))
    first, count = (town.roads[name].to_numpy()[order] for name in ("first", "count"))
    vertices = pd.concat(
        [town.vertices.iloc[f : f + c] for f, c in zip(first, count, strict=True)],
        ignore_index=True,
    )
    roads = town.roads.iloc[order].assign(first=np.cumsum(count) - count)
    rows = random.permutation(len(town.features))
    return replace(
        town,
        roads=roads,
        vertices=vertices,
        road_tags=tags_of([town.road_tags.of(int(row)) for row in order]),
        features=town.features.iloc[rows].reset_index(drop=True),
        feature_tags=tags_of([town.feature_tags.of(int(row)) for row in rows]),
    )


def test_the_order_of_the_ways_settles_no_tie_between_routes() -> None:
    # a grid of equal blocks: most trips have several shortest ways
    steps = [100.0 * n for n in range(7)]
    ways = [street(*[(x, y) for y in steps]) for x in steps]
    ways += [street(*[(x, y) for x in steps]) for y in steps]
    town = extract(ways)
    for seed in range(5):
        other = shuffled(town, np.random.default_rng(seed))
        same(*(area(own, parameters=PARAMETERS).scores() for own in (town, other)))


def test_the_same_input_gives_the_same_list_byte_for_byte() -> None:
    lists = [
        assessed(*ways_and_things(7)).hotspots(top=None).to_csv(index=False) for _ in range(2)
    ]
    assert lists[0] == lists[1]
    assert lists[0].count("\n") > 100


# --- adding nothing ----------------------------------------------------------------------------


@FEW
@given(TOWNS, st.sampled_from(["aaa", "mmm", "zzz"]), st.sampled_from(["near", "along", "crosses"]))
def test_a_layer_without_features_changes_nothing(seed: int, name: str, relation: str) -> None:
    ways, things = ways_and_things(seed)
    empty = layer(
        name, effect("vulnerable", 9), effect("all", 2, on="flow"), relation=relation,
        osm={"nothing": ("*",)}, group="roadside",
    )  # fmt: skip
    plain, more = assessed(ways, things), assessed(ways, things, empty)
    pd.testing.assert_frame_equal(plain.scores(), more.scores())
    pd.testing.assert_frame_equal(
        plain.reason_table(), more.reason_table().drop(columns=name)
    )
    assert (more.reason_table()[name] == 0).all()


@FEW
@given(TOWNS)
def test_a_factor_of_one_changes_no_score(seed: int) -> None:
    ways, things = ways_and_things(seed)
    idle = layer("idle", effect("queue", 1.0), effect("junction", 1.0), reach_m=900)
    plain, more = assessed(ways, things).scores(), assessed(ways, things, idle).scores()
    pd.testing.assert_frame_equal(
        plain.drop(columns=["low", "high"]), more.drop(columns=["low", "high"])
    )


# --- hours -------------------------------------------------------------------------------------


@FEW
@given(TOWNS)
def test_the_hours_of_a_year_add_up_to_the_year(seed: int) -> None:
    found = assessed(*ways_and_things(seed))
    months = [f"2026-{month:02d}-01" for month in range(1, 13)]
    total = sum(
        found.scores(found.period(first, f"{last}T00:00"))["harm"]
        for first, last in zip(months, [*months[1:], "2027-01-01"], strict=True)
    )
    pd.testing.assert_series_equal(total, found.scores()["harm"], rtol=1e-9, atol=0)


@FEW
@given(TOWNS)
def test_every_score_is_finite_and_above_zero(seed: int) -> None:
    found = assessed(*ways_and_things(seed))
    for moment in (None, Moment("weekend", 3)):
        scores = found.scores(moment)
        assert np.isfinite(scores[NUMBERS].to_numpy()).all()
        assert (scores[NUMBERS] > 0).all(axis=None)
        assert scores["share_of_harm"].sum() == pytest.approx(1)


# --- distance ----------------------------------------------------------------------------------

DISTANCES = st.lists(st.floats(0, 300), min_size=2, max_size=6).map(sorted)
RULES = st.fixed_dictionaries({
    "relation": st.sampled_from(["near", "along"]),
    "full_m": st.floats(0, 60),
    "reach_m": st.floats(60, 250),
    "decay": st.sampled_from(["triangular", "flat", "exponential"]),
})


@given(DISTANCES, RULES, st.floats(-100, 400))
@settings(max_examples=15)
def test_a_feature_further_away_never_touches_more(
    distances: list[float], rule: dict[str, object], x: float
) -> None:
    own = layer(**rule)  # type: ignore[arg-type]
    ways = [street((0.0, 0.0), (300.0, 0.0))]
    for kind in (lambda y: shapely.Point(x, y), lambda y: shapely.box(x, y, x + 50, y + 20)):
        before = np.inf
        for distance in distances:
            town = extract(ways, [thing(kind(distance + 0.25), amenity="school")])
            touch = area(town, own).touched("school")["touch"]
            now = touch.reindex(["w1.1-2.1", "w1.1-2.2", "w1.1-2.3"]).fillna(0.0).to_numpy()
            assert ((now >= 0) & (now <= 1)).all()
            assert (now <= before + 1e-12).all()
            before = now


@given(st.lists(st.floats(0, 150), max_size=8), st.sampled_from(["capped_sum", "log_sum"]))
@settings(max_examples=12)
def test_one_more_feature_never_touches_less(distances: list[float], combine: str) -> None:
    own = layer(combine=combine, cap=3, full_m=10)
    before = 0.0
    for count in range(len(distances) + 1):
        things = [thing((40.0, y + 0.1), amenity="school") for y in distances[:count]]
        touch = area(extract([street((0.0, 0.0), (90.0, 0.0))], things), own).touched("school")
        now = float(touch["touch"].sum())
        assert before - 1e-12 <= now <= 1
        before = now


# --- unknown -----------------------------------------------------------------------------------


@given(st.floats(0.05, 1), st.sampled_from([0.3, 0.8, 1.5, 4.0]), st.floats(0, 90))
@settings(max_examples=15)
def test_unknown_never_becomes_zero(prevalence: float, factor: float, distance: float) -> None:
    when = {"fence": ("no",)}
    own = layer("school", effect("queue", factor, when=when, unknown=prevalence))
    ways = [street((0.0, 0.0), (100.0, 0.0))]

    def harm(**tags: str) -> float:
        town = extract(ways, [thing((50.0, distance), amenity="school", **tags)])
        return float(area(town, own).scores()["harm"].iloc[0])

    unknown, yes, no = harm(), harm(fence="no"), harm(fence="yes")
    assert unknown != no
    assert min(yes, no) < unknown <= max(yes, no) or unknown == pytest.approx(yes)


@FEW
@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 60)), min_size=1, max_size=3))
def test_a_window_never_lowers_another_hour(windows: list[tuple[int, int]]) -> None:
    active = tuple(
        Active((day,), ((start, min(24.0, start + length / 60)),))
        for day, (start, length) in zip(("school", "workday", "weekend"), windows, strict=False)
    )
    town = extract([street((0.0, 0.0), (90.0, 0.0))], [thing((50.0, 9.0), amenity="school")])
    with_, without = area(town, layer(active=active)), area(town)
    for moment in (Moment(kind, hour) for kind in hours.KINDS for hour in range(24)):
        assert (with_.scores(moment)["harm"] >= without.scores(moment)["harm"]).all()
