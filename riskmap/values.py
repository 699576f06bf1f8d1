"""Single values of a layer file: what a key takes, the check, and the error at its place."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from riskmap.errors import RiskmapError

_SHOWN = 60
"""Longest piece of a file that an error repeats."""
_FAR_DAYS = 30
_LEAP = 2000
"""A year that has every month and day."""
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class At:
    """A place in a layer file, for the error that is raised there."""

    file: str
    table: str = ""  # as the file writes it: "[touch]", "[[source]] 2"; "" at the top
    key: str = ""

    def error(self, what: str) -> RiskmapError:
        """Return the error to raise: `what` says what is wrong, and the way out."""
        return RiskmapError(f"{self.file}: {what}")

    def unfit(self, value: object, way_out: str) -> RiskmapError:
        """Return the error for a value that its key cannot take."""
        return self.error(f"'{self.key}' {self.place} is {shown(value)}; {way_out}")

    @property
    def place(self) -> str:
        """Where the key stands, in words."""
        return f"in {self.table}" if self.table else "at the top"

    def inside(self, table: str) -> At:
        """Return a table further in."""
        return At(self.file, f"{self.table} {table}".strip())


Read = Callable[[Any, At, str], Any]


@dataclass(frozen=True)
class Kind:
    """What a key takes: in words, and the function that checks a value and converts it."""

    wants: str
    read: Read


def shown(value: object) -> str:
    """Write a value of the file on one line, shortened, in the words of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table" if value else "empty"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "a list of tables"
    try:
        text = value.isoformat() if isinstance(value, date) else repr(value)
    except ValueError:  # Python refuses to print integers of thousands of digits
        return "a huge number"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def meant(word: str, known: Iterable[str]) -> str:
    """Return the way out for a word that is not known."""
    known = list(known)
    close = difflib.get_close_matches(word.lower(), known, n=1) or difflib.get_close_matches(
        word.upper(), known, n=1
    )
    return f"did you mean '{close[0]}'?" if close else f"choose from {', '.join(known)}"


def _text(value: Any, at: At, wants: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise at.unfit(value, f"give {wants}")
    return value.strip()


def _flag(value: Any, at: At, wants: str) -> bool:
    if not isinstance(value, bool):
        raise at.unfit(value, f"give {wants}")
    return value


def _number(fits: Callable[[float], bool]) -> Read:
    def read(value: Any, at: At, wants: str) -> float:
        # bool is an int in Python, not in TOML
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise at.unfit(value, f"give {wants}")
        try:
            number = float(value)
        except OverflowError:
            raise at.unfit(value, f"give {wants}") from None
        if not math.isfinite(number) or not fits(number):
            raise at.unfit(value, f"give {wants}")
        return number

    return read


def choice(options: tuple[str, ...]) -> Kind:
    """Take one of the options."""

    def read(value: Any, at: At, _wants: str) -> str:
        if not isinstance(value, str):
            raise at.unfit(value, f"choose from {', '.join(options)}")
        if value not in options:
            raise at.unfit(value, meant(value, options))
        return value

    return Kind("one of " + ", ".join(options), read)


def _texts(value: Any, at: At, wants: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values:
        raise at.unfit(value, f"give {wants}")
    return tuple(_text(item, at, wants) for item in values)


def choices(options: tuple[str, ...], what: str, *, again: bool = False) -> Kind:
    """Take a list of options, or one alone; the same one `again` only where that is said."""
    one = choice(options)

    def read(value: Any, at: At, wants: str) -> tuple[str, ...]:
        values = tuple(one.read(item, at, one.wants) for item in _texts(value, at, wants))
        if not again and len(set(values)) < len(values):
            raise at.unfit(value, "name each only once")
        return values

    return Kind(f"a list of {what}", read)


def _count(value: Any, at: At, wants: str) -> int:
    return int(_number(lambda x: x >= 0 and x.is_integer())(value, at, wants))


def _whole(value: Any, at: At, wants: str) -> int:
    return int(_number(lambda x: x >= 1 and x.is_integer())(value, at, wants))


def _osm(value: Any, at: At, wants: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value:
        raise at.unfit(value, f"give {wants}")
    tags = {}
    for key, allowed in value.items():
        here = At(at.file, at.table, f"osm.{key}")
        if not key.strip():
            raise here.error(f"empty key {here.place} osm; name the tag")
        if isinstance(allowed, dict):
            raise here.unfit(allowed, "give a list of values; a key with a dot stands in quotes")
        tags[key] = _texts(allowed, here, 'a list of values, or ["*"] for any')
        if "*" in tags[key] and len(tags[key]) > 1:
            raise here.unfit(allowed, 'give ["*"] alone, or the values without it')
        if len(set(tags[key])) < len(tags[key]):
            raise here.unfit(allowed, "name each only once")
    return tags


def quantities(known: Mapping[str, Kind]) -> Kind:
    """Take a table of known quantities, each with what its own kind takes."""

    def read(value: Any, at: At, wants: str) -> dict[str, Any]:
        if not isinstance(value, dict) or not value:
            raise at.unfit(value, f"give {wants}")
        found = {}
        for key, allowed in value.items():
            if key not in known:
                raise at.error(
                    f"unknown quantity {shown(key)} in {at.key} {at.place}; {meant(key, known)}"
                )
            here = At(at.file, at.table, f"{at.key}.{key}")
            found[key] = known[key].read(allowed, here, known[key].wants)
        return found

    return Kind("quantities with a range or names", read)


def between(low: float, high: float) -> Kind:
    """Take a range `{ min = …, max = … }`; its ends are values that the quantity can have."""

    def read(value: Any, at: At, wants: str) -> tuple[float, float]:
        if not isinstance(value, dict) or not value or not set(value) <= {"min", "max"}:
            raise at.unfit(value, f"give {wants}")
        ends = {"min": -math.inf, "max": math.inf}
        for end, number in value.items():
            ends[end] = _number(lambda x: low <= x <= high)(
                number, At(at.file, at.table, f"{at.key}.{end}"), f"a number in {low:g}–{high:g}"
            )
        if ends["min"] > ends["max"]:
            raise at.error(f"'{at.key}' {at.place} has min above max; exchange them")
        return ends["min"], ends["max"]

    return Kind("{ min = …, max = … }, one or both", read)


def _steps(value: Any, at: At, wants: str) -> tuple[tuple[float, float, float], ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
        raise at.unfit(value, f"give {wants}")
    steps = []
    for number, step in enumerate(value, 1):
        here = At(at.file, at.table, f"{at.key} {number}")
        if not {"touch"} < set(step) <= {"min", "max", "touch"}:
            raise here.unfit(step, "give min or max or both, and touch")
        low, high = (
            NUMBER.read(step[end], here, NUMBER.wants) if end in step else rest
            for end, rest in (("min", -math.inf), ("max", math.inf))
        )
        if low >= high:
            raise here.error(f"'{here.key}' {at.place} has min not below max; exchange them")
        steps.append((low, high, SHARE.read(step["touch"], here, SHARE.wants)))
    return tuple(steps)


def _offsets(value: Any, at: At, wants: str) -> tuple[int, int]:
    whole = isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)  # noqa: PLR2004  # first and last
    if not whole or value[0] > value[1] or max(map(abs, value)) > _FAR_DAYS:
        raise at.unfit(value, f"give {wants}")
    return value[0], value[1]


def _file(value: Any, at: At, wants: str) -> str:
    name = _text(value, at, wants)
    if "/" in name or "\\" in name or name.strip("*.") == "":
        raise at.unfit(value, f"give {wants}")
    return name


def _hours(value: Any, at: At, wants: str) -> tuple[tuple[float, float], ...]:
    windows: list[tuple[float, float]] = []
    for text in _texts(value, at, wants):
        match = _WINDOW.fullmatch(text)
        if not match:
            raise at.unfit(text, "write it as '07:10-08:10'")
        h1, m1, h2, m2 = (int(part) for part in match.groups())
        start, end = h1 + m1 / 60, h2 + m2 / 60
        if end > 24:  # noqa: PLR2004  # hours of a day
            raise at.unfit(text, "the last end is 24:00; over midnight write '22:00-02:00'")
        if start == end:
            raise at.unfit(text, "it has no length: end it at another minute")
        # a window over midnight is the two ends of the same day
        parts = [(start, end)] if start < end else [(start, 24.0), (0.0, end)]
        windows += [part for part in parts if part[0] < part[1]]
    windows.sort()
    if overlap(windows):
        raise at.unfit(value, "these windows overlap: join them")
    return tuple(windows)


def _month_day(value: Any, at: At, wants: str) -> int:
    match = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise at.unfit(value, f"give {wants}")
    month, day = (int(part) for part in match.groups())
    try:
        date(_LEAP, month, day)
    except ValueError:
        raise at.unfit(value, "there is no such day; mend it") from None
    return month * 100 + day


def overlap(windows: Iterable[tuple[float, float]]) -> bool:
    """Whether any two windows share time."""
    ordered = sorted(windows)
    return any(a[1] > b[0] for a, b in pairwise(ordered))


TEXT = Kind("a text", _text)
FLAG = Kind("true or false", _flag)
NUMBER = Kind("a number", _number(lambda _: True))
POSITIVE = Kind("a number above 0", _number(lambda x: x > 0))
NOT_NEGATIVE = Kind("a number, 0 or more", _number(lambda x: x >= 0))
SHARE = Kind("a number from 0 to 1", _number(lambda x: 0 <= x <= 1))
PART = Kind("a number above 0, 1 at most", _number(lambda x: 0 < x <= 1))
FEWER = Kind(
    "a number above 0 and below 1: 0.85 is 15 % fewer", _number(lambda x: 0 < x < 1)
)
COUNT = Kind("a whole number, 0 or more", _count)
WHOLE = Kind("a whole number, 1 or more", _whole)
MONTH_DAY = Kind('a month and day in quotes such as "06-01"', _month_day)
OSM = Kind('tags as osm.key = ["value", …]', _osm)
STEPS = Kind("a list such as [{ max = 200, touch = 1 }], the first that fits counts", _steps)
OFFSETS = Kind("two whole numbers of days, −30 to 30, such as [-1, 1]", _offsets)
FILE = Kind('a pattern without a folder, such as "waterside.*"', _file)
HOURS = Kind('a list such as ["07:10-08:10"]', _hours)
