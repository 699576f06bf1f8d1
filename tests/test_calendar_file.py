"""Calendar files with a fault: one line that says where, what, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from riskmap import calendar_file
from riskmap.calendar_file import Range, Span
from riskmap.errors import RiskmapError

TEMPLATE = Path(__file__).parents[1] / "data" / "templates" / "calendar.toml"
HOLIDAYS = {
    "new_year": "first = 2027-01-01\nlast = 2027-01-03",
    "spring_festival": "first = 2027-02-05\nlast = 2027-02-11\nmake_up = [2027-01-31]",
    "qingming": "first = 2027-04-03\nlast = 2027-04-05",
    "labour_day": "first = 2027-05-01\nlast = 2027-05-05",
    "dragon_boat": "first = 2027-06-09\nlast = 2027-06-09",
    "mid_autumn": "first = 2027-09-15\nlast = 2027-09-15",
    "national_day": "first = 2027-10-01\nlast = 2027-10-07",
}
Written = Callable[[str], Path]


def stated(own: dict[str, str] | None = None) -> str:
    """A file with all of 2027, some holidays of it put differently."""
    rows = HOLIDAYS | (own or {})
    said = [f'[[holiday]]\nname = "{name}"\n{row}\n' for name, row in rows.items() if row]
    return "holidays_of = [2027]\n" + "".join(said)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a calendar file."""

    def write(text: str) -> Path:
        path = tmp_path / "calendar.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def term(first: str, last: str) -> str:
    return f"[[term]]\nfirst = {first}\nlast = {last}\n"


def farm(name: str, first: str, last: str, title: str = '{ zh = "农", en = "farm" }') -> str:
    return f"[[farm]]\nname = {name}\ntitle = {title}\nfirst = {first}\nlast = {last}\n"


def test_what_a_file_states_is_read(written: Written) -> None:
    text = stated() + term("2026-09-01", "2027-01-29") + term('"09-01"', '"01-20"')
    found = calendar_file.read(written(text + farm('"harvest"', '"09-20"', '"11-15"')))
    assert found.terms == (Range(901, 120),)
    assert found.dated == (Span(date(2026, 9, 1), date(2027, 1, 29)),)
    assert [(own.name, own.zh, own.en, own.range) for own in found.farm] == [
        ("harvest", "农", "farm", Range(920, 1115))
    ]
    assert found.years == (2027,)
    assert [own.names for own in found.breaks] == [(name,) for name in HOLIDAYS]
    assert found.breaks[1].make_up == (date(2027, 1, 31),)


def test_an_empty_file_states_nothing(written: Written) -> None:
    assert calendar_file.read(written("")) == calendar_file.Stated()


def test_the_template_has_at_least_three_rows_of_every_table() -> None:
    found = calendar_file.read(TEMPLATE)
    assert (len(found.dated), len(found.farm), len(found.breaks)) == (3, 3, 7)


def test_a_range_may_pass_the_new_year() -> None:
    own = Range(901, 120)
    assert [own.has(day) for day in (831, 901, 1231, 101, 120, 121)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # dates that are not
        (
            term("2026-04-31", "2026-07-01"),
            r"cannot be read as TOML \(Invalid date .*line 2.*; mend that .* like 2026-04-30",
        ),
        (term('"04-31"', '"07-01"'), r"'first' in \[\[term\]\] 1 is '04-31'; there is no such day"),
        (term('"4-1"', '"07-01"'), "is '4-1'; write month and day in quotes like \"09-01\""),
        (term('"2026-09-01"', '"07-01"'), "is '2026-09-01'; write month and day in quotes"),
        (term("0026-09-01", "0027-01-20"), r"is 0026-09-01; give a year of 1950 to 2099"),
        # wrong types
        (term("2026-09-01", '"01-20"'), r"\[\[term\]\] 1 needs first and last, both dates like"),
        (term("2026-09-01T08:00:00", "2027-01-20"), "needs first and last, both dates like"),
        (term("1", "2"), "needs first and last, both dates like"),
        ("[term]\nfirst = 2026-09-01", r"term is a table; write \[\[term\]\] with two brackets"),
        ("term = [1]", r"term is \[1\]; write \[\[term\]\] with two brackets"),
        ("holidays_of = 2027", r"'holidays_of' at the top is 2027; give years of 1950 to 2099"),
        ('holidays_of = ["2027"]', "give years of 1950 to 2099, like"),
        ("holidays_of = [true]", "give years of 1950 to 2099, like"),
        ("holidays_of = [27]", "give years of 1950 to 2099, like"),
        (farm("1", '"09-20"', '"11-15"'), r"'name' in \[\[farm\]\] 1 is 1; choose from planting"),
        (farm('"harvest"', "2026-09-20", "2026-11-15"), "'first' in .* is 2026-09-20; write month"),
        (farm('"harvest"', '"09-20"', '"11-15"', '"秋收"'), "'title' in .* is '秋收'; write { zh"),
        (stated({"qingming": "first = 1\nlast = 2"}), "'first' in .* 3 is 1; write a date"),
        (
            stated({"qingming": 'first = 2027-04-03\nlast = "04-05"'}),
            r"'last' in \[\[holiday\]\] 3 is '04-05'; write a date without quotes, like 2027-02-05",
        ),
        (
            stated({"qingming": HOLIDAYS["qingming"] + "\nmake_up = 2027-04-10"}),
            r"'make_up' in \[\[holiday\]\] 3 is 2027-04-10; give dates like \[2027-01-31\]",
        ),
        # words that nobody knows
        ("[[terms]]\nfirst = 2026-09-01", "unknown key 'terms' at the top; did you mean 'term'"),
        ("[[term]]\nfrist = 1", r"unknown key 'frist' in \[\[term\]\] 1; did you mean 'first'"),
        ("[[term]]\nfirst = 2026-09-01", r"missing key 'last' in \[\[term\]\] 1; add it"),
        (farm('"harvets"', '"09-20"', '"11-15"'), "is 'harvets'; did you mean 'harvest'"),
        (stated().replace('"qingming"', '"qing_ming"'), "'qing_ming'; did you mean 'qingming'"),
        (stated().replace('"qingming"', '["qingming", "qingming"]'), "name each only once"),
        # order and overlap
        (
            term("2027-01-20", "2026-09-01"),
            r"first 2027-01-20 in \[\[term\]\] 1 lies after last 2026-09-01; exchange them",
        ),
        (
            stated({"qingming": "first = 2027-04-05\nlast = 2027-04-03"}),
            r"first 2027-04-05 in \[\[holiday\]\] 3 lies after last 2027-04-03; exchange them",
        ),
        (
            term("2027-02-20", "2027-07-05") + term("2026-09-01", "2027-02-20"),
            r"\[\[term\]\] 2 and \[\[term\]\] 1 overlap; let each day lie in one of them",
        ),
        (
            term('"09-01"', '"01-20"') + term('"01-20"', '"07-05"'),
            r"\[\[term\]\] 1 and \[\[term\]\] 2 overlap; let each day lie in one of them",
        ),
        (
            farm('"harvest"', '"07-01"', '"07-31"') + farm('"harvest"', '"06-01"', '"08-31"'),
            r"\[\[farm\]\] 1 and \[\[farm\]\] 2 overlap",
        ),
        (
            stated({"mid_autumn": "first = 2027-09-29\nlast = 2027-10-01"}),
            r"\[\[holiday\]\] 6 and \[\[holiday\]\] 7 overlap; let each day lie in one of them",
        ),
        (term("2026-09-01", "2036-01-20"), "1 is longer than 366 days; mend 'first' or 'last'"),
        (
            stated({"spring_festival": "first = 2027-01-11\nlast = 2027-02-11"}),
            r"\[\[holiday\]\] 2 is longer than 31 days; mend 'first' or 'last'",
        ),
        # weekends that are worked
        (
            stated({"spring_festival": HOLIDAYS["spring_festival"].replace("01-31", "02-01")}),
            r"make-up day 2027-02-01 in \[\[holiday\]\] 2 is no Saturday or Sunday; mend it",
        ),
        (
            stated({"spring_festival": HOLIDAYS["spring_festival"].replace("01-31", "02-07")}),
            r"make-up day 2027-02-07 in .* 2 lies within the break of \[\[holiday\]\] 2; mend one",
        ),
        (
            stated({"spring_festival": HOLIDAYS["spring_festival"].replace("01-31", "01-02")}),
            r"make-up day 2027-01-02 in .* 2 lies within the break of \[\[holiday\]\] 1; mend one",
        ),
        (
            stated({"spring_festival": HOLIDAYS["spring_festival"].replace("01-31", "12-26")}),
            "make-up day 2027-12-26 in .* is more than 31 days from its break; mend it",
        ),
        (
            stated({
                "spring_festival": HOLIDAYS["spring_festival"].replace(
                    "2027-01-31", "2027-01-31, 2027-01-31"
                )
            }),
            "make-up day 2027-01-31 in .* is stated twice; leave one out",
        ),
        # years
        (
            stated().replace("[2027]", "[]"),
            r"1 is of 2027, which holidays_of does not name; state all holidays of 2027 and add it",
        ),
        (
            stated({"qingming": "first = 2028-04-03\nlast = 2028-04-05"}),
            r"\[\[holiday\]\] 3 is of 2028, which holidays_of does not name",
        ),
        (
            stated({"new_year": "first = 2027-12-31\nlast = 2028-01-02"}),
            r"\[\[holiday\]\] 1 is of 2028, which holidays_of does not name",
        ),
        (
            stated({"qingming": ""}),
            r"holidays_of names 2027, but no \[\[holiday\]\] is its qingming; add it, or take 2027",
        ),
        (
            stated({"national_day": "first = 2027-11-01\nlast = 2027-11-07"}),
            "national_day of 2027 does not hold 2027-10-01; mend its dates",
        ),
    ],
)
def test_a_fault_is_told_in_one_line_with_the_way_out(
    written: Written, text: str, expected: str
) -> None:
    path = written(text)
    with pytest.raises(RiskmapError, match=expected) as caught:
        calendar_file.read(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no.toml"
    with pytest.raises(RiskmapError, match=r"no\.toml: no such file; copy data/templates/cal"):
        calendar_file.read(path)
    path.write_bytes("[[farm]] # 大队".encode("gb18030"))
    with pytest.raises(RiskmapError, match=r"no\.toml: cannot be read as TOML .*it is UTF-8"):
        calendar_file.read(path)
    with pytest.raises(RiskmapError, match="cannot be read as TOML"):
        calendar_file.read(tmp_path)


def test_different_seasons_may_share_days_and_neighbours_may_touch(written: Written) -> None:
    july, august = ('"07-01"', '"07-31"'), ('"08-01"', '"08-01"')
    text = farm('"harvest"', *july) + farm('"planting"', *july) + farm('"harvest"', *august)
    text += term('"09-01"', '"01-20"') + term('"01-21"', '"07-05"')
    found = calendar_file.read(written(text))
    assert len(found.farm) == 3
    assert len(found.terms) == 2
