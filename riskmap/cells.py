"""Cells of a list → numbers, degrees, dates, yes or no: as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.sheets import NO_VALUE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Cells = NDArray[np.object_]

LONGEST = 80
"""A longer cell is no number, pair or date."""
_DEGREE = str.maketrans(dict.fromkeys("º˚", "°"))
_NUMBER = r"(\d+(?:\.\d+)?)"
_MINUTE, _SECOND = r"['\u2019\u2032分]", r"(?:\"|''|\u2032\u2032|\u201d|秒)"
_DMS = re.compile(
    rf"(?:([东西南北])[经纬]|经度|纬度|([EWNS]))?\s*:?\s*([+-]?){_NUMBER}\s*(?:°|度|$)\s*"
    rf"(?:{_NUMBER}\s*(?:{_MINUTE}\s*(?:{_NUMBER}\s*{_SECOND}?)?)?)?\s*([EWNS])?",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT].*)?")
_DAY_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_OPEN = frozenset({"", "-", "/", "长期", "至今", "无", "永久", "always", "open"})
_YES = frozenset({"yes", "y", "true", "1", "有", "是", "√"})
_NO = frozenset({"no", "n", "false", "0", "无", "没有", "否", "×", "x"})


def plain(cell: str) -> str:
    """Text of a cell as it is compared: full-width as half, without spaces at its ends."""
    if cell.isascii():  # most are, and nothing in ASCII has another form
        return cell.strip()
    return unicodedata.normalize("NFKC", cell.translate(_DEGREE)).strip()


def numbers(cells: Sequence[str] | Cells) -> Floats:
    """Numbers of plain cells, NaN for anything else."""
    found = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def degrees(cells: Cells) -> Floats:
    """Degrees of plain cells: 115.93, 115.93°, 115°55'48"E, 东经115度55分48秒; else NaN."""
    found = numbers(cells)
    for row in np.flatnonzero(np.isnan(found) & (cells != "")):
        if match := _DMS.fullmatch(cells[row][:LONGEST]):
            word, before, sign, whole, minutes, seconds, after = match.groups()
            minute, second = float(minutes or 0), float(seconds or 0)
            if minute < 60 and second < 60:  # noqa: PLR2004  # of an hour and a minute
                side = (word or before or after or "E").upper()
                value = float(whole) + minute / 60 + second / 3600
                found[row] = -value if sign == "-" or side in "西南WS" else value
    return found


def halves(cell: str) -> tuple[str, str] | None:
    """Longitude and latitude of one cell; "" for both if it is blank."""
    bare = plain(cell).strip("()[]")
    if bare in {"", NO_VALUE}:
        return bare, bare
    parts = [half.strip() for half in re.split("[,;、]", bare) if half.strip()]
    if len(parts) == 1:
        parts = bare.split()
    if len(parts) != 2 or len(bare) > 2 * LONGEST:  # noqa: PLR2004  # a pair
        return None
    first, second = parts
    turned = re.search("[NSns纬]", first) or re.search("[EWew经]", second)
    return (second, first) if turned else (first, second)


def days(cells: Sequence[str]) -> tuple[Cells, Bools]:
    """Dates of cells, None where open or not understood, and which were not understood."""
    known: dict[str, tuple[date | None, bool]] = {}
    for cell in set(cells):
        bare = plain(cell)[:LONGEST]
        match = _DAY.fullmatch(bare) or _DAY_PLAIN.fullmatch(bare)
        try:
            day = date(*map(int, match.groups())) if match else None
            known[cell] = day, not match and bare.lower() not in _OPEN
        except ValueError:  # the 31st of June
            known[cell] = None, True
    found = np.full(len(cells), None, dtype=object)
    found[:] = [known[cell][0] for cell in cells]
    return found, np.array([known[cell][1] for cell in cells], dtype=bool)


def yes_or_no(cells: Cells) -> Cells:
    """True, False, or None for what is neither, of plain cells: yes, no, 有, 无, 1, 0."""
    lower = [cell.lower() for cell in cells]
    found = np.full(len(cells), None, dtype=object)
    found[[cell in _YES for cell in lower]] = True
    found[[cell in _NO for cell in lower]] = False
    return found
