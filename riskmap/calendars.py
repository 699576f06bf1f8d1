"""STUB until the helper's version is merged."""
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
from riskmap import holidays
from riskmap.errors import RiskmapError
PHASES = ("", "eve", "first", "middle", "last")
FARM = ("planting", "harvest")

@dataclass(frozen=True)
class Calendar:
    public_holidays: bool = True
    def check(self, years):
        for y in years:
            if self.public_holidays: holidays._check(int(y))
    def is_known(self, year): return not self.public_holidays or holidays.is_known(year)
    def kinds(self, dates):
        md = [str(d)[5:] for d in dates]
        term = np.array(["09-01" <= m or m <= "01-20" or "02-20" <= m <= "07-05" for m in md], dtype=bool)
        off = np.array([holidays.is_off(d) if self.public_holidays else holidays.is_weekend(d) for d in dates.tolist()], dtype=bool)
        hol = np.zeros(len(dates), bool)
        if self.public_holidays:
            for n in holidays.NAMES: hol |= holidays.offsets(dates, n) == 0
        return np.select([hol, off, term], [3, 2, 0], 1)
    def offsets(self, dates, name):
        return holidays.offsets(dates, name) if self.public_holidays else np.full(len(dates), 9999)
    def phases(self, dates):
        r = np.zeros(len(dates), np.int64)
        if not self.public_holidays: return r
        for b in holidays._breaks():
            f, l = np.datetime64(b.first), np.datetime64(b.last)
            r[dates == f - 1] = 1; r[(dates > f) & (dates < l)] = 3; r[dates == l] = 4; r[dates == f] = 2
        return r
    def holiday_at(self, day): return holidays.holiday_at(day) if self.public_holidays else None
    def breaks(self, first, last): return tuple(b for b in holidays._breaks() if b.last >= first and b.first <= last)
    def farm(self, dates):
        md = np.array([str(d)[5:] for d in dates])
        return {"planting": (md >= "03-15") & (md <= "05-15"), "harvest": (md >= "09-15") & (md <= "11-10")}

def read(path=None, *, public_holidays=True): return Calendar(public_holidays)
