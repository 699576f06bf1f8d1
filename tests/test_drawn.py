"""A list of what lies in an area that was drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streets import area, extract, layer, street

from riskmap import drawn
from riskmap.area import LIST_COLUMNS
from riskmap.errors import RiskmapError

TOWN = area(
    extract([street((1000.0 * n, 0.0), (1000.0 * n + 90.0, 0.0)) for n in range(4)]), layer()
)
Corners = list[tuple[float, float]]


def corners(*metres: tuple[float, float]) -> Corners:
    """Places of the town in degrees."""
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*metres, strict=True)), crs=TOWN.segments.crs)
    return [(p.x, p.y) for p in points.to_crs("EPSG:4326")]


def box(left: float, right: float) -> Corners:
    return corners((left, -50.0), (right, -50.0), (right, 50.0), (left, 50.0))


def test_what_an_area_touches_is_in_it() -> None:
    assert TOWN.within(box(1050.0, 2020.0)).tolist() == [False, True, True, False]


def test_a_list_inside_holds_and_ranks_only_what_is_in_it() -> None:
    found = TOWN.hotspots(top=None, inside=box(950.0, 2950.0))
    assert set(found["segment_id"]) == set(TOWN.segments.index[1:3])
    assert found["rank"].tolist() == [1, 2]


def test_an_area_that_holds_nothing_gives_an_empty_list_with_all_columns() -> None:
    found = TOWN.hotspots(inside=box(200.0, 800.0))
    assert found.empty
    assert list(found.columns) == [*LIST_COLUMNS, "geometry"]


def test_a_line_that_crosses_itself_holds_both_its_loops() -> None:
    eight = corners((950.0, -50.0), (2150.0, 50.0), (2150.0, -50.0), (950.0, 50.0))
    assert TOWN.within(eight).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "three corners"),
        ([(9.5, 47.1), (9.6, 47.1)], "three corners"),
        ([(9.5, 47.1)] * 5, "three corners"),
        ([(9.5, 47.1), (9.6, 47.1), (9.7, 47.1)], "on one line"),
        ([(9.5, 47.1), (9.6, 47.1), (9.6, 147.1)], "no longitude and latitude"),
        ([(9.5, 47.1), (9.6, 47.1), (float("nan"), 47.2)], "no longitude and latitude"),
        ([(n / 100.0, 47.0 + n % 2) for n in range(300)], "300 corners"),
    ],
)
def test_what_is_no_area_is_told_in_one_line(given: Corners, said: str) -> None:
    with pytest.raises(RiskmapError, match=said) as fault:
        drawn.polygon(given)
    assert "\n" not in str(fault.value)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12))
def test_every_drawn_line_is_an_area_or_a_message(given: list[tuple[int, int]]) -> None:
    try:
        found = drawn.polygon([(float(x), float(y)) for x, y in given])
    except RiskmapError:
        return
    assert found.is_valid
    assert found.area > 0
    assert shapely.box(-9, -9, 9, 9).covers(found)


def test_a_link_carries_an_area_to_a_metre() -> None:
    drawn_at = ((9.52081234, 47.14), (9.6, 47.2), (9.4, -7.0))
    assert drawn.of_words(drawn.words(drawn_at)) == ((9.52081, 47.14), (9.6, 47.2), (9.4, -7.0))
    assert not drawn.words(None)


@pytest.mark.parametrize(
    "said",
    ["", "a", "1,2", "1,2;3,4", "1,2;3,4;5", "1,2;3,4;x,6", "1,2;3,4;nan,6", "1,2;3,4;500,6",
     "1,2;3,4;5,6,7", "<b>,2;3,4;5,6", ";".join(["1,2"] * 300)],
)  # fmt: skip
def test_what_is_no_area_in_a_link_is_none(said: str) -> None:
    assert drawn.of_words(said) is None


@pytest.mark.parametrize("value", [None, 7, "1,2;3,4;5,6", [1, 2, 3], [[1, 2], [3, 4], {"a": 1}]])
def test_what_is_no_area_from_a_browser_is_none(value: object) -> None:
    assert drawn.given(value) is None
    assert drawn.given([[1, 2], [3, 4], [5, 6]]) == ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))


def test_a_list_of_ones_own_keeps_its_order() -> None:
    ids = list(TOWN.segments.index[[2, 0, 3]])
    found = TOWN.listed(ids)
    assert found["segment_id"].tolist() == ids
    assert list(found.columns) == [*LIST_COLUMNS, "geometry"]
    every = TOWN.hotspots(top=None).set_index("segment_id")
    assert np.allclose(found["harm_per_km"], every.loc[ids, "harm_per_km"])
    with pytest.raises(RiskmapError, match="not in town"):
        TOWN.listed(["w0.0-0.0"])
    assert TOWN.listed([]).empty
