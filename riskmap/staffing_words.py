"""The words of a resources file: its tables and keys, what each takes, and its headings in XLSX."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from riskmap.cells import plain
from riskmap.coords import SYSTEMS, system_named
from riskmap.record_persons import PERSONAL
from riskmap.staff import DAY, Window, written
from riskmap.values import (
    FLAG,
    NOT_NEGATIVE,
    NUMBER,
    POSITIVE,
    SHARE,
    TEXT,
    At,
    Kind,
    Read,
    meant,
)
from riskmap.windows import DAY_WORDS, DAYS, EVE

Shape = Literal["text", "number", "flag", "texts"]
"""What a cell of XLSX becomes before it is checked."""
LONGEST = 40
"""Characters of an id or a name."""
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)
_DASH = re.compile("\\s*[-~\u2010-\u2015\u2212至到]\\s*")
OFFICER = re.compile(r"(?=.*\d)[\w-]{1,12}")
"""An id with a digit, without spaces: no name is written so."""
PRIVATE = re.compile(
    r"姓名|名字|民警名|警员名|电话|手机|联系|身份证|微信|phone|mobile|telephone|^tel$|^names$"
    r"|(?:officer|person|first|last|full|sur)_?name|identity|id_?card",
    re.IGNORECASE,
)
"""Headings and keys of what is personal."""


@dataclass(frozen=True)
class Key:
    """One key of a table: what it takes, how XLSX heads it, and what it means."""

    kind: Kind
    shape: Shape
    headings: tuple[str, ...]
    means: str
    needed: bool = False
    default: Any = None


@dataclass(frozen=True)
class Table:
    """One table: the names that its sheet may have, and its keys."""

    sheets: tuple[str, ...]
    keys: Mapping[str, Key]


def _id(value: Any, at: At, wants: str) -> str:
    number = isinstance(value, int) and not isinstance(value, bool)
    if not number and (not isinstance(value, str) or not value.strip()):
        raise at.unfit(value, f"give {wants}")
    text = str(value).strip()
    if len(text) > LONGEST or re.search(r"[;,\n\r\t、]", text):
        raise at.unfit(value, f"give {wants}")
    return text


def _listed(one: Read) -> Read:
    def read(value: Any, at: At, wants: str) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        found = tuple(one(item, at, wants) for item in values)
        if len(set(found)) < len(found):
            raise at.error(f"'{at.key}' {at.place} names something twice; name each once")
        return found

    return read


def _officer(value: Any, at: At, wants: str) -> str:
    text = "" if isinstance(value, dict | list) else str(value).strip()
    # not repeated in the error: it may be somebody's
    if PERSONAL.search(text) or not OFFICER.fullmatch(text):
        raise at.error(
            f"'{at.key}' {at.place} holds what looks like a name, telephone or identity number; "
            f"persons are not kept: give {wants} or A-07, or leave it out"
        )
    return text


def _minute(value: Any) -> float | None:
    """Minute of the day, up to 24:00; None for anything else."""
    if isinstance(value, dt.time):
        value = value.isoformat("minutes") if not value.second else ""
    if value == "1 day, 0:00:00":  # what a cell with 24:00 holds
        return DAY
    match = CLOCK.fullmatch(plain(value)) if isinstance(value, str) else None
    if not match:
        return None
    hours, minutes = int(match[1]), int(match[2])
    total = hours * 60.0 + minutes
    return total if minutes < 60 and total <= DAY else None  # noqa: PLR2004  # of an hour


def _time(value: Any, at: At, wants: str) -> float:
    found = _minute(value)
    if found is None:
        raise at.unfit(value, f"give {wants}; what ends the next morning is written '06:00'")
    return found


def _window(value: Any, at: At, wants: str) -> Window:
    parts = _DASH.split(plain(value)) if isinstance(value, str) else []
    ends = [_minute(part) for part in parts]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:  # noqa: PLR2004  # from, to
        raise at.unfit(value, f"give {wants}")
    return over_midnight(ends[0], ends[1], at)


def over_midnight(first: float, last: float, at: At) -> Window:
    """
    Make a window of two times of the clock; one that ends before it begins ends the next day.

    Raises
    ------
    RiskmapError
        Times that leave no length.
    """
    if first in {last, DAY}:
        raise at.error(
            f"{at.table} is {written((first, last))} and has no length; mend its times: a whole "
            "day is 00:00 to 24:00, or two shifts"
        )
    return first, last if last > first else last + DAY


def _windows(value: Any, at: At, wants: str) -> tuple[Window, ...]:
    values = value if isinstance(value, list) else [value]
    found = sorted(_window(item, at, wants) for item in values)
    for (_, last), (first, _) in pairwise(found):
        if first < last:
            raise at.unfit(value, "these hours overlap: join them")
    if found and found[-1][1] - DAY > found[0][0]:
        raise at.unfit(value, "the last hours run into the first: join them")
    return tuple(found)


def _peaks(value: Any, at: At, wants: str) -> tuple[str, ...]:
    return tuple(written(window) for window in _windows(value, at, wants))


def _days(value: Any, at: At, wants: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    of = {word: days for days, words in DAY_WORDS.items() for word in words if days != (EVE,)}
    named: set[str] = set()
    for item in values:
        word = plain(item).lower() if isinstance(item, str) else ""
        if word not in of:
            raise at.unfit(item, meant(word, list(of)) if word else f"give {wants}")
        named |= set(of[word])
    if not named:
        raise at.unfit(value, f"give {wants}, or leave it out")
    return tuple(day for day in DAYS if day in named)


def _system(value: Any, at: At, _wants: str) -> str:
    found = system_named(value) if isinstance(value, str) else None
    if found not in SYSTEMS:
        raise at.unfit(value, meant(str(value), SYSTEMS))
    return str(found)


def _one_of(words: Mapping[str, tuple[str, ...]]) -> Kind:
    of = {word: name for name, known in words.items() for word in (name, *known)}

    def read(value: Any, at: At, wants: str) -> str:
        word = plain(value).lower() if isinstance(value, str) else ""
        if word not in of:
            raise at.unfit(value, meant(word, list(of)) if word else f"give {wants}")
        return of[word]

    return Kind("one of " + ", ".join(words), read)


def _whole(least: int) -> Kind:
    def read(value: Any, at: At, wants: str) -> int:
        number = NUMBER.read(value, at, wants)
        if not number.is_integer() or number < least:
            raise at.unfit(value, f"give {wants}")
        return int(number)

    return Kind(f"a whole number, {least} or more", read)


def _degrees(most: int) -> Kind:
    def read(value: Any, at: At, wants: str) -> float:
        number = NUMBER.read(value, at, wants)
        if abs(number) > most:
            raise at.unfit(value, f"give {wants}; are lon and lat exchanged?")
        return number

    return Kind(f"degrees from −{most} to {most}", read)


def _share(value: Any, at: At, wants: str) -> float:
    number = SHARE.read(value, at, wants)
    if not number:
        raise at.unfit(value, f"give {wants}")
    return number


ID = Kind(f"a short text of at most {LONGEST} characters, without , ; or 、", _id)
IDS = Kind("a list of ids", _listed(_id))
OFFICERS = Kind("a list of officers' numbers such as 101", _listed(_officer))
TIME = Kind("a time of the clock from '00:00' to '24:00'", _time)
WINDOWS = Kind("a list such as ['07:10-08:10']; over midnight '22:00-02:00'", _windows)
PEAKS = Kind(WINDOWS.wants, _peaks)
DAYS_KIND = Kind("a list of " + ", ".join(("all", *DAYS)), _days)
SYSTEM = Kind("one of " + ", ".join(SYSTEMS), _system)
COUNT = _whole(1)
PART = Kind("a share above 0, 1 at most", _share)
VEHICLE = _one_of({
    "car": ("汽车", "警车", "轿车", "巡逻车"), "motorcycle": ("摩托车", "摩托", "motorbike"),
})  # fmt: skip
WHERE = _one_of({"station": ("驻地", "中队", "回驻地"), "spot": ("就地", "岗位", "原地", "现场")})
EVERY_DAY = tuple(DAYS)

_NAMES = {
    "zh": Key(TEXT, "text", ("中文名", "名称", "zh"), "name in Chinese"),
    "en": Key(TEXT, "text", ("英文名", "en"), "name in English"),
}
_POINT = {
    "lon": Key(_degrees(180), "number", ("经度", "lon"), "longitude"),
    "lat": Key(_degrees(90), "number", ("纬度", "lat"), "latitude"),
    "crs": Key(SYSTEM, "text", ("坐标系", "crs"), "system of lon and lat"),
}
_NODE = {"node": Key(COUNT, "number", ("节点", "OSM节点", "node"), "id of an OSM node of a road")}
_SPOT = {
    **_POINT,
    **_NODE,
    "segment_id": Key(TEXT, "text", ("路段", "路段编号", "segment_id"), "id of a segment"),
}
_OWN = Key(ID, "text", ("编号", "id"), "its id", needed=True)


def _of(means: str, *, needed: bool = False) -> Key:
    return Key(ID, "text", ("中队", "中队编号", "squadron"), means, needed=needed, default="")


def _dated(means: str) -> Key:
    return Key(DAYS_KIND, "texts", ("日期类型", "days"), means, default=EVERY_DAY)


TABLES: Mapping[str, Table] = {
    "squadron": Table(("中队", "squadron", "squadrons"), {
        "id": _OWN, **_NAMES, **_POINT, **_NODE,
        "officers": Key(COUNT, "number", ("警力", "人数", "officers"), "how many officers",
                        needed=True),
        "officer_ids": Key(OFFICERS, "texts", ("警力编号", "officer_ids"),
                           "their own numbers, no names", default=()),
        "area": Key(TEXT, "text", ("辖区文件", "area"), "file of its area", default=""),
    }),
    "place": Table(("辖区地点", "place", "places"), {
        "squadron": _of("squadron that it belongs to", needed=True),
        "name": Key(ID, "text", ("地名", "name"), "what it is called", needed=True),
        **_POINT,
    }),
    "vehicle": Table(("车辆", "vehicle", "vehicles"), {
        "id": _OWN,
        "kind": Key(VEHICLE, "text", ("类型", "kind"), "car or motorcycle", needed=True),
        "squadron": _of("squadron that has it", needed=True),
        "officers": Key(COUNT, "number", ("随车人数", "officers"), "officers aboard"),
        "patrols": Key(FLAG, "flag", ("巡逻", "是否巡逻", "patrols"),
                       "whether it patrols, or brings its officers to a post", default=True),
    }),
    "shift": Table(("班次", "shift", "shifts"), {
        "name": Key(ID, "text", ("班次", "名称", "name"), "what it is called", needed=True),
        "from": Key(TIME, "text", ("开始", "from"), "when it begins", needed=True),
        "to": Key(TIME, "text", ("结束", "to"), "when it ends", needed=True),
    }),
    "rota": Table(("排班", "rota", "rotas"), {
        "shift": Key(ID, "text", ("班次", "shift"), "which shift", needed=True),
        "squadron": _of("whose officers", needed=True),
        "days": _dated("kinds of day on which the shift begins"),
        "officers": Key(COUNT, "number", ("警力", "人数", "officers"), "how many officers"),
        "officer_ids": Key(OFFICERS, "texts", ("警力编号", "officer_ids"), "which officers",
                           default=()),
        "vehicles": Key(IDS, "texts", ("车辆", "vehicles"), "which vehicles"),
    }),
    "break": Table(("休息", "break", "breaks"), {
        "minutes": Key(POSITIVE, "number", ("分钟", "minutes"), "how long", needed=True),
        "from": Key(TIME, "text", ("最早", "from"), "begins no earlier", needed=True),
        "to": Key(TIME, "text", ("最迟", "to"), "ends no later", needed=True),
        "where": Key(WHERE, "text", ("地点", "where"), "at the station or on the spot",
                     default="spot"),
        "at_once": Key(COUNT, "number", ("同时最多", "at_once"), "units that have it at a time"),
        "shifts": Key(IDS, "texts", ("班次", "shifts"), "shifts that have it", default=()),
    }),
    "post": Table(("必设岗位", "post", "posts"), {
        "id": _OWN, **_NAMES, **_SPOT,
        "hours": Key(WINDOWS, "texts", ("时段", "hours"), "when", default=()),
        "days": _dated("kinds of day on which its hours begin"),
        "officers": Key(COUNT, "number", ("警力", "人数", "officers"), "how many officers"),
        "school": Key(FLAG, "flag", ("护学岗", "school"), "whether it guards a school",
                      default=False),
        "squadron": _of("whose officers"),
        "shifts": Key(IDS, "texts", ("班次", "shifts"), "shifts that staff it", default=()),
        "locked": Key(FLAG, "flag", ("不可移动", "locked"), "whether no plan moves it",
                      default=False),
    }),
    "forbidden": Table(("禁设地点", "forbidden"), {
        "id": _OWN, **_NAMES, **_SPOT,
        "radius_m": Key(NOT_NEGATIVE, "number", ("半径", "半径米", "radius_m"),
                        "no post within so many metres", default=0.0),
    }),
    "limits": Table(("规则", "limits"), {
        "officers_post": Key(COUNT, "number", ("每岗最少人数",), "least officers of a post"),
        "officers_car": Key(COUNT, "number", ("每车最少人数",), "least officers of a car"),
        "officers_motorcycle": Key(COUNT, "number", ("摩托车最少人数",),
                                   "least officers of a motorcycle"),
        "least_stop_min": Key(POSITIVE, "number", ("停车最短分钟",), "least stop of a patrol"),
        "longest_stop_min": Key(POSITIVE, "number", ("停车最长分钟",), "longest stop of a patrol"),
        "seen_min": Key(POSITIVE, "number", ("巡回间隔分钟",), "a patrol is back within"),
        "key_share": Key(PART, "number", ("重点路段比例",), "share of road length that is key"),
        "key_reach_m": Key(POSITIVE, "number", ("重点路段岗距米",), "how near a post must be"),
        "every_min": Key(POSITIVE, "number", ("重点路段间隔分钟",), "or how often a patrol"),
        "peaks": Key(PEAKS, "texts", ("高峰时段",), "peak windows"),
        "station_m": Key(POSITIVE, "number", ("驻地离路最远米",), "how near a road a station lies"),
        "post_m": Key(POSITIVE, "number", ("岗位离路最远米",), "how near a road a post lies"),
    }),
}  # fmt: skip
"""Every table of the file; `limits` has one row, and in XLSX one row per key."""
CRS = Key(SYSTEM, "text", ("坐标系", "crs"), "system of all lon and lat", default=None)
"""The one key at the top; in XLSX it stands among the limits."""
NOTES = ("说明", "备注", "notes", "note", "readme")
"""Sheets, headings and columns that are for people."""
