"""Where the sun stands: a place and a time → dawn, day, dusk or dark; and their shares by hour."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import tzfpy
from numpy.typing import NDArray

from riskmap.errors import RiskmapError

Floats = NDArray[np.float64]

LIGHTS = ("dawn", "day", "dusk", "dark")
HORIZON = -0.833
"""Degrees: the sun's upper edge on the horizon, as the air bends it. Above it is day."""
TWILIGHT = -6.0
"""Degrees: end of civil twilight. Below it is dark."""
CHINA = "Asia/Shanghai"
XINJIANG = "Asia/Urumqi"
SAMPLES = 12
"""Times looked at in every hour: the middle of every five minutes."""
DAY = np.timedelta64(1, "D")
NOON_2000 = np.datetime64("2000-01-01T12:00")


def zone_of(lon: float, lat: float) -> str:
    """
    Name the time zone of a place, without the internet.

    All of China keeps Beijing time. Xinjiang too: its second, unofficial time, two hours behind, is
    on no roster of the police. In Kashgar the sun of midwinter therefore rises after ten.
    """
    zone = tzfpy.get_tz(lon, lat) or "Etc/UTC"
    return CHINA if zone == XINJIANG else zone


def clock(zone: str) -> ZoneInfo:
    """
    Look up the rules of a time zone.

    Raises
    ------
    RiskmapError
        A machine that does not know them.
    """
    try:
        return ZoneInfo(zone)
    except ZoneInfoNotFoundError as fault:
        raise RiskmapError(
            f"time zone {zone}: not on this machine; install tzdata with pip or the system"
        ) from fault


def light_at(when: datetime, lon: float, lat: float) -> str:
    """
    Say how light it is at a place: "dawn", "day", "dusk" or "dark".

    Parameters
    ----------
    when
        Time on the clocks of the place, or one that carries its own time zone.
    lon, lat
        Degrees in WGS 84.
    """
    if when.tzinfo is None:
        when = when.replace(tzinfo=clock(zone_of(lon, lat)))
    universal = np.array([when.astimezone(UTC).replace(tzinfo=None)], dtype="datetime64[s]")
    sine, cosine, late = _sun(universal)
    return LIGHTS[int(_lights(sine, cosine, _angle(universal, late, lon), lat)[0])]


def by_hour(utc: NDArray[np.datetime64], lon: float, lat: float) -> Floats:
    """
    Divide hours by light.

    Parameters
    ----------
    utc
        When each hour begins, in universal time.
    lon, lat
        Degrees in WGS 84.

    Returns
    -------
    Hours × the four `LIGHTS`; every hour adds up to 1.
    """
    start = utc.astype("datetime64[s]")
    # within an hour the earth turns and the rest hardly moves
    sine, cosine, late = (part[:, None] for part in _sun(start + np.timedelta64(30, "m")))
    every = 3600 // SAMPLES
    when = start[:, None] + np.arange(every // 2, 3600, every).astype("timedelta64[s]")
    found = _lights(sine, cosine, _angle(when, late, lon), lat)
    counts = np.stack([(found == light).sum(axis=1) for light in range(len(LIGHTS))], axis=1)
    return np.asarray(counts / SAMPLES)


def elevation(when: NDArray[np.datetime64], lon: Any, lat: Any) -> Floats:  # noqa: ANN401  # as numpy
    """
    Work out how high the middle of the sun stands, without the air that bends its light.

    The formula of NOAA's solar calculator (Meeus, Astronomical Algorithms, ch. 25), which places
    sunrise and sunset within a minute up to 72° of latitude.

    Parameters
    ----------
    when
        Times in UTC.
    lon, lat
        Degrees in WGS 84, one or as many as `when`.

    Returns
    -------
    Degrees above the horizon.
    """
    sine, cosine, late = _sun(when)
    return np.degrees(np.arcsin(_height(sine, cosine, _angle(when, late, lon), lat)))


def _angle(when: NDArray[np.datetime64], late: Floats, lon: Any) -> Floats:  # noqa: ANN401  # as numpy
    """Angle of the sun past its noon, radians, −π to π."""
    minutes = (when - when.astype("datetime64[D]")) / np.timedelta64(1, "m")
    turned = (minutes + late) / 4.0 + np.asarray(lon)
    return np.radians(turned % 360.0 - 180.0)


def _height(sine: Floats, cosine: Floats, angle: Floats, lat: Any) -> Floats:  # noqa: ANN401  # as numpy
    """Sine of the sun's elevation."""
    up = np.radians(lat)
    height = np.sin(up) * sine + np.cos(up) * cosine * np.cos(angle)
    return np.asarray(np.clip(height, -1.0, 1.0))


def _lights(sine: Floats, cosine: Floats, angle: Floats, lat: float) -> NDArray[np.int64]:
    """Numbers of `LIGHTS`. Twilight is dawn before the sun's noon and dusk after it."""
    height = _height(sine, cosine, angle, lat)
    above, lit = (height > np.sin(np.radians(edge)) for edge in (HORIZON, TWILIGHT))
    names = [LIGHTS.index(name) for name in ("day", "dark", "dawn", "dusk")]
    return np.select([above, ~lit, angle < 0.0], names[:3], names[3])


def _sun(when: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    """Sine and cosine of the sun's declination, and by how many minutes a sundial is fast."""
    century = (when - NOON_2000) / DAY / 36525.0
    mean_long = np.radians((280.46646 + century * (36000.76983 + century * 0.0003032)) % 360.0)
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentric = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        np.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * century)
    long = mean_long + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    tilt = 23.0 + (26.0 + (21.448 - century * (46.8150 + century * (0.00059 - century * 0.001813)))
                   / 60.0) / 60.0  # fmt: skip
    tilt = np.radians(tilt + 0.00256 * np.cos(node))
    sine = np.sin(tilt) * np.sin(long)
    y = np.tan(tilt / 2.0) ** 2
    late = 4.0 * np.degrees(
        y * np.sin(2 * mean_long)
        - 2.0 * eccentric * np.sin(anomaly)
        + 4.0 * eccentric * y * np.sin(anomaly) * np.cos(2 * mean_long)
        - 0.5 * y * y * np.sin(4 * mean_long)
        - 1.25 * eccentric * eccentric * np.sin(2 * anomaly)
    )
    return sine, np.sqrt(1.0 - sine * sine), late
