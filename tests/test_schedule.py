"""Hours in which the same layers act are worked out once, and add up to the right sums."""

import numpy as np
import pytest
from streets import layer, rules
from test_hours import HERE, YEAR, when

from riskmap.hours import Hours
from riskmap.layer import Active
from riskmap.profiles import Profiles
from riskmap.schedule import Schedule

LAYERS = {
    "dark": layer("dark", active=(when(light=("dark",)),)),
    "eve": layer("eve", active=(Active(("eve",), ((0.0, 24.0),)),)),
}
TIMES = dict.fromkeys((name, None) for name in LAYERS)
TRAFFIC = Profiles.stated(rules(), YEAR)


def schedule(hours: Hours, column: object = None) -> Schedule:
    return Schedule.of(hours, TRAFFIC.share(hours), LAYERS, TIMES, column)  # type: ignore[arg-type]


def test_a_schedule_has_all_the_traffic_of_its_hours() -> None:
    found = schedule(YEAR)
    assert found.traffic.sum(axis=1) == pytest.approx(np.ones(6))
    assert len(found.column) < 60
    day = YEAR.only(YEAR.start < np.datetime64("2026-01-02"))
    by_hour = schedule(day, day.clock)
    assert by_hour.separate
    assert by_hour.traffic == pytest.approx(TRAFFIC.share(day))


def test_weights_of_the_patterns_are_the_traffic_of_each_sum() -> None:
    found = schedule(YEAR, YEAR.kind * 24 + YEAR.clock)
    for times in ((), (("dark", None),), tuple(TIMES)):
        table, at = found.patterns(times)
        weights = found.weights(at, len(table), 2)
        assert weights.sum(axis=0) == pytest.approx(
            np.bincount(YEAR.kind * 24 + YEAR.clock, TRAFFIC.share(YEAR)[2], found.columns)
        )
        for number, time in enumerate(times):
            acting = table[:, number] @ weights.sum(axis=1)
            hours = YEAR.active(LAYERS[time[0]].active)
            assert acting == pytest.approx(hours @ TRAFFIC.share(YEAR)[2])


def test_as_many_rows_as_sums_are_not_one_row_each() -> None:
    # two hours of one sum and none of another
    day = YEAR.only((YEAR.start >= np.datetime64("2026-04-29")) & (YEAR.clock == 12)
                    & (YEAR.start < np.datetime64("2026-05-01")))  # fmt: skip
    found = schedule(day, np.array([1, 1]))
    assert len(found.column) == found.columns == 2
    assert not found.separate
    assert HERE.zone == "Asia/Shanghai"
