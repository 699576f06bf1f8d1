"""When crashes happened: what the clock says of layers, and what of the clock itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from streets import area, effect, extract, layer, rules, street, thing

from riskmap import crash_times, flow, learning, planted
from riskmap.area import Area
from riskmap.crash_times import BINS, CLOCK, WAVES, Calendar, Pairs
from riskmap.fitting import KINDS, Counts, Fit
from riskmap.layer import Active

SCHOOL = Active(days=("school",), hours=((7.0, 9.0),))


def town() -> Area:
    """A hundred streets that do not meet; every second has a school, which acts in the morning."""
    ways = [street((400.0 * n, 0.0), (400.0 * n + 100.0, 0.0)) for n in range(100)]
    things = [thing((400.0 * n + 50.0, 5.0), amenity="school") for n in range(0, 100, 2)]
    near = layer("school", effect("all", 2.0, grade="D"), full_m=20.0, reach_m=40.0)
    return area(
        extract(ways, things), replace(near, active=(SCHOOL,)), parameters=rules()
    )


def counted(own: Area, crashes: float, when: pd.DataFrame | None = None) -> Counts:
    """As many crashes at every link, and when some of them happened."""
    found = {"link": np.full(len(own.segments), crashes), "junction": np.zeros(len(own.junctions))}
    counts = Counts(found, flow.groups(own.network), 1.0)
    if when is None:
        return counts
    return replace(counts, times={"link": crash_times.told(when["place"].to_numpy(), when)})


def at(place: NDArray[np.int64], hour: int, hour_to: int | None = None) -> pd.DataFrame:
    """A crash on a Wednesday in March at each place."""
    return pd.DataFrame({
        "place": place, "month": 3, "weekday": 2, "hour": hour,
        "hour_to": hour + 1 if hour_to is None else hour_to,
    })


def local(own: Area, counts: Counts) -> float:
    """What the school's factor is multiplied by, in the log."""
    table = learning.learn(own.model, counts).parameters
    return float(table.loc[table["kind"] == "layer", "local"].iloc[0])


def hours_of(pairs: Pairs, calendar: Calendar) -> set[tuple[int, int]]:
    """Day of the week and hour of the clock that crashes are laid beside."""
    cell = calendar.hours.column[pairs.row] // 2
    return set(zip(cell // CLOCK % 7, cell % CLOCK, strict=True))


# --- reading -----------------------------------------------------------------------------------


def test_a_crash_without_an_hour_says_nothing() -> None:
    own = town()
    some = at(np.arange(4), 8)
    some.loc[:, ["hour", "hour_to"]] = -1
    assert crash_times.told(np.arange(4), some).empty
    plain = learning.learn(own.model, counted(own, 2.0))
    timed = learning.learn(own.model, counted(own, 2.0, some))
    pd.testing.assert_frame_equal(plain.parameters, timed.parameters)


def test_what_is_not_known_of_the_date_is_any() -> None:
    calendar = Calendar.of(town().model.time)
    some = at(np.zeros(1, np.int64), 8, 10)
    for weekday, days in ((2, {2}), (-1, set(range(7)))):
        some["month"], some["weekday"] = 0, weekday
        pairs = Pairs.of(crash_times.told(np.zeros(1, np.int64), some), calendar.hours)
        assert hours_of(pairs, calendar) == {(d, h) for d in days for h in (8, 9)}
        month = calendar.hours.column[pairs.row] // 2 // CLOCK // 7
        assert set(month) == set(range(12))


def test_a_band_over_midnight_ends_on_either_day() -> None:
    # some records name the day of the evening, others the date of each crash
    calendar = Calendar.of(town().model.time)
    some = at(np.zeros(1, np.int64), 22, 26)
    pairs = Pairs.of(crash_times.told(np.zeros(1, np.int64), some), calendar.hours)
    assert hours_of(pairs, calendar) == {
        (2, 22), (2, 23), (2, 0), (2, 1), (3, 0), (3, 1)
    }  # fmt: skip


# --- the likelihood ----------------------------------------------------------------------------


def test_the_slope_is_that_of_the_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash_times, "PAIRS", 40)  # in pieces
    own, random = town(), np.random.default_rng(3)
    when = pd.concat([
        at(random.integers(0, 100, 60), int(hour), int(hour) + int(wide))
        for hour, wide in zip(random.integers(0, 24, 8), random.integers(1, 4, 8), strict=True)
    ])
    counts = counted(own, 1.0, when)
    fit = Fit.of(own.model, counts)
    point = fit.point.copy()
    point[fit.timed] += random.normal(0.0, 0.3, len(fit.timed))
    fit = replace(fit, point=point).refreshed()
    assert fit.timing is not None

    def said(moved: NDArray[np.float64]) -> float:
        """Log of the shares of the year's crashes of a place that fall in the hours of each."""
        there = replace(fit, point=moved)
        calendar = fit.calendar.paced(there.rhythm)
        families = [
            f.crashes.shifted(there.deltas()) for f in own.model.families if f.kind == "link"
        ]
        table = sum(f.binned(calendar.hours).astype(float) for f in families)
        share = table / table.sum(axis=1, keepdims=True)
        cell = np.arange(share.shape[1]) // 2
        total = 0.0
        for row in counts.times["link"].itertuples():
            clock, day, month = cell % CLOCK, cell // CLOCK % 7, cell // CLOCK // 7 + 1
            hit = (month == row.month) & (clock >= row.hour) & (clock < row.hour_to)
            hit = hit & (day == row.day)
            late = (month == row.month) & (clock < row.hour_to - CLOCK)
            hit |= late & np.isin(day, [row.day, (row.day + 1) % 7])
            total += row.crashes * np.log(share[row.place, hit].sum())
        return total

    for number, at_ in enumerate(fit.timed):
        ends = []
        for step in (-1e-2, 1e-2):
            moved = fit.point.copy()
            moved[at_] += step
            ends.append(said(moved))
        slope = (ends[1] - ends[0]) / 2e-2
        assert fit.timing.slope[number] == pytest.approx(slope, rel=0.01, abs=0.02)


def test_the_factor_of_a_layer_comes_back_from_the_clock() -> None:
    # as many crashes at every street: only their hours tell what the school does
    own, random = town(), np.random.default_rng(8)
    for truth in (-0.4, 0.5):
        families = [
            family.crashes.shifted({("school", ""): truth})
            for family in own.model.families
            if family.kind == "link"
        ]
        when = planted._hours(
            families, Calendar.of(own.model.time), np.full(100, 200), random
        )
        counts = replace(counted(own, 200.0), times={"link": when})
        assert local(own, counts) == pytest.approx(truth, abs=0.15)


def test_what_every_road_has_at_an_hour_is_not_the_layer_s() -> None:
    own, places = town(), np.repeat(np.arange(100), 4)
    found = learning.learn(own.model, counted(own, 4.0, at(places, 8, 9)))
    without = places[places % 2 == 1]
    rhythm = found.model.time.rhythm
    assert rhythm is not None
    assert rhythm[0].argmax() in range(6, 11)
    table = found.parameters
    assert (table["kind"] == "hour").sum() == len(WAVES)
    # the same crashes at the schools alone say that it is the schools
    schools = local(own, counted(own, 4.0, pd.concat([
        at(places[places % 2 == 0], 8), at(without, 14)
    ])))  # fmt: skip
    everywhere = float(table.loc[table["kind"] == "layer", "local"].iloc[0])
    assert schools > everywhere + 0.5


# --- what is scored ----------------------------------------------------------------------------


def test_a_rhythm_moves_crashes_between_hours_and_keeps_the_year() -> None:
    model = town().model
    rhythm = np.zeros((2, CLOCK))
    rhythm[0, 22] = np.log(3.0)
    paced = replace(model, time=replace(model.time, rhythm=rhythm))
    plain = np.arange(1, 100, 2)  # without a school
    assert paced.harm().to_numpy()[plain] == pytest.approx(model.harm().to_numpy()[plain])
    year = model.almanac.year
    column = year.free * CLOCK + year.clock
    before, after = (
        m.binned(m.time.schedule(year, column))[plain].sum(axis=0) for m in (model, paced)
    )
    ratio = after / before
    others = np.delete(np.arange(BINS), 22)
    assert ratio[others] == pytest.approx(ratio[0], rel=1e-4)
    assert ratio[22] == pytest.approx(3.0 * ratio[0], rel=1e-4)


def test_the_calendar_s_pace_is_the_model_s() -> None:
    model = town().model
    logs = np.random.default_rng(1).normal(0.0, 0.5, BINS)
    calendar = Calendar.of(model.time).paced(logs)
    own = replace(model.time, rhythm=logs.reshape(2, CLOCK))
    year = model.almanac.year
    assert calendar.year.traffic == pytest.approx(
        own.schedule(year, year.free * CLOCK + year.clock).traffic
    )


def test_held_out_places_say_nothing_of_the_clock() -> None:
    own = town()
    seen = {kind: np.ones(len(own.segments if kind == "link" else own.junctions), dtype=bool)
            for kind in KINDS}  # fmt: skip
    seen["link"][:50] = False
    counts = replace(counted(own, 3.0, at(np.arange(100), 8)), seen=seen)
    table = counts.timed("link")
    assert table is not None
    assert table["place"].min() == 50
    seen["link"][:] = False
    assert counts.timed("link") is None
