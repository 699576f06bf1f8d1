"""A small brigade as its resources file has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskmap import staffing
from riskmap.calendars import DAYS
from riskmap.project import constants
from riskmap.staffing import Limits, Resources, Rota, Shift, Squadron, Vehicle

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "data" / "templates"
RULES = constants()
ONE = """
[[squadron]]
id = "1"
zh = "一中队"
lon = 9.52
lat = 47.14
officers = 7

[[shift]]
name = "day"
from = "07:00"
to = "19:00"
"""
CAR = """
[[vehicle]]
id = "c1"
kind = "car"
squadron = "1"
"""
NIGHT = """
[[shift]]
name = "night"
from = "19:00"
to = "07:00"
"""
POST = """
[[post]]
id = "p1"
lon = 9.52
lat = 47.14
"""


def written(folder: Path, text: str, *, crs: str | None = None) -> Resources:
    """Read a file with this text."""
    path = folder / "resources.toml"
    path.write_text(text, encoding="utf-8")
    return staffing.read_resources(path, crs=crs, rules=RULES)


def template(ending: str = "toml") -> Resources:
    return staffing.read_resources(TEMPLATES / f"resources.{ending}", crs=None, rules=RULES)


def numbers(*, posts: int, patrols: int = 0, rules: Mapping[str, Any] = RULES) -> Resources:
    """One squadron without a station, so many teams and cars by day."""
    limits = Limits.of(rules)
    count = limits.officers_post * posts + limits.officers_car * patrols
    cars = tuple(Vehicle(f"C{n}", "car", "1", limits.officers_car) for n in range(1, patrols + 1))
    rota = Rota("day", "1", DAYS, count, (), tuple(car.id for car in cars))
    return Resources(
        (Squadron("1", "", "", None, count),), cars, (Shift("day", 420.0, 1140.0),), (rota,), (),
        (), (), limits,
    )  # fmt: skip
