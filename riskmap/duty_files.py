"""Files of logged duty → who was where, from when to when; an account of every row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import duty_times
from riskmap.area import Area
from riskmap.cells import numbers, plain
from riskmap.duty_log import TABLE, DutyLog, times
from riskmap.errors import RiskmapError
from riskmap.offmap import Roads, on_the_map
from riskmap.places import (
    COLUMNS,
    CRS_WORDS,
    PLACE_WORDS,
    Account,
    beside,
    in_crs,
    middles,
    note_rows,
    placed,
    recognised,
)
from riskmap.record_persons import without_persons
from riskmap.sheets import Sheet, Words, read_sheets
from riskmap.snapping import snap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Times = NDArray[np.datetime64]

WORDS: Words = {
    **PLACE_WORDS,
    **CRS_WORDS,
    "unit": ("单元", "警组", "巡组", "车组", "呼号", "unit", "call_sign", "team"),
    "who": ("警号", "姓名", "民警", "民警姓名", "车牌", "车牌号", "号牌号码", "设备号", "设备编号",
            "终端号", "officer", "officer_id", "badge", "plate", "device", "device_id", "imei"),
    "squadron": ("中队", "所属中队", "大队", "单位", "所属单位", "部门", "squadron", "department"),
    "officers": ("人数", "警力", "警力数", "民警数", "officers"),
    "kind": ("勤务", "勤务类型", "勤务方式", "kind", "duty", "does"),
    "date": ("日期", "勤务日期", "班次日期", "date", "day"),
    "start": ("开始", "开始时间", "起始时间", "上岗时间", "到岗时间", "到达时间", "起", "start",
              "start_time", "from"),
    "end": ("结束", "结束时间", "终止时间", "离岗时间", "下岗时间", "离开时间", "止", "end",
            "end_time", "to"),
    "time": ("时间", "定位时间", "gps时间", "上报时间", "打卡时间", "time", "timestamp", "datetime",
             "gps_time"),
}  # fmt: skip
"""Columns of a log → headings that name them. `who` tells units apart and is never kept."""
RESTING = (
    "休息", "备勤", "待命", "驻地待命", "驻地", "break", "rest", "station", "at the station",
)  # fmt: skip
"""Kinds of duty that are not on the road."""
LAYER = "duty"
"""What the report calls these rows."""
MOST_OFFICERS = 1000
SHOWN = 40
_TIMELIKE = re.compile(r"[\d\s:./+\-TZ年月日号时点分秒半上中下晚午]*")
"""What a cell of times may hold; anything else is not repeated, for nobody knows whom it names."""


def read_duty(
    paths: Sequence[Path], area: Area, *, system: str | None = None, day: dt.date | None = None
) -> DutyLog:
    """
    Read duty that was logged: times and places, with Chinese or English headings.

    Each row is a stay with its `start` and `end`, or a position at a `time`. A position holds until
    the next of its unit; where that is more than `[duty] stamp_min` away, for as long as positions
    of that unit usually do. What names a person or a vehicle tells units apart and is not kept.

    Parameters
    ----------
    paths
        Files as `sheets.read_sheets` reads them. A unit may go on from one to the next.
    area
        Its roads and its clocks; `[duty]`, `[points]` and `[crashes]` of its parameters.
    system
        Coordinate system where a file does not state its own; None takes WGS 84 and says so.
    day
        Date of times that are a clock alone, where a file has no column for it.

    Raises
    ------
    RiskmapError
        A file that cannot be read at all, without times, or with positions of nobody. A row that
        cannot be used is no error: the report tells.
    """
    option = None if system is None else recognised(system, "crs")
    roads = Roads(area.segments)
    lists = [_List(sheet, area, day) for sheet in read_sheets(paths, WORDS, PLACE_WORDS)]
    for one in lists:
        one.locate(roads, option)
    both = _Joined(lists)
    both.held(area.parameters["duty"]["stamp_min"])
    both.once()
    report = pd.concat([one.report() for one in lists], ignore_index=True)
    table = both.table[both.alive][list(TABLE)].reset_index(drop=True)
    return DutyLog(table, report[list(COLUMNS)])


class _List:
    """One file as it is read: `table` has a row for each of the sheet."""

    def __init__(self, sheet: Sheet, area: Area, day: dt.date | None) -> None:
        has = set(sheet.cells)
        self.stays = {"start", "end"} <= has
        if not self.stays and "time" not in has:
            raise RiskmapError(
                f"{sheet.path}: does not say from when to when; add columns start and end "
                "(开始时间, 结束时间), or the time of each position (定位时间)"
            )
        if not self.stays and not {"unit", "who"} & has:
            raise RiskmapError(
                f"{sheet.path}: does not say whose positions these are; add a column unit (呼号)"
            )
        self.sheet, self.area, self.account = sheet, area, Account(sheet)
        size = len(sheet.rows)
        self.lon, self.lat = np.full(size, np.nan), np.full(size, np.nan)
        key, unit = self._units()
        start, end = self._stays(day) if self.stays else self._positions(day)
        kind = np.array([plain(cell).lower() for cell in sheet.column("kind")], dtype=object)
        self.table = pd.DataFrame({
            "key": key, "unit": unit, "officers": self._officers(),
            "squadron": without_persons([cell[:SHOWN] for cell in sheet.column("squadron")])[0],
            "start": start, "end": end, "segment": np.full(size, -1),
            "state": np.where(np.isin(kind, RESTING), "rest", "off"), "stays": self.stays,
            # what has no place on earth was duty all the same
            "timed": self.account.alive.copy(),
        })  # fmt: skip

    def locate(self, roads: Roads, option: str | None) -> None:
        """Find the road of every row that is not resting; tell of those that have none."""
        account, area = self.account, self.area
        rests = (self.table["state"] == "rest").to_numpy()
        account.say(rests, "", "import.duty.rest")
        rows = np.flatnonzero(account.alive & ~rests)
        if not len(rows):
            return
        part = Account(self.sheet.only(rows.tolist()))
        place = placed(part.sheet, part, stated=beside(self.sheet.path), option=option)
        metric = in_crs(place.shapes, area.segments.crs)
        on_the_map(part, place, metric, roads, area.parameters["points"])
        lon, lat = middles(place.shapes)
        here = np.flatnonzero(part.alive)
        points = pd.DataFrame({"lon": lon[here], "lat": lat[here], "road": "", "road_class": ""})
        rule = {**area.parameters["crashes"], "snap_m": area.parameters["duty"]["snap_m"]}
        seen = snap(points, area.network, {"crashes": rule})
        segment, metres = np.full(len(rows), -1), np.full(len(rows), np.nan)
        segment[here], metres[here] = seen["segment"], seen["distance_m"]
        far = f"> {rule['far_m']:.0f}"
        told = [f"{metre:.0f}" if np.isfinite(metre) else far for metre in metres]
        part.say(segment < 0, "off", "import.crash.off", metres=told)
        account.adopt(part, rows)
        self.lon[rows], self.lat[rows] = lon, lat
        self.table["segment"] = pd.Series(segment, index=rows).reindex(
            self.table.index, fill_value=-1
        )
        self.table.loc[self.table["segment"] >= 0, "state"] = "road"

    def report(self) -> pd.DataFrame:
        """What became of every row."""
        rows = self.account.table(LAYER, self.table["unit"].tolist(), self.lon, self.lat)
        notes = note_rows(self.sheet.path.name, LAYER, self.account.notes)
        return pd.concat([notes, rows], ignore_index=True)

    def _units(self) -> tuple[Texts, Texts]:
        """What tells units apart, and what they may be called: "" where that names a person."""
        unit, who = (
            np.array([plain(cell) for cell in self.sheet.column(name)], dtype=object)
            for name in ("unit", "who")
        )
        clean, personal = without_persons(unit.tolist())
        self.account.say(personal, "", "import.crash.personal")
        if personal.any():
            self.account.note("import.note.personal", count=int(personal.sum()))
        nobody = (unit == "") & (who == "")
        key = unit + "\0" + who
        if self.stays:
            rows = [f"{self.sheet.path}\0{row}" for row in self.sheet.rows]
            key[nobody] = np.array(rows, dtype=object)[nobody]
        else:
            self.account.say(nobody, "dropped", "import.duty.nobody")
        return key, np.where(personal, "", clean)

    def _officers(self) -> Floats:
        cells = [plain(cell).removesuffix("人").rstrip() for cell in self.sheet.column("officers")]
        found = numbers(cells)
        good = (found > 0) & (found <= MOST_OFFICERS) & (found % 1 == 0)
        wrong = np.array([bool(cell) for cell in cells], dtype=bool) & ~good
        self.account.say(wrong, "", "import.duty.not_officers")
        if "officers" not in self.sheet.cells:
            self.account.note("import.duty.one_officer")
        return np.where(good, np.nan_to_num(found), 1.0)

    def _read(self, name: str) -> tuple[Times, Floats]:
        return duty_times.times(self.sheet.column(name), self.area.model.almanac)

    def _when(self, name: str, days: Times) -> tuple[Times, Floats]:
        """Date and minute of each cell of a column; a row without either is dropped."""
        cells = self.sheet.column(name)
        own, minute = self._read(name)
        shown = [cell[:SHOWN] if _TIMELIKE.fullmatch(cell) else "…" for cell in cells]
        empty = np.array([not plain(cell) for cell in cells], dtype=bool)
        self.account.say(empty, "dropped", "import.duty.no_time")
        self.account.say(np.isnan(minute), "dropped", "import.duty.not_time", value=shown)
        days = np.where(np.isnat(own), days, own)
        self.account.say(np.isnat(days), "dropped", "import.duty.no_date", value=shown)
        return days, minute

    def _days(self, day: dt.date | None) -> Times:
        stated = self._read("date")[0]
        return np.where(np.isnat(stated), np.array(day, dtype="datetime64[D]"), stated)

    def _stays(self, day: dt.date | None) -> tuple[Times, Times]:
        days, minute = self._when("start", self._days(day))
        start = times(days, minute)
        # a clock alone at the end is of the day on which the stay begins, or of the night after
        bare = np.isnat(self._read("end")[0])
        end = times(*self._when("end", days))
        end[bare & (end <= start)] += np.timedelta64(1, "D")
        self.account.say(end <= start, "dropped", "import.duty.backwards")
        longest = self.area.parameters["duty"]["longest_h"]
        long = end - start > np.timedelta64(round(longest * 60), "m")
        self.account.say(long, "dropped", "import.duty.long", hours=f"{longest:.0f}")
        return start, end

    def _positions(self, day: dt.date | None) -> tuple[Times, Times]:
        start = times(*self._when("time", self._days(day)))
        return start, start.copy()


class _Joined:
    """The rows of several files that can be used, by unit and time."""

    def __init__(self, lists: Sequence[_List]) -> None:
        self.lists = lists
        parts = []
        for number, one in enumerate(lists):
            timed = one.table["timed"].to_numpy(bool)
            parts.append(one.table.assign(list=number, row=np.arange(len(timed)))[timed])
        table = pd.concat(parts, ignore_index=True)
        names = _names(pd.concat([one.table for one in lists])[["key", "unit"]])
        for one in lists:
            one.table["unit"] = names.reindex(one.table["key"]).to_numpy()
        table["unit"] = names.reindex(table["key"]).to_numpy()
        self.table = table.sort_values(["key", "start"], kind="stable").reset_index(drop=True)
        self.alive = np.ones(len(table), dtype=bool)

    def say(self, which: Bools, outcome: str, key: str) -> None:
        """Say something of some rows, in the account of their file."""
        for number, one in enumerate(self.lists):
            mine = np.zeros(len(one.table), dtype=bool)
            mine[self.table.loc[which & (self.table["list"] == number).to_numpy(), "row"]] = True
            one.account.say(mine, outcome, key)

    def held(self, stamp_min: float) -> None:
        """Let positions hold until the next."""
        own = ~self.table["stays"].to_numpy(bool)
        part = self.table[own]
        start = pd.Series(part["start"].to_numpy("datetime64[s]").astype(np.int64))
        key = part["key"].to_numpy()
        step = (start.groupby(key).shift(-1) - start) / 60.0
        usual = step[step > 0].groupby(key[(step > 0).to_numpy()]).median()
        hold = np.minimum(usual.reindex(key).fillna(stamp_min).to_numpy(), stamp_min)
        known = (step <= stamp_min).to_numpy()
        minute = np.where(known, step, hold)
        seconds = np.round(minute * 60.0).astype("timedelta64[s]")
        self.table.loc[own, "end"] = part["start"].to_numpy("datetime64[s]") + seconds
        same = np.zeros(len(self.table), dtype=bool)
        same[own] = (step == 0).to_numpy()
        self.say(same, "dropped", "import.duty.same_time")
        self.alive &= ~same
        self._tell_holes((step > stamp_min).to_numpy(), part["list"].to_numpy(), stamp_min)

    def _tell_holes(self, hole: Bools, number: Ints, stamp_min: float) -> None:
        for one, count in enumerate(np.bincount(number[hole], minlength=len(self.lists))):
            if count:
                account = self.lists[one].account
                account.note("import.duty.holes", count=int(count), minutes=f"{stamp_min:.0f}")

    def once(self) -> None:
        """Count the time that two rows of a unit share for the earlier one alone."""
        table = self.table[self.alive]
        start, end = (table[name].to_numpy("datetime64[s]").astype(np.int64)
                      for name in ("start", "end"))  # fmt: skip
        key = table["key"].to_numpy()
        until = pd.Series(end).groupby(key).cummax().groupby(key).shift(1, fill_value=0).to_numpy()
        begin = np.maximum(start, until)
        cut, inside = np.zeros((2, len(self.table)), dtype=bool)
        cut[self.alive], inside[self.alive] = begin > start, begin >= end
        self.say(inside, "dropped", "import.duty.inside")
        self.say(cut & ~inside, "", "import.duty.overlap")
        self.table.loc[self.alive, "start"] = begin.astype("datetime64[s]")
        self.alive &= ~inside


def _names(units: pd.DataFrame) -> pd.Series:
    """
    What each key is called.

    Two of the same name, and those that must not be named, are numbered.
    """
    own = units.drop_duplicates("key").set_index("key")["unit"]
    turn = own.groupby(own).cumcount() + 1
    many = own.groupby(own).transform("size") > 1
    return own.where(~(many | (own == "")), own + "#" + turn.astype(str))
