"""Dates and hours → the kind of day, and the 72 moments of a year."""

import numpy as np
import pytest
from streets import layer, rules

from riskmap import moments
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.moments import Moment


def acts(*active: Active) -> dict[str, float]:
    """Moments in which a layer acts, by label."""
    found = moments.active(layer(active=active))
    return {Moment.numbered(n).label: round(share, 4) for n, share in enumerate(found) if share}


def test_the_moments_stand_for_every_hour_of_the_year() -> None:
    year = moments.year(rules())
    assert year.hours.sum() == 8760
    assert year.hours.reshape(3, 24)[:, 0].tolist() == [190, 58, 117]


def test_the_year_shares_out_its_traffic_and_no_more() -> None:
    year = moments.year(rules())
    assert (year.share * year.hours).sum(axis=1) == pytest.approx([1, 1], abs=1e-12)
    assert (year.share > 0).all()


def test_an_hours_traffic_follows_day_and_profile() -> None:
    parameters = rules()
    year = moments.year(parameters)
    weekend, school = (parameters["moments"]["profile"][day]["urban"] for day in
                       ("weekend", "school"))  # fmt: skip
    at = Moment("weekend", 14).number, Moment("school", 7).number
    expected = (weekend["day"] * weekend["hours"][14] / sum(weekend["hours"])) / (
        school["day"] * school["hours"][7] / sum(school["hours"])
    )
    assert year.share[1, at[0]] / year.share[1, at[1]] == pytest.approx(expected)


def test_every_moment_has_a_number_and_a_label_of_its_own() -> None:
    all_ = [Moment.numbered(number) for number in range(72)]
    assert [moment.number for moment in all_] == list(range(72))
    assert len({moment.label for moment in all_}) == 72
    assert Moment("school", 7).label == "school 07"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T18:00", "school 18"),  # a Friday; holidays are not known yet
        ("2026-05-02T18:59", "weekend 18"),
        ("2026-05-03", "weekend 00"),
        ("2026-07-15T07:30", "workday 07"),
        ("2026-07-18T07:30", "weekend 07"),
        ("2026-09-01 00:00", "school 00"),
    ],
)
def test_a_date_and_hour_is_one_moment(text: str, expected: str) -> None:
    assert Moment.at(text, rules()).label == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01T10:00", "2026-05-01T25:00", "18:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(RiskmapError, match=r"--at .*write it like 2026-05-01T18:00"):
        Moment.at(text, rules())


def test_a_day_or_an_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RiskmapError, match="day 'holiday': unknown"):
        Moment("holiday", 7)
    for hour in (-1, 24):
        with pytest.raises(RiskmapError, match=f"hour {hour}: outside"):
            Moment("school", hour)


def test_a_layer_without_a_window_always_acts() -> None:
    assert (moments.active(layer()) == np.ones(72)).all()


def test_a_window_that_covers_half_of_an_hour_counts_half() -> None:
    found = acts(Active(("school",), ((7.5, 9.0), (16.25, 16.5))))
    assert found == {"school 07": 0.5, "school 08": 1, "school 16": 0.25}


def test_two_windows_in_one_hour_add_up() -> None:
    assert acts(Active(("weekend",), ((6.0, 6.25), (6.5, 6.75)))) == {"weekend 06": 0.5}


def test_school_days_are_workdays_too() -> None:
    assert acts(Active(("workday",), ((8.0, 9.0),))) == {"school 08": 1, "workday 08": 1}
    assert acts(Active(("school",), ((8.0, 9.0),))) == {"school 08": 1}


def test_every_day_type_can_have_its_own_hours() -> None:
    found = acts(Active(("school",), ((8.0, 9.0),)), Active(("weekend",), ((22.0, 24.0),)))
    assert found == {"school 08": 1, "weekend 22": 1, "weekend 23": 1}
