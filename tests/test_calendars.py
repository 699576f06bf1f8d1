"""The calendar of a brigade: kinds of day, breaks, terms, farm seasons, and its own file."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import chinese_calendar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_calendar_file import HOLIDAYS, TEMPLATE, farm, stated, term

from riskmap import calendars, holidays
from riskmap.calendars import DAYS, PHASES, Calendar
from riskmap.errors import RiskmapError

DATES = st.dates(date(2004, 1, 1), date(2026, 12, 31))
BROUGHT = calendars.read(None)
ABROAD = calendars.read(None, public_holidays=False)
SHARED = 'name = ["national_day", "mid_autumn"]'


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def year(number: int) -> np.ndarray:
    return np.arange(f"{number}-01-01", f"{number + 1}-01-01", dtype="datetime64[D]")


def kinds(calendar: Calendar, *texts: str) -> list[str]:
    return [DAYS[kind] for kind in calendar.kinds(days(*texts))]


def phases(calendar: Calendar, *texts: str) -> list[str]:
    return [PHASES[phase] for phase in calendar.phases(days(*texts))]


def own(tmp_path: Path, text: str) -> Calendar:
    path = tmp_path / "calendar.toml"
    path.write_text(text, encoding="utf-8")
    return calendars.read(path)


# --- kinds of day ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-01-01", "holiday"),
        ("2026-01-03", "holiday"),  # a Saturday of the break
        ("2026-01-04", "school"),  # a Sunday that is worked, in a term
        ("2026-02-14", "workday"),  # a Saturday that is worked, in the winter vacation
        ("2026-03-09", "school"),  # a Monday
        ("2026-03-07", "weekend"),
        ("2026-07-13", "workday"),  # a Monday of the summer vacation
        ("2026-07-05", "weekend"),  # last day of the term, a Sunday
        ("2026-09-20", "school"),  # a Sunday that is worked
        ("2026-10-04", "holiday"),
        ("2026-12-31", "school"),
    ],
)
def test_the_kind_of_a_day_in_2026(day: str, kind: str) -> None:
    assert kinds(BROUGHT, day) == [kind]


def test_the_days_of_2026_add_up_by_kind() -> None:
    # breaks 3 + 9 + 3 + 5 + 3 + 3 + 7 = 33; 104 weekend days, 6 of them worked, 14 within a break
    counts = np.bincount(BROUGHT.kinds(year(2026)), minlength=len(DAYS))
    assert counts.sum() == 365
    assert dict(zip(DAYS, counts, strict=True))["holiday"] == 33
    assert dict(zip(DAYS, counts, strict=True))["weekend"] == 104 - 6 - 14


@given(DATES)
def test_a_day_is_off_exactly_when_the_library_says_so(day: date) -> None:
    (kind,) = kinds(BROUGHT, str(day))
    assert (kind in {"weekend", "holiday"}) == chinese_calendar.is_holiday(day)
    assert (kind == "holiday") == ((BROUGHT.holiday_at(day) or ("", 1))[1] == 0)


@given(st.lists(DATES, max_size=20), st.sampled_from(list(holidays.NAMES)))
def test_offsets_and_kinds_do_not_depend_on_what_is_asked_with_them(
    some: list[date], name: str
) -> None:
    asked = days(*map(str, some))
    alone = [int(BROUGHT.offsets(asked[[n]], name)[0]) for n in range(len(asked))]
    assert BROUGHT.offsets(asked, name).tolist() == alone
    assert [BROUGHT.kinds(asked[[n]])[0] for n in range(len(asked))] == list(BROUGHT.kinds(asked))


def test_a_memorial_day_of_one_year_is_off_like_a_weekend() -> None:
    assert kinds(BROUGHT, "2015-09-03") == ["weekend"]
    assert phases(BROUGHT, "2015-09-02", "2015-09-03") == ["", ""]


# --- phases and breaks -------------------------------------------------------------------------


def test_a_break_has_an_eve_a_first_a_middle_and_a_last_day() -> None:
    asked = [f"2026-05-{day:02d}" for day in range(1, 7)]
    expected = ["eve", "first", "middle", "middle", "middle", "last", ""]
    assert phases(BROUGHT, "2026-04-30", *asked) == expected


def test_stated_holidays_are_not_ignored_where_none_are_counted() -> None:
    template = Path(__file__).parents[1] / "data" / "templates" / "calendar.toml"
    with pytest.raises(RiskmapError, match="states holidays, but public_holidays = false"):
        calendars.read(template, public_holidays=False)


def test_a_break_of_one_day_is_its_first_and_of_two_has_no_middle() -> None:
    assert phases(BROUGHT, "2024-12-31", "2025-01-01", "2025-01-02") == ["eve", "first", ""]


def test_a_break_of_two_days_has_no_middle(tmp_path: Path) -> None:
    # Wednesday and Thursday
    calendar = own(tmp_path, stated({"dragon_boat": "first = 2027-06-09\nlast = 2027-06-10"}))
    asked = [f"2027-06-{day:02d}" for day in range(8, 12)]
    assert phases(calendar, *asked) == ["eve", "first", "last", ""]


def test_the_eve_of_a_new_year_that_is_not_announced_is_known() -> None:
    assert phases(BROUGHT, "2026-12-31") == ["eve"]
    assert BROUGHT.holiday_at(date(2026, 12, 31)) == ("new_year", -1)


@given(DATES)
def test_phases_agree_with_kinds(day: date) -> None:
    (phase,), (kind,) = phases(BROUGHT, str(day)), kinds(BROUGHT, str(day))
    assert (phase in {"first", "middle", "last"}) == (kind == "holiday")
    assert phase != "eve" or kind in {"school", "workday"}


def test_breaks_are_listed_where_they_share_a_day_with_what_is_asked() -> None:
    asked = BROUGHT.breaks(date(2026, 5, 5), date(2026, 6, 19))
    assert [brk.names[0] for brk in asked] == ["labour_day", "dragon_boat"]
    assert BROUGHT.breaks(date(2026, 5, 6), date(2026, 6, 18)) == ()
    (over,) = BROUGHT.breaks(date(2023, 12, 30), date(2023, 12, 30))
    assert (over.names, over.last) == (("new_year",), date(2024, 1, 1))


# --- places abroad -----------------------------------------------------------------------------


def test_abroad_a_day_counts_by_its_weekday_in_every_year() -> None:
    assert kinds(ABROAD, "2026-10-01", "2026-10-03") == ["school", "weekend"]
    assert kinds(ABROAD, "2026-10-10") == ["weekend"]  # worked in China
    assert kinds(ABROAD, "1999-01-01", "2050-10-01") == ["school", "weekend"]
    assert ABROAD.is_known(1999)
    assert not ABROAD.phases(year(2026)).any()
    assert (ABROAD.offsets(year(2026), "national_day") == calendars.FAR).all()
    assert ABROAD.holiday_at(date(2026, 10, 1)) is None
    assert ABROAD.breaks(date(2026, 1, 1), date(2026, 12, 31)) == ()
    assert ABROAD.make_up_workdays(2026) == ()


# --- terms and seasons -------------------------------------------------------------------------


def test_a_dated_term_replaces_the_yearly_one_that_it_overlaps(tmp_path: Path) -> None:
    calendar = own(tmp_path, term("2025-09-08", "2026-01-13"))
    # 1 September 2025 and 14 January 2026 are in the yearly term 09-01..01-20
    asked = ("2025-09-01", "2025-09-08", "2026-01-13", "2026-01-14")
    assert kinds(calendar, *asked) == ["workday", "school", "school", "workday"]
    assert kinds(BROUGHT, *asked) == ["school"] * 4
    # the terms before and after stay
    assert kinds(calendar, "2025-06-30", "2026-03-09", "2026-09-01") == ["school"] * 3


def test_between_two_dated_terms_there_is_no_school(tmp_path: Path) -> None:
    text = term("2025-09-01", "2025-11-10") + term("2025-11-17", "2026-01-20")
    calendar = own(tmp_path, text)
    asked = ("2025-11-10", "2025-11-12", "2025-11-17")
    assert kinds(calendar, *asked) == ["school", "workday", "school"]


def test_yearly_terms_of_the_file_replace_all_that_are_brought(tmp_path: Path) -> None:
    calendar = own(tmp_path, term('"03-01"', '"06-30"'))
    asked = ("2026-03-02", "2026-09-01", "2026-02-26")
    assert kinds(calendar, *asked) == ["school", "workday", "workday"]
    leap = own(tmp_path, term('"02-29"', '"02-29"') + term("2024-02-28", "2024-03-01"))
    assert kinds(leap, "2024-02-28", "2024-02-29", "2023-02-28") == ["school", "school", "workday"]


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_listed_terms_are_those_that_days_lie_in(day: date) -> None:
    calendar = Calendar(
        BROUGHT.terms,
        (calendars.Span(date(2025, 8, 25), date(2025, 12, 20)),),
        (), None, (), (), (),
    )  # fmt: skip
    (kind,) = kinds(calendar, str(day))
    listed = calendar.terms_between(day, day)
    assert (kind == "school") == (bool(listed) and not holidays.is_weekend(day))


def test_farm_seasons_are_found_by_month_and_day() -> None:
    found = BROUGHT.farm(days("2026-03-19", "2026-03-20", "2026-07-20", "2026-11-15", "2026-11-16"))
    assert found["planting"].tolist() == [False, True, True, False, False]
    assert found["harvest"].tolist() == [False, False, True, True, False]


def test_farm_seasons_of_the_file_replace_all_that_are_brought(tmp_path: Path) -> None:
    calendar = own(tmp_path, farm('"planting"', '"12-20"', '"01-10"'))
    found = calendar.farm(days("2026-01-10", "2026-04-01", "2026-12-20", "2026-10-10"))
    assert found["planting"].tolist() == [True, False, True, False]
    assert not found["harvest"].any()


# --- holidays of the file ----------------------------------------------------------------------


def test_the_template_states_2026_as_announced() -> None:
    template = calendars.read(TEMPLATE)
    for what in ("years", "all_breaks", "off", "worked"):
        assert getattr(template, what) == getattr(BROUGHT, what), what


def test_a_year_that_no_library_knows_becomes_known(tmp_path: Path) -> None:
    assert not BROUGHT.is_known(2027)
    calendar = own(tmp_path, stated())
    assert calendar.is_known(2027)
    assert calendar.make_up_workdays(2027) == (date(2027, 1, 31),)
    assert kinds(calendar, "2027-01-31", "2027-02-05", "2027-02-12") == [
        "workday", "holiday", "workday",
    ]  # fmt: skip
    assert phases(calendar, "2027-02-04", "2027-02-05", "2027-02-11") == ["eve", "first", "last"]
    assert calendar.offsets(days("2027-02-01"), "spring_festival").tolist() == [-4]
    # 2026 stays as announced
    assert (calendar.kinds(year(2026)) == BROUGHT.kinds(year(2026))).all()


def test_a_new_year_that_begins_in_december_changes_the_year_before(tmp_path: Path) -> None:
    # 31 December 2026 is a Thursday; the Sunday before is worked for it
    row = "first = 2026-12-31\nlast = 2027-01-03\nmake_up = [2026-12-27]"
    calendar = own(tmp_path, stated({"new_year": row}))
    asked = ("2026-12-27", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-04")
    assert kinds(calendar, *asked) == ["school", "school", "holiday", "holiday", "school"]
    assert phases(calendar, *asked) == ["", "eve", "first", "middle", ""]
    assert calendar.make_up_workdays(2026)[-1] == date(2026, 12, 27)
    assert calendar.holiday_at(date(2026, 12, 31)) == ("new_year", 0)


def test_what_the_file_states_of_a_known_year_replaces_the_library(tmp_path: Path) -> None:
    text = stated().replace("2027", "2024").replace("make_up = [2024-01-31]", "")
    calendar = own(tmp_path, text)
    assert calendar.make_up_workdays(2024) == ()
    # the library's Mid-Autumn, 15–17 September 2024, is no more
    assert BROUGHT.holiday_at(date(2024, 9, 17)) == ("mid_autumn", 0)
    assert kinds(calendar, "2024-09-16", "2024-09-17") == ["school", "school"]
    # its New Year began on Saturday 30 December 2023, which is beside the one stated too
    assert kinds(calendar, "2023-12-30", "2023-12-29") == ["holiday", "school"]
    assert (calendar.kinds(year(2025)) == BROUGHT.kinds(year(2025))).all()


def test_december_days_of_a_new_year_go_with_the_year_that_is_replaced(tmp_path: Path) -> None:
    # the library: 30 and 31 December 2018 off, Saturday 29 December worked, for New Year 2019
    assert kinds(BROUGHT, "2018-12-29", "2018-12-31") == ["school", "holiday"]
    text = stated().replace("2027", "2019").replace("make_up = [2019-01-31]", "")
    assert kinds(own(tmp_path, text), "2018-12-29", "2018-12-31") == ["weekend", "school"]
    text = stated().replace("2027", "2018").replace("make_up = [2018-01-31]", "")
    assert kinds(own(tmp_path, text), "2018-12-29", "2018-12-31") == ["school", "holiday"]


def test_a_weekend_beside_a_stated_holiday_belongs_to_its_break(tmp_path: Path) -> None:
    # 5 April 2027 is a Monday
    calendar = own(tmp_path, stated({"qingming": "first = 2027-04-05\nlast = 2027-04-05"}))
    (brk,) = calendar.breaks(date(2027, 4, 5), date(2027, 4, 5))
    assert (brk.first, brk.last) == (date(2027, 4, 3), date(2027, 4, 5))


def test_two_holidays_may_share_a_stated_break(tmp_path: Path) -> None:
    text = stated({"mid_autumn": ""}).replace('name = "national_day"', SHARED)
    calendar = own(tmp_path, text)
    (brk,) = calendar.breaks(date(2027, 10, 1), date(2027, 10, 1))
    assert brk.names == ("national_day", "mid_autumn")
    for name in brk.names:
        assert calendar.offsets(days("2027-09-30"), name).tolist() == [-1]


def test_a_make_up_day_within_a_break_of_the_library_is_refused(tmp_path: Path) -> None:
    # 30 December 2018 is a Sunday of New Year 2019, which the library knows
    row = "first = 2018-12-10\nlast = 2018-12-10\nmake_up = [2018-12-30]"
    text = stated().replace("2027", "2018").replace("make_up = [2018-01-31]", "")
    text = text.replace(HOLIDAYS["mid_autumn"].replace("2027", "2018"), row)
    with pytest.raises(RiskmapError, match="2018-12-30 lies within the break of new_year"):
        own(tmp_path, text)


@pytest.mark.parametrize("number", [2003, 2027])
def test_a_year_that_nobody_knows_is_refused_with_the_way_out(number: int) -> None:
    asked = days(f"{number}-05-01")
    for ask in (
        lambda: BROUGHT.kinds(asked),
        lambda: BROUGHT.phases(asked),
        lambda: BROUGHT.offsets(asked, "qingming"),
        lambda: BROUGHT.holiday_at(date(number, 5, 1)),
        lambda: BROUGHT.breaks(date(min(number, 2026), 5, 1), date(max(number, 2004), 5, 1)),
        lambda: BROUGHT.make_up_workdays(number),
        lambda: BROUGHT.check([2025, number]),
    ):
        with pytest.raises(
            RiskmapError,
            match=rf"^public holidays of {number}: unknown, only those of 2004 to 2026 are; state "
            r"its holidays in a calendar file \(template data/templates/calendar\.toml\) and name "
            "it with --calendar; or update the package chinesecalendar once they are announced$",
        ):
            ask()


def test_the_years_that_are_known_are_told_with_their_gaps(tmp_path: Path) -> None:
    text = stated().replace("2027", "2029").replace("2029-01-31", "2029-02-03")
    with pytest.raises(RiskmapError, match="only those of 2004 to 2026, 2029 are"):
        own(tmp_path, text).check([2028])


# --- as a value --------------------------------------------------------------------------------


def test_a_calendar_can_be_kept_and_compared() -> None:
    again = pickle.loads(pickle.dumps(BROUGHT))
    assert again == BROUGHT
    assert hash(again) == hash(BROUGHT)
    assert repr(again) == repr(calendars.read(None))
    assert calendars.read(TEMPLATE) != BROUGHT
    assert len(HOLIDAYS) == len(holidays.NAMES)
