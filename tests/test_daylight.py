"""The sun by place and time, against astral; light by the hours of a year."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from astral import Observer
from astral import sun as astral
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from riskmap import daylight
from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError

HARBIN, KASHGAR, TROMSO, VADUZ = (126.6, 45.8), (75.99, 39.47), (18.96, 69.65), (9.52, 47.14)
QUITO = (-78.5, 0.0)
Times = NDArray[np.datetime64]
LON, LAT = st.floats(-180, 180), st.floats(-89, 89)


def hours(first: str, days: int) -> Times:
    """Hours from a day on, in universal time."""
    return np.datetime64(first, "h") + np.arange(24 * days)


YEAR = hours("2025-01-01", 365)


def share(place: tuple[float, float], light: str) -> float:
    """Share of the whole year."""
    return float(daylight.by_hour(YEAR, *place)[:, LIGHTS.index(light)].mean())


@given(st.datetimes(datetime(2004, 1, 1), datetime(2040, 1, 1)), LON, LAT)  # noqa: DTZ001  # UTC
def test_the_sun_stands_where_astral_sees_it(when: datetime, lon: float, lat: float) -> None:
    when = when.replace(microsecond=0)
    seen = astral.elevation(Observer(lat, lon), when.replace(tzinfo=UTC), with_refraction=False)
    found = daylight.elevation(np.array([when], dtype="datetime64[s]"), lon, lat)
    assert found[0] == pytest.approx(seen, abs=1e-6)


@pytest.mark.parametrize("place", [HARBIN, KASHGAR, VADUZ])
def test_light_changes_at_sunrise_sunset_and_the_ends_of_civil_twilight(
    place: tuple[float, float],
) -> None:
    observer = Observer(place[1], place[0])
    day = datetime(2026, 3, 5, tzinfo=daylight.clock(daylight.zone_of(*place)))
    minutes = timedelta(minutes=2)
    for event, before, after in (
        (astral.dawn, "dark", "dawn"),
        (astral.sunrise, "dawn", "day"),
        (astral.sunset, "day", "dusk"),
        (astral.dusk, "dusk", "dark"),
    ):
        when = event(observer, day, tzinfo=day.tzinfo)
        assert daylight.light_at(when - minutes, *place) == before
        assert daylight.light_at(when + minutes, *place) == after


def test_harbin_is_dark_at_half_past_four_in_december_and_not_in_june() -> None:
    assert daylight.light_at(datetime(2026, 12, 15, 16, 30), *HARBIN) == "dark"  # noqa: DTZ001  # local
    assert daylight.light_at(datetime(2026, 6, 15, 16, 30), *HARBIN) == "day"  # noqa: DTZ001  # local


def test_tromso_is_never_dark_in_june_and_sees_no_sun_in_december() -> None:
    june, december = (
        daylight.by_hour(hours(first, 29), *TROMSO) for first in ("2026-06-02", "2026-12-02")
    )
    assert (june[:, LIGHTS.index("day")] == 1).all()
    assert (december[:, LIGHTS.index("day")] == 0).all()
    # the twilight of polar noon turns from dawn to dusk there
    twilight = december[24 * 14 : 24 * 15, [LIGHTS.index("dawn"), LIGHTS.index("dusk")]].T
    assert twilight[0].argmax() < twilight[1].argmax()
    assert (twilight > 0).any(axis=1).all()


def test_the_equator_has_half_a_day_of_light_all_year() -> None:
    for day in ("2026-01-01", "2026-06-21", "2026-12-21"):
        found = daylight.by_hour(hours(day, 1), *QUITO)
        assert found[:, LIGHTS.index("day")].sum() == pytest.approx(12.1, abs=0.1)
    assert share(QUITO, "day") == pytest.approx(0.505, abs=0.003)


def test_the_further_north_the_longer_is_twilight() -> None:
    found = [daylight.by_hour(YEAR, 115.0, lat) for lat in (0.0, 20.0, 40.0, 50.0)]
    twilight = [table[:, [0, 2]].sum() for table in found]
    assert twilight == sorted(twilight)
    assert twilight[-1] > 1.4 * twilight[0]


@given(LON, LAT)
@settings(max_examples=15)
def test_the_shares_of_every_hour_add_up_to_one(lon: float, lat: float) -> None:
    found = daylight.by_hour(YEAR, lon, lat)
    assert found.shape == (8760, 4)
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(8760), abs=1e-12)


def test_xinjiang_keeps_beijing_time() -> None:
    assert daylight.zone_of(87.6, 43.8) == daylight.zone_of(116.4, 39.9) == "Asia/Shanghai"
    assert daylight.light_at(datetime(2026, 12, 21, 9, 0), *KASHGAR) == "dark"  # noqa: DTZ001  # local
    assert daylight.zone_of(*VADUZ) == "Europe/Vaduz"


def test_a_time_with_a_zone_of_its_own_is_that_time() -> None:
    noon = datetime(2026, 12, 21, 4, 0, tzinfo=UTC)
    assert daylight.light_at(noon, *HARBIN) == "day"
    assert daylight.light_at(noon.astimezone(timezone(timedelta(hours=-8))), *HARBIN) == "day"


def test_a_zone_that_the_machine_does_not_know_is_named() -> None:
    with pytest.raises(RiskmapError, match="time zone Mars/Olympus: not on this machine; install"):
        daylight.clock("Mars/Olympus")
