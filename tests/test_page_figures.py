"""How numbers and names are written in the page."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap import export, wording
from riskmap.documents import content
from riskmap.moments import Moment
from riskmap.pages import figures


@pytest.mark.parametrize(
    ("times", "written"), [(1.2, "+20 %"), (0.954, "\N{MINUS SIGN}4.6 %"), (1.00001, "0 %")]
)
def test_a_factor_is_written_as_a_change(times: float, written: str) -> None:
    assert wording.by(times, "zh") == written


def test_controls_are_no_text_on_paper_or_in_a_cell_and_only_a_cell_keeps_turns() -> None:
    words = "甲\x07\x85路\n\u202e乙\ud800"
    assert wording.cleaned(words) == export.in_cell(words) == "甲路\n\u202e乙"
    assert content.printable(["甲\r\n", {"a": words}]) == ["甲\n", {"a": "甲路\n乙"}]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (14.2, "14"),
        (9.96, "10"),
        (1234.0, "1200"),
        (0.0123, "0.012"),
        (3.0, "3"),
        (0.0, "0"),
        (-2.54, "\N{MINUS SIGN}2.5"),
        (math.nan, "unknown"),
    ],
)
def test_a_number_has_two_significant_figures(value: float, written: str) -> None:
    assert wording.two(value, "en") == written


@given(st.floats(min_value=1e-9, max_value=1e9))
def test_two_figures_are_never_an_exponent_and_never_far_off(value: float) -> None:
    written = wording.two(value, "en")
    assert "e" not in written
    assert math.isclose(float(written), value, rel_tol=0.051)


@pytest.mark.parametrize(
    ("percent", "written"),
    [
        (-3.14, "\N{MINUS SIGN}3.1"),
        (3.14, "+3.1"),
        (0.0, "0"),
        (-1e-12, "0"),
        (0.004, "0"),
        (math.nan, "unknown"),
    ],
)
def test_a_change_has_its_sign_and_none_has_none(percent: float, written: str) -> None:
    assert wording.change(percent, "en") == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (0.0017, "<1"), (1.0, "1"), (56.7, "57"), (99.0, "99"), (99.9, ">99"),
     (100.0, "100"), (math.nan, "unknown")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_nothing_or_all(value: float, written: str) -> None:
    assert figures.percent(value, "en") == written


def test_what_is_unknown_is_written_so() -> None:
    assert figures.or_unknown("", "zh") == "未知"
    assert figures.or_unknown(None, "en") == "unknown"
    assert figures.or_unknown("Landstrasse", "en") == "Landstrasse"
    assert figures.peak("", "zh") == "未知"


def test_a_name_in_markdown_stays_a_name() -> None:
    assert figures.plain("![x](http://a.b)") == r"\!\[x\]\(http\:\/\/a\.b\)"
    assert "\n" not in figures.plain("two\nlines")


def test_a_class_that_the_catalogue_lacks_keeps_its_name() -> None:
    assert figures.worded("road_class", "primary", "zh") == "主干路"
    assert figures.worded("road_class", "raceway", "zh") == "raceway"


def test_a_moment_is_named_as_its_peak_is() -> None:
    assert figures.period(Moment("school", 7), "zh") == "上学日 7\N{EN DASH}8 时"
    assert figures.period(None, "zh") == "全年"


@pytest.fixture
def scores() -> pd.DataFrame:
    """Two roads: 1 km with harm 3, and 3 km with harm 1 in all."""
    return pd.DataFrame({"harm": [3.0, 1.0], "harm_per_km": [3.0, 1 / 3]}, index=["a", "b"])


def test_the_average_is_of_all_harm_over_all_roads(scores: pd.DataFrame) -> None:
    times = figures.times_average(scores, "harm_per_km")
    assert times.to_dict() == pytest.approx({"a": 3.0, "b": 1 / 3})


def test_the_worst_road_has_nothing_above_it(scores: pd.DataFrame) -> None:
    length_m = pd.Series([1000.0, 3000.0], index=["a", "b"])
    assert figures.standing(scores, length_m, "a").above == 0
    assert figures.standing(scores, length_m, "b").above == pytest.approx(0.25)


def test_a_road_without_a_rate_has_no_place_by_it() -> None:
    scores = pd.DataFrame(
        {"harm": [1.0, 2.0, 3.0], "harm_per_mvkm": [0.5, float("nan"), 1.5]}, index=list("abc")
    )
    length_m = pd.Series(100.0, index=scores.index)
    assert figures.standing(scores, length_m, "a", "harm_per_mvkm").above == pytest.approx(1 / 3)
    assert math.isnan(figures.standing(scores, length_m, "b", "harm_per_mvkm").times)
