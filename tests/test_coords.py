"""WGS-84, GCJ-02, BD-09 and CGCS2000: there and back, and what people call them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.coords import CHINA, SYSTEMS, from_wgs84, system_named, to_wgs84
from riskmap.errors import RiskmapError

METRE = 1 / 111_195
WEST, EAST, SOUTH, NORTH = CHINA
inside = st.tuples(
    st.floats(WEST + 0.1, EAST - 0.1), st.floats(SOUTH + 0.1, NORTH - 0.1)
)  # fmt: skip
# pairs of the public formulas, as its reference implementation tests them
GCJ02 = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
BD09 = [((116.404, 39.915), (116.41662724378733, 39.922699552216216))]


@pytest.mark.parametrize(
    ("system", "wgs84", "there"),
    [("gcj02", *pair) for pair in GCJ02] + [("bd09", *pair) for pair in BD09],
)
def test_known_pairs_are_met_both_ways(
    system: str, wgs84: tuple[float, float], there: tuple[float, float]
) -> None:
    assert np.allclose(from_wgs84(*wgs84, system), there, rtol=0, atol=1e-11)
    assert np.allclose(to_wgs84(*there, system), wgs84, rtol=0, atol=1e-11)


@given(inside, st.sampled_from(SYSTEMS))
def test_there_and_back_is_the_same_place_to_a_hundred_millionth_of_a_metre(
    place: tuple[float, float], system: str
) -> None:
    there = from_wgs84(*place, system)
    # the formula has a kink at 105° E: within its breadth of a nanometre a ten-millionth
    close = 1e-8 if abs(place[0] - 105) > 1e-11 else 1e-6
    assert np.allclose(to_wgs84(*there, system), place, rtol=0, atol=close * METRE + 3e-14)


@given(st.floats(-180, WEST - 0.1), st.floats(-90, 90), st.sampled_from(SYSTEMS))
def test_outside_china_nothing_is_shifted(lon: float, lat: float, system: str) -> None:
    assert [float(v) for v in from_wgs84(lon, lat, system)] == [lon, lat]
    assert [float(v) for v in to_wgs84(lon, lat, system)] == [lon, lat]


@given(inside)
def test_a_shift_inside_china_is_of_hundreds_of_metres_to_a_kilometre_and_a_half(
    place: tuple[float, float],
) -> None:
    for system in ("gcj02", "bd09"):
        x, y = from_wgs84(*place, system)
        east = (x - place[0]) * np.cos(np.radians(place[1])) / METRE
        assert 10 < np.hypot(east, (y - place[1]) / METRE) < 2500


def test_cgcs2000_is_wgs84_within_centimetres_and_so_stays() -> None:
    assert [float(v) for v in to_wgs84(117.2, 28.3, "cgcs2000")] == [117.2, 28.3]


def test_what_is_no_number_stays_so_and_arrays_of_any_length_are_not_changed() -> None:
    lon, lat = np.array([117.2, np.nan]), np.array([28.3, 28.3])
    x, y = to_wgs84(lon, lat, "bd09")
    assert np.isnan(x[1])
    assert lon[0] == 117.2
    assert x[0] != 117.2
    assert to_wgs84([], [], "gcj02")[0].shape == (0,)
    assert to_wgs84(lon, lat, "wgs84")[0] is not lon
    assert y.shape == (2,)


def test_an_unknown_system_is_refused_with_a_way_out() -> None:
    with pytest.raises(RiskmapError, match=r"'gcj2': did you mean 'gcj02'\?"):
        to_wgs84(117.2, 28.3, "gcj2")


@pytest.mark.parametrize(
    ("written", "system"),
    [
        ("WGS84", "wgs84"), ("wgs-84", "wgs84"), ("WGS 1984", "wgs84"), ("EPSG:4326", "wgs84"),
        ("GCJ02", "gcj02"), ("GCJ-02", "gcj02"), ("高德", "gcj02"), ("腾讯地图", "gcj02"),
        ("火星坐标系", "gcj02"), ("\uff27\uff23\uff2a\uff10\uff12", "gcj02"),
        ("BD09", "bd09"), ("百度", "bd09"), ("百度坐标", "bd09"),
        ("CGCS2000", "cgcs2000"), ("2000国家大地坐标系", "cgcs2000"),
        ("国家2000坐标系", "cgcs2000"), ("epsg:4490", "cgcs2000"), ("EPSG:4547", "EPSG:4547"),
        ("北京54", None), ("", None), ("bd09mc", None),
    ],
)  # fmt: skip
def test_people_call_a_system_many_names(written: str, system: str | None) -> None:
    assert system_named(written) == system
