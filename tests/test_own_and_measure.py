"""What a road says of itself: its own tags, what lies around it, and quantities in steps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streets import area, block, effect, extract, layer, relief, source, street, thing

from riskmap import curves
from riskmap.area import Area
from riskmap.layer import Layer
from riskmap.tags import tags_of

ROAD = [street((0.0, 0.0), (100.0, 0.0))]
STEPS = ((-np.inf, 3.5, 1.0), (3.5, 5.5, 0.5))


def touch(found: Area, name: str) -> pd.Series:
    """Touch of every segment, 0 where there is none."""
    return found.touched(name)["touch"].reindex(found.segments.index).fillna(0.0)


def narrow(**words: Any) -> Layer:
    """Roads by their width."""
    return layer("narrow", relation="measure", measure="width_m", steps=STEPS, **words)


# --- inside ------------------------------------------------------------------------------------


def test_half_a_road_inside_an_area_is_half_touched() -> None:
    zone = layer("zone", relation="inside", osm={"boundary": ("zone",)})
    found = area(extract(ROAD, [block(0, -50, 50, 100, boundary="zone")]), zone)
    assert touch(found, "zone").tolist() == [0.5]


def test_two_areas_on_each_other_count_once_and_a_line_has_no_inside() -> None:
    zone = layer("zone", relation="inside", osm={"boundary": ("zone",)})
    twice = [block(0, -50, 50, 100, boundary="zone"), block(10, -50, 40, 100, boundary="zone")]
    line = thing(shapely.LineString([(0, 40), (100, 40)]), boundary="zone")
    found = area(extract(ROAD, [*twice, line]), zone)
    assert touch(found, "zone").tolist() == [0.5]


# --- own ---------------------------------------------------------------------------------------


def test_a_road_is_touched_by_its_own_tags() -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0), hgv="designated"), street((0.0, 50.0), (90.0, 50.0))]
    freight = layer("freight", relation="own", osm={"hgv": ("designated",)})
    found = area(extract(ways), freight)
    assert touch(found, "freight").tolist() == [1, 0]
    assert found.coverage().loc["freight", ["known_km", "assumed_km"]].tolist() == [0.09, 0.09]


def test_an_excluded_tag_takes_a_road_out() -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0), bridge="yes"),
            street((0.0, 50.0), (90.0, 50.0), bridge="yes", covered="yes")]
    own = source({"bridge": ("yes",)}, exclude={"covered": ("yes",), "indoor": ("*",)})
    found = area(extract(ways), layer("bridge", relation="own", sources=(own,)))
    assert touch(found, "bridge").tolist() == [1, 0]


def dark(**words: Any) -> Layer:
    """Roads without light: six in ten of those that do not say."""
    unlit = effect("head_on", 2.0, when={"lit": ("no",)}, unknown=0.6)
    return layer("dark", unlit, relation="own", osm={"highway": ("*",)}, **words)


def test_a_road_that_does_not_say_is_between_one_with_and_one_without() -> None:
    lights: list[Mapping[str, str]] = [{"lit": "no"}, {}, {"lit": "yes"}]
    ways = [street((0.0, 99.0 * n), (90.0, 99.0 * n), **tags) for n, tags in enumerate(lights)]
    found = area(extract(ways), dark())
    unlit, unknown, lit = found.scores()["harm"]
    assert unlit > unknown > lit > 0
    assert unknown - lit == pytest.approx(0.6 * (unlit - lit))
    spread = found.scores().eval("(high - low) / harm_per_km")
    assert spread.iloc[1] > spread.iloc[2]
    states = found.coverage().loc["dark", ["known_km", "assumed_km", "unknown_km"]]
    assert states.tolist() == [0.18, 0, 0.09]
    rows = found.hotspots(top=None).set_index("segment_id").loc[found.segments.index]
    assert rows["coverage"].tolist() == [1, 0, 1]


# --- measure -----------------------------------------------------------------------------------


def test_the_first_step_that_fits_counts_and_its_upper_end_does_not() -> None:
    widths = ["3", "3.5", "5.49 m", "5.5", "wide"]
    ways = [street((0.0, 99.0 * n), (90.0, 99.0 * n), width=w) for n, w in enumerate(widths)]
    found = area(extract(ways), narrow())
    assert touch(found, "narrow").tolist() == [1, 0.5, 0.5, 0, 0]
    assert found.coverage().loc["narrow", ["known_km", "unknown_km"]].tolist() == [0.36, 0.09]


def test_an_unknown_quantity_takes_the_expected_factor() -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0), width="3"), street((0.0, 50.0), (90.0, 50.0)),
            street((0.0, 99.0), (90.0, 99.0), width="9")]
    harm = area(extract(ways), narrow(unknown=0.25)).scores()["harm"].to_numpy()
    assert harm[1] - harm[2] == pytest.approx(0.25 * (harm[0] - harm[2]))


def test_lanes_stand_in_for_a_width_that_nobody_mapped() -> None:
    ways = [street((0.0, 50.0 * n), (90.0, 50.0 * n), lanes=str(n)) for n in (1, 2)]
    found = area(extract(ways), narrow())
    assert touch(found, "narrow").tolist() == [1, 0]
    assert found.inputs.loc["width", ["known_km", "assumed_km"]].tolist() == [0, 0.18]


def test_terrain_and_a_mapped_cliff_are_one_hazard() -> None:
    cliff = layer(
        "cliff", osm={"natural": ("cliff",)}, relation="along", reach_m=30, measure="width_m",
        steps=((-np.inf, 5.0, 0.5),), relieved=relief(),
    )  # fmt: skip
    wide = ((0.0, "4"), (500.0, "4"), (900.0, "9"))
    ways = [street((0.0, y), (100.0, y), width=w) for y, w in wide]
    edge = [thing(shapely.LineString([(-50, y), (150, y)]), natural="cliff") for y in (3.0, 903.0)]
    found = area(extract(ways, edge), cliff)
    assert touch(found, "cliff").tolist() == pytest.approx([0.9, 0.5, 0.9])


# --- entrances ---------------------------------------------------------------------------------

GATED = source({"amenity": ("school",)}, prefer={"entrance": ("*",), "barrier": ("gate",)})


def test_entrances_stand_for_the_whole_where_there_are_any() -> None:
    rule = layer(sources=(GATED,), reach_m=200)
    yard = block(0.0, 50.0, 100.0, 100.0, amenity="school")
    gate = thing((50.0, 150.0), barrier="gate")
    assert touch(area(extract(ROAD, [yard]), rule), "school").tolist() == [0.75]
    assert touch(area(extract(ROAD, [yard, gate]), rule), "school").tolist() == [0.25]


def test_a_gate_elsewhere_or_of_nothing_changes_nothing() -> None:
    rule = layer(sources=(GATED,), reach_m=200)
    yard = block(0.0, 50.0, 100.0, 100.0, amenity="school")
    gate = thing((50.0, 47.0), barrier="gate")
    assert touch(area(extract(ROAD, [yard, gate]), rule), "school").tolist() == [0.75]
    assert touch(area(extract(ROAD, [gate]), rule), "school").tolist() == [0]


# --- curves ------------------------------------------------------------------------------------


def arc(radius: float, step_deg: float, turn_deg: float = 90.0) -> list[tuple[float, float]]:
    """Corners on a circle."""
    angle = np.radians(np.arange(0, turn_deg + 1e-9, step_deg))
    return [(float(radius * np.sin(a)), float(radius * (1 - np.cos(a)))) for a in angle]


@pytest.mark.parametrize("radius", [80, 150, 300, 700])
def test_the_radius_of_a_drawn_arc_is_that_of_its_circle(radius: float) -> None:
    corners = arc(radius, step_deg=np.degrees(10 / radius))
    found = area(extract([street(*corners)])).segments["radius_m"]
    # a window of 50 m holds 50/10 or 50/10 + 1 of the corners
    assert found.iloc[1:-1].to_numpy() == pytest.approx(np.full(len(found) - 2, radius), rel=0.2)


def test_a_straight_road_has_no_radius_and_neither_has_a_roundabout() -> None:
    ring = [(float(20 * np.cos(a)), float(20 * np.sin(a))) for a in np.radians(range(0, 360, 30))]
    ways = [street((200.0, 0.0), (290.0, 0.0)), street(*ring, ring[0], junction="roundabout")]
    assert np.isinf(area(extract(ways)).segments["radius_m"]).all()


def test_a_zigzag_of_the_drawing_is_no_bend_and_a_side_road_hides_none() -> None:
    zigzag = [(10.0 * n, 0.3 * (n % 2)) for n in range(10)]
    bend = [(0.0, 500.0), (50.0, 500.0), (85.0, 535.0)]
    side = [(50.0, 500.0), (50.0, 400.0)]
    found = area(extract([street(*zigzag), street(*bend), street(*side)])).segments
    radius = found.groupby("way_id")["radius_m"].min()
    assert radius[1] > 300
    assert radius[2] == pytest.approx(50 / np.radians(45), rel=1e-6)
    assert np.isinf(radius[3])


@given(st.lists(st.tuples(st.integers(1, 80), st.integers(-90, 90)), min_size=3, max_size=12))
def test_turning_a_road_round_leaves_its_bends(steps: list[tuple[int, int]]) -> None:
    # onwards only: where a road runs back on itself, left and right are the same
    corners = [(float(x), float(y)) for x, y in np.cumsum(steps, axis=0)]

    def sharpest(points: list[tuple[float, float]]) -> float:
        x, y = np.array(points).T
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        way = np.zeros(len(x), dtype=np.int64)
        return float(
            curves.radius_m(x, y, way, along, np.array([0.0]), window_m=50.0)[0]
        )

    assert sharpest(corners) == pytest.approx(sharpest(corners[::-1]), rel=1e-6)


# --- tags --------------------------------------------------------------------------------------


def test_a_stated_value_takes_the_place_of_the_mapped_one() -> None:
    tags = tags_of([{"lit": "no", "name": "a"}, {}, {"lit": "yes"}])
    found = tags.replaced("lit", np.array([0, 1]), ["yes", "no"])
    assert found.column("lit").tolist() == ["yes", "no", "yes"]
    assert found.column("name").tolist() == ["a", None, None]
    assert found.take(np.array([1])).of(0) == {"lit": "no"}
    assert tags.column("lit").tolist() == ["no", None, "yes"]
    assert tags.replaced("width", np.array([2]), ["3"]).of(2) == {"lit": "yes", "width": "3"}
