"""When crashes happened: what tells a layer of some hours from the road that it lies on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.families import Family, moved
from riskmap.hours import Hours
from riskmap.schedule import Schedule, Timetable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = ("place", "month", "day", "hour", "hour_to")
"""Place, month (1–12), day of the week (0 Monday), first and end of the hours that a crash may have
happened in; month 0 and day −1 are any."""
DAYS, CLOCK = 7, 24
BINS = 2 * CLOCK
"""Hours of the clock on days with work, then without."""
HARMONICS = (24, 12)
"""Periods in hours of the waves that a rhythm is made of: records know bands of hours at best."""
WAVES = (
    *(f"{day} {wave} {hours} h" for day in ("work", "free") for hours in HARMONICS
      for wave in ("cos", "sin")), "free",
)  # fmt: skip
"""Names of what a rhythm is made of: waves on days with work and without, and how many there are on
the latter."""
PAIRS = 2**19
"""Crashes × hours that are worked on at a time."""


def told(place: Ints, crashes: pd.DataFrame) -> pd.DataFrame:
    """
    Collect the hours of crashes.

    Parameters
    ----------
    place
        Row of the place of each crash.
    crashes
        Columns of `records.Records.crashes`.

    Returns
    -------
    `COLUMNS` and `crashes`, how many of them; those whose hour is unknown say nothing.
    """
    table = pd.DataFrame({
        "place": place, "month": crashes["month"], "day": crashes["weekday"],
        "hour": crashes["hour"], "hour_to": crashes["hour_to"],
    })  # fmt: skip
    table = table[(table["hour"] >= 0).to_numpy()]
    return table.groupby(list(COLUMNS), as_index=False).size().rename(columns={"size": "crashes"})


@dataclass(frozen=True)
class Pairs:
    """
    Crashes of one kind of place beside the hours of the year in which they may have happened.

    `place` and `crashes` have a row for each row of `told` that has such an hour; `crash` and `row`
    are, ascending, a row of these and one of `Calendar.hours`.
    """

    place: Ints
    crashes: Floats
    crash: Ints
    row: Ints

    @classmethod
    def of(cls, table: pd.DataFrame, hours: Schedule) -> Pairs:
        """Look up the hours of crashes in a schedule that has a sum for each of `cells`."""
        at = hours.column // 2
        clock, day = at % CLOCK, at // CLOCK % DAYS
        month = at // (CLOCK * DAYS) + 1
        when = table[list(COLUMNS[1:])].to_numpy(np.int64)
        kinds, kind = np.unique(when, axis=0, return_inverse=True)
        rows = []
        for m, d, first, last in kinds:
            today = (day == d) | (d < 0)
            # of a band over midnight records name the day of its evening, or the date of each crash
            later = (clock < last - CLOCK) & (today | (day == (d + 1) % DAYS))
            hit = ((clock >= first) & (clock < last) & today) | later
            rows.append(np.flatnonzero(hit & ((month == m) | (m == 0))))
        length = np.array([len(own) for own in rows], dtype=np.int64)[kind]
        some = length > 0
        return cls(
            place=table["place"].to_numpy(np.int64)[some],
            crashes=table["crashes"].to_numpy(float)[some],
            crash=np.repeat(np.arange(some.sum()), length[some]),
            row=np.concatenate([np.empty(0, np.int64), *(rows[k] for k in kind)]),
        )

    def pieces(self) -> Iterator[tuple[slice, slice]]:
        """Crashes, and their pairs, as many as the memory of a small machine holds."""
        starts = np.searchsorted(self.crash, np.arange(len(self.place) + 1))
        first = 0
        while first < len(self.place):
            last = int(np.searchsorted(starts, starts[first] + PAIRS, "right")) - 1
            last = max(last, first + 1)
            yield slice(first, last), slice(int(starts[first]), int(starts[last]))
            first = last


@dataclass(frozen=True)
class Calendar:
    """
    The hours of the reference year, as crashes are laid beside them and summed up.

    `hours`: a sum for each of `cells`; `year`: one for each of the `BINS` hours of the clock on
    days with and without work; `bin_of` that of every row of `hours`.
    """

    hours: Schedule
    year: Schedule

    @classmethod
    def of(cls, time: Timetable) -> Calendar:
        """Look up the year of an area."""
        year = time.almanac.year
        return cls(
            time.schedule(year, cells(year)), time.schedule(year, year.free * CLOCK + year.clock)
        )

    @property
    def bin_of(self) -> Ints:
        """Hour of the clock, on a day with or without work, of every row of `hours`."""
        column = self.hours.column
        return column % 2 * CLOCK + column // 2 % CLOCK

    def paced(self, rhythm: Floats) -> Calendar:
        """The same with more crashes in some of the `BINS`, in the log, and as many in the year."""
        return Calendar(
            _paced(self.hours, rhythm[self.bin_of]), _paced(self.year, rhythm[self.year.column])
        )


@dataclass(frozen=True)
class Timing:
    """
    What the hours of crashes say of layers and hours of the clock, given where they happened.

    `slope` and `information` are the derivative of their log-likelihood by the layers' logs and by
    `WAVES`, at some values of these, and the sum over crashes of its outer product (Berndt et al.
    1974, Annals of Economic and Social Measurement 3:653–665); `level` is the log-likelihood there,
    `crashes` how many there are.
    """

    slope: Floats
    information: Floats
    level: float
    crashes: float

    def __add__(self, other: Timing) -> Timing:
        """What the crashes of two kinds of place say."""
        return Timing(
            self.slope + other.slope, self.information + other.information,
            self.level + other.level, self.crashes + other.crashes,
        )  # fmt: skip

    def likely(self, away: Floats) -> float:
        """Log-likelihood after a step, to second order."""
        return float(self.level + self.slope @ away - 0.5 * away @ self.information @ away)


def waves() -> Floats:
    """Log of the crashes in each of `BINS` by each of `WAVES`, bin × wave."""
    angle = 2.0 * np.pi * np.arange(CLOCK)[:, None] / np.array(HARMONICS)
    # sine and cosine of one period beside each other
    day = np.stack([np.cos(angle), np.sin(angle)], axis=2).reshape(CLOCK, -1)
    result = np.zeros((BINS, len(WAVES)))
    result[:CLOCK, : day.shape[1]] = day
    result[CLOCK:, day.shape[1] : -1] = day
    result[CLOCK:, -1] = 1.0
    return result


def cells(hours: Hours) -> Ints:
    """Number of each hour by month, day of the week, hour of the clock, and whether it is free."""
    start = pd.DatetimeIndex(hours.start)
    cell = ((start.month - 1) * DAYS + start.dayofweek) * CLOCK + start.hour
    return np.asarray(cell * 2 + hours.free, dtype=np.int64)


def timing(
    families: Sequence[Family],
    pairs: Pairs,
    calendar: Calendar,
    by_layer: Floats,
    in_bin: Floats,
    number: Mapping[tuple[str, str], int],
) -> Timing:
    """
    Ask the hours of the crashes of one kind of place.

    Given its place a crash falls in an hour with that hour's share of what the place expects in the
    year: however many crashes a place has, nothing else about it matters.

    Parameters
    ----------
    families
        Those of the kind, in crashes.
    pairs, calendar
        The crashes, and the hours that they may have happened in.
    by_layer
        Derivative of the log of the year's crashes of every place, place × layer.
    in_bin
        The year's crashes of every place in each of `BINS`.
    number
        Layer of each `Term.learned_as`.
    """
    size, layers = len(pairs.place), by_layer.shape[1]
    total, slopes, bins = np.zeros(size), np.zeros((size, layers)), np.zeros((size, BINS))
    for family in families:
        gains = [
            (act.time, _dense(act.rows, act.gain, len(family.base)),
             _dense(act.rows, np.ones(len(act.rows)), len(family.base)) > 0)
            for act in family.acts
        ]  # fmt: skip
        held = [_dense(term.rows, term.sensitivity, len(family.base)) for term in family.terms]
        act_of = {act.time: n for n, act in enumerate(family.acts)}
        for own, part in pairs.pieces():
            place, row = pairs.place[own], pairs.row[part]
            crash = pairs.crash[part] - own.start
            where = place[crash]
            product, acting = family.steady[where], []
            for time, gain, touched in gains:
                hit = np.flatnonzero(touched[where])
                act = hit, gain[where[hit]], calendar.hours.shares[time][row[hit]]
                product[hit] *= 1.0 + act[1] * act[2]
                acting.append(act)
            rate = family.base[where] * np.minimum(product, family.most)
            rate *= calendar.hours.traffic[family.profile[where], row]
            summed = np.bincount(crash, rate, len(place))
            total[own] += summed
            cell = crash * BINS + calendar.bin_of[row]
            bins[own] += np.bincount(cell, rate, len(place) * BINS).reshape(-1, BINS)
            acted = [
                np.bincount(crash[hit], rate[hit] * moved(gain, share), len(place))
                for hit, gain, share in acting
            ]
            for term, mine in zip(family.terms, held, strict=True):
                if len(term.rows):
                    moves = summed if term.steady else acted[act_of[term.time]]
                    slopes[own, number[term.learned_as]] += mine[place] * moves
    some = total > 0
    over = np.divide(1.0, total, out=np.zeros(size), where=some)
    yearly = in_bin.sum(axis=1)[pairs.place]
    away = bins * over[:, None] - _shared(in_bin)[pairs.place]
    score = np.hstack([slopes * over[:, None] - by_layer[pairs.place], away @ waves()])
    score *= some[:, None]
    return Timing(
        slope=pairs.crashes @ score,
        information=score.T @ (score * pairs.crashes[:, None]),
        level=float(pairs.crashes[some] @ np.log(total[some] / yearly[some])),
        crashes=float(pairs.crashes[some].sum()),
    )


def _shared(rows: Floats) -> Floats:
    total = rows.sum(axis=1, keepdims=True)
    return np.divide(rows, total, out=np.zeros_like(rows), where=total > 0)


def _dense(rows: Ints, values: Floats, size: int) -> Floats:
    result = np.zeros(size)
    # a term has every row once
    result[rows] = values
    return result


def _paced(schedule: Schedule, logs: Floats) -> Schedule:
    traffic = schedule.traffic * np.exp(logs)
    kept = schedule.traffic.sum(axis=1) / traffic.sum(axis=1)
    return replace(schedule, traffic=traffic * kept[:, None])
