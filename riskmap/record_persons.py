"""What is personal in the cells of crash records: it never leaves the reader."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.cells import plain
from riskmap.coords import system_named

Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

NUMBERS = ("lon", "lat", "coordinates", "year", "month", "killed", "serious", "minor", "injured")
"""Columns of numbers and coordinates."""
_CITY = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NAMING = (
    r"(?<!\d)\d{17}[\dXx](?!\d)",  # identity number
    r"(?<!\d)\d{6}[-\s](?:19|20)\d{6}[-\s]\d{3}[\dXx](?!\d)",  # the same, parted
    r"(?<!\d)\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)",  # an old one
    r"(?<!\d)(?:(?:\+|00)?86[-\s]?)?1[3-9]\d[-\s._]?\d{4}[-\s._]?\d{4}(?!\d)",  # mobile
    r"(?<!\d)\(?0\d{2,3}\)?[-\s]?\d{3,4}[-\s]?\d{4}(?!\d)",  # telephone with its area
    (rf"[{_CITY}使领学警港澳]\s?[A-Za-z][·•\s.-]{{0,2}}(?=[A-Za-z]*\d)"
     r"(?:[A-Za-z0-9]{5,6}|[A-Za-z0-9]{4}[挂学警港澳领使])"),  # number plate
    rf"[使领]\d{{6}}|WJ\s?[{_CITY}]?[·•\s-]?\d{{4}}[A-Za-z0-9]",  # of an embassy, of the police
    r"[\w.+-]+@[\w-]+\.\w+",  # mail
)
PERSONAL = re.compile("|".join(_NAMING))
"""What names a person or a vehicle: such text is never kept."""
_NOT_DECIMALS = re.compile(rf"(?<!\d\.)(?:{PERSONAL.pattern})")
"""The same in a cell of numbers, where eleven decimals are no telephone."""
KINDS = re.compile(
    r"行人|步行|电动自行车|电动车|电动|自行车|单车|摩托车?|三轮车?|非机动车|机动车|小客车|大客车|中客车"
    r"|客车|轿车|货车|卡车|公交车?|校车|面包车|拖拉机|农用车|出租车|工程车|火车|汽车"
    r"|pedestrian|e-?bike|bicycle|cyclist|motor-?cycl(?:e|ist)|moped|scooter|tractor|taxi|minibus"
    r"|school bus|bus|coach|car|van|truck|lorry|hgv|goods vehicle|tram|train|animal|vehicle",
    re.IGNORECASE,
)
"""Kinds of party: of what a cell says about parties, nothing else is kept."""
TYPES = re.compile(
    r"追尾|对撞|正面|迎面|侧面|直角|尾随|同向|对向|刮擦|刮蹭|剐蹭|碾压|翻车|侧翻|翻滚|坠车|坠落|失火|起火|落水"
    r"|撞固定物|固定物|护栏|路树|电杆|静止|停放|单车|双车|多车|碰撞|撞击|相撞|撞|驶出|冲出|逃逸|其他"
    r"|rear[- ]end|head[- ]?on|side[- ]?swipe|side|angle|turning|overturn(?:ed)?|roll[- ]?over"
    r"|run[- ]off|off[- ]road|fixed object|parked|single|multiple|collision|skid|fall|fire"
    r"|u-turn|crossing|hit|other",
    re.IGNORECASE,
)
"""Words of how a crash happened: of what a cell says about it, nothing else is kept."""
_NUMERIC = re.compile(r"[\d\s.,;、()\[\]+:/°'\"\u2032\u2033度分秒东西南北经纬NSEWnsew人年月-]*")
"""What a cell of numbers or coordinates may hold; anything else is not repeated."""
_DECIMAL = re.compile(r"-?\d{1,4}(?:\.\d*)?", re.ASCII)
"""A cell of one number that can name nobody."""
_EITHER = re.compile(f"{TYPES.pattern}|{KINDS.pattern}", re.IGNORECASE)
_TIMED = re.compile(
    r"(?:[\d\s.,;:/()+~\u2013\u2014-]|[年月日号时点分秒许整半至到约周一二三四五六天礼拜星期左右]"
    r"|凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜间|白天|深夜|晚"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}"
    r"|[ap]\.?m\.?|t|z|h|to|hours?|noon|midnight|day|night|morning|afternoon|evening|unknown)*",
    re.IGNORECASE,
)
"""What a cell of a date, an hour or a weekday may hold."""


def decent(word: str, cells: Sequence[str]) -> tuple[Texts, Bools]:
    """
    Cells of a column in which nothing names a person, as far as can be told, and which of them did.

    Where a number, a place or a time should stand nothing else is repeated; of the parties only
    their kinds are kept, and of the type the words for one. What a severity is called, and a road,
    is repeated but for what looks like a number, a telephone, a plate or an address for mail.
    """
    if word in NUMBERS:
        return _decent_numbers(cells)
    clean, held = without_persons(cells)
    if word in {"date", "hour", "weekday"}:
        clean = np.array([_only(_TIMED, cell) for cell in clean], dtype=object)
    elif word == "crs":
        known = [cell if not cell or system_named(cell) else "…" for cell in clean]
        clean = np.array(known, dtype=object)
    elif word in {"parties", "type"}:
        clean = kinds(list(clean), KINDS if word == "parties" else _EITHER)
    return clean, held


def _decent_numbers(cells: Sequence[str]) -> tuple[Texts, Bools]:
    odd = [cell for cell in dict.fromkeys(cells) if not _DECIMAL.fullmatch(cell)]
    clean, held = without_persons(odd, decimals=True)
    known = dict(zip(odd, zip(numeric(clean), held.tolist(), strict=True), strict=True))
    both = [known.get(cell, (cell, False)) for cell in cells]
    return (
        np.array([cell for cell, _ in both], dtype=object),
        np.array([named for _, named in both], dtype=bool),
    )


def kinds(cells: Sequence[str], words: re.Pattern[str] = KINDS) -> Texts:
    """Kinds of party, or other words, that each cell names, parted by semicolons, and no more."""
    known = {
        cell: ";".join(dict.fromkeys(kind.lower() for kind in words.findall(plain(cell))))
        for cell in set(cells)
    }
    return np.array([known[cell] for cell in cells], dtype=object)


def numeric(cells: Sequence[str] | Texts) -> list[str]:
    """Cells of numbers as they are; what is none is not shown, for nobody knows what it names."""
    known = {cell: _only(_NUMERIC, cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _only(form: re.Pattern[str], cell: str) -> str:
    return cell if form.fullmatch(plain(cell)) else "…"


def numbered(cells: Sequence[str]) -> Texts:
    """Numbers of cases counted anew, from 1, "" where there is none: they may say who was in it."""
    texts = np.array([plain(cell) for cell in cells], dtype=object)
    number = pd.factorize(texts)[0] + 1
    return np.where(texts == "", "", number.astype(str)).astype(object)


def without_persons(cells: Sequence[str], *, decimals: bool = False) -> tuple[Texts, Bools]:
    """Cells in which nothing names a person, and which of them did; `decimals`: of numbers."""
    naming = _NOT_DECIMALS if decimals else PERSONAL
    found = {cell: naming.subn("…", plain(cell)) for cell in set(cells)}
    clean = np.array([found[cell][0] for cell in cells], dtype=object)
    return clean, np.array([found[cell][1] > 0 for cell in cells], dtype=bool)


