"""WGS-84 and the coordinate systems of Chinese maps: names, and the way there and back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmap.errors import RiskmapError
from riskmap.values import meant

__all__ = ["from_wgs84", "system_named", "to_wgs84"]

Floats = NDArray[np.float64]

SYSTEMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
NAMES: Mapping[str, tuple[str, ...]] = {
    "wgs84": ("wgs84", "wgs1984", "gps", "epsg4326", "国际"),
    "gcj02": ("gcj02", "gcj", "高德", "腾讯", "火星", "amap", "autonavi", "tencent", "国测局"),
    "bd09": ("bd09", "bd09ll", "bd", "百度", "baidu"),
    "cgcs2000": ("cgcs2000", "2000", "国家2000", "2000国家", "大地2000", "天地图", "epsg4490"),
}
"""What people write for a system, in lower case and without its common endings."""

CHINA = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south, north of the box in which GCJ-02 and BD-09 are shifted, degrees of WGS-84."""
_AXIS, _ECCENTRICITY2 = 6378245.0, 0.00669342162296594323  # the ellipsoid of Krasovsky 1940
_BD_TURN = np.pi * 3000.0 / 180.0
_ROUNDS = 12
"""Each round of the inverse leaves under a tenth of the error: 12 leave that of a double."""


def system_named(text: str) -> str | None:
    """
    Recognise a coordinate system by what people write: "GCJ-02", "高德", "百度坐标系".

    Returns
    -------
    One of `SYSTEMS`, "EPSG:" with a number for any other code, None for what is not known.

    Examples
    --------
    >>> from riskmap.coords import system_named
    >>> system_named("高德坐标系"), system_named("BD-09")
    ('gcj02', 'bd09')
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if code := re.fullmatch(r"epsg\s*:{1,2}\s*(\d{4,6})", plain):
        return {"4326": "wgs84", "4490": "cgcs2000"}.get(code[1], f"EPSG:{code[1]}")
    plain = re.sub(r"[\s_\-:.]", "", plain)
    plain = re.sub(r"(大地坐标系?|坐标系?|地图)+$", "", plain)
    return next((system for system, names in NAMES.items() if plain in names), None)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, system: str) -> tuple[Floats, Floats]:
    """
    Bring degrees of a Chinese map to WGS-84.

    Parameters
    ----------
    lon, lat
        Degrees in `system`. What is not a number stays so.
    system
        "wgs84"; "gcj02" (Amap, Tencent); "bd09" (Baidu); "cgcs2000", which is WGS-84 to within
        centimetres on the ground and so stays as it is.

    Returns
    -------
    Longitude and latitude in WGS-84, to 1e-8 m for what `from_wgs84` gives (to 1e-6 m on the
    meridian of 105° E, where the formula has a kink). Outside the box
    `CHINA` nothing is shifted; on a strip of 1 km along that box, all of it abroad or at sea, a
    place inside and one outside have the same coordinates, and the one inside is returned.

    Raises
    ------
    RiskmapError
        A system that is none of the four.

    Notes
    -----
    The public formula has no inverse in closed form: it is found by fixed-point iteration.

    Examples
    --------
    >>> from riskmap.coords import to_wgs84
    >>> lon, lat = to_wgs84([117.2140], [28.2960], "gcj02")
    >>> float(lon[0].round(4)), float(lat[0].round(4))
    (117.2088, 28.2993)
    """
    lon, lat = _degrees(lon, lat)
    _known(system)
    if system in {"wgs84", "cgcs2000"}:
        return lon, lat
    # further off nothing is inside, and the formula would not converge
    near = _in_china(lon, lat, margin=1.0)
    x, y = np.where(near, lon, np.nan), np.where(near, lat, np.nan)
    for _ in range(_ROUNDS):
        there = _shifted(x, y, system)
        x, y = x - (there[0] - lon), y - (there[1] - lat)
    inside = _in_china(x, y)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, system: str) -> tuple[Floats, Floats]:
    """
    Bring degrees of WGS-84 to a Chinese map, by the public formulas.

    Parameters and errors are those of `to_wgs84`, the other way round.

    Examples
    --------
    >>> from riskmap.coords import from_wgs84, to_wgs84
    >>> lon, lat = from_wgs84(*to_wgs84(117.2140, 28.2960, "bd09"), "bd09")
    >>> round(float(lon), 9), round(float(lat), 9)
    (117.214, 28.296)
    """
    lon, lat = _degrees(lon, lat)
    _known(system)
    if system in {"wgs84", "cgcs2000"}:
        return lon, lat
    inside = _in_china(lon, lat)
    x, y = _shifted(np.where(inside, lon, np.nan), np.where(inside, lat, np.nan), system)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def _degrees(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    # a copy: the caller's arrays are never the result
    return np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)


def _known(system: str) -> None:
    if system not in SYSTEMS:
        raise RiskmapError(f"coordinate system '{system}': {meant(system, SYSTEMS)}")


def _in_china(lon: Floats, lat: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
    west, east, south, north = CHINA
    along = (lon >= west - margin) & (lon <= east + margin)
    return along & (lat >= south - margin) & (lat <= north + margin)


def _shifted(lon: Floats, lat: Floats, system: str) -> tuple[Floats, Floats]:
    x, y = _gcj02(lon, lat)
    return (x, y) if system == "gcj02" else _bd09(x, y)


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    both = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
        + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
        + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
        + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
        + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    )  # fmt: skip
    angle = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(angle) ** 2
    meridian = _AXIS * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    parallel = _AXIS / np.sqrt(magic) * np.cos(angle)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
