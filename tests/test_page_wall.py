"""The wall: the present hour, the plan that is up, and what it says when something fails."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, html

from riskmap import crew, deployment, posted
from riskmap.locale import Lang, text
from riskmap.pages import posting, projects, wall

FRIDAY = dt.date(2026, 5, 8)
NOON = dt.datetime(2026, 5, 8, 10, 5, tzinfo=dt.UTC)
"""Five past twelve on the clocks of the town."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project and a bare extract, without the sample."""
    home = tmp_path / "data"
    (home / "town").mkdir(parents=True)
    shutil.copy(TOWN, home / "bare.osm")
    shutil.copy(TOWN, home / "town" / "town.osm")
    (home / "town" / "area.toml").write_text('extract = "town.osm"\n', encoding="utf-8")
    monkeypatch.setenv("RISKMAP_DATA", str(home))
    monkeypatch.setattr("riskmap.sample", lambda: tmp_path / "none.osm.pbf", raising=False)
    monkeypatch.setattr(wall, "instant", lambda: NOON)
    posting._kept().clear()
    return home


def _draw() -> None:
    import streamlit as st  # noqa: PLC0415  # the function's text is the whole script

    from riskmap.pages import frame, wall  # noqa: PLC0415

    frame.begin()
    rooms = [st.Page(wall.show, title="wall", url_path="wall", default=True)]
    st.session_state["rooms"] = rooms
    st.navigation(rooms, position="hidden").run()


@pytest.fixture
def visit(folder: Path) -> Start:
    """Look at the wall as a new visitor."""
    assert folder.is_dir()

    def run(area: str = "town/area.toml", lang: Lang = "zh") -> AppTest:
        page = AppTest.from_function(_draw, default_timeout=60)
        page.query_params["area"] = area
        page.query_params["lang"] = lang
        page.run()
        assert not page.exception
        return page

    return run


def _put_up(path: Path, hours: str = "07:00-19:00") -> None:
    """Plan a shift of the source and put it up, as the duty room does."""
    area = projects.open_area(path, lambda *_: None)
    assert not isinstance(area, str)
    assert area is not None
    plan = deployment.deploy(area, crew.simple(area, FRIDAY, hours, posts=2, cars=1))
    st.session_state["chosen"] = path
    posting.put(plan, area.key)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_wall_shows_the_present_hour_of_the_place(visit: Start, lang: Lang) -> None:
    said = html(visit(lang=lang))
    assert text("when.hours", lang, hour=12, next=13) in said
    assert "2026-05-08" in said
    assert text("weekday.fri", lang) in said
    assert text("light.day", lang) in said


def test_a_holiday_is_named(visit: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "instant", lambda: dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC))
    assert text("holiday.labour_day", "zh") in html(visit())


def test_another_hour_is_another_ranking(
    visit: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit()
    noon = html(page)
    monkeypatch.setattr(wall, "instant", lambda: NOON + dt.timedelta(minutes=54))
    page.run()
    assert html(page) == noon
    monkeypatch.setattr(wall, "instant", lambda: NOON + dt.timedelta(hours=10))
    page.run()
    assert text("when.hours", "zh", hour=22, next=23) in html(page)
    assert text("light.dark", "zh") in html(page)


def test_an_hour_that_comes_twice_in_autumn_is_no_stumbling_block(
    visit: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in (0, 1):
        at = dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC)
        monkeypatch.setattr(wall, "instant", lambda at=at: at)
        page = visit()
        assert text("when.hours", "zh", hour=2, next=3) in html(page)
        assert not page.error


def test_a_year_without_a_calendar_is_said_and_the_year_is_shown(
    visit: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "instant", lambda: dt.datetime(2031, 5, 8, tzinfo=dt.UTC))
    page = visit()
    assert len(page.error) == 1
    assert text("when.all_year", "zh") in html(page)


def test_each_road_is_one_place(visit: Start) -> None:
    assert html(visit()).count("<li>") == 2


def test_names_are_text(visit: Start, folder: Path) -> None:
    _put_up(folder / "town" / "area.toml")
    said = html(visit())
    assert "<img src=x" not in said
    assert said.count("&lt;img src=x") >= 2


@pytest.mark.parametrize("area", ["town/area.toml", "bare.osm"])
def test_a_plan_that_is_put_up_is_seen_by_another_visitor(
    visit: Start, folder: Path, area: str
) -> None:
    assert text("wall.no_plan", "zh") in html(visit(area))
    _put_up(folder / area)
    said = html(visit(area))
    assert text("wall.no_plan", "zh") not in said
    assert all(f"<b>{unit}</b>" in said for unit in ("P1", "P2", "C1"))
    shift = text("wall.shift", "zh", date="05-08", first="07:00", last="19:00")
    assert shift in said


def test_a_plan_of_another_area_is_not_shown(visit: Start, folder: Path) -> None:
    _put_up(folder / "town" / "area.toml")
    assert text("wall.no_plan", "zh") in html(visit("bare.osm"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_before_its_shift_a_plan_says_who_will_begin_where(
    visit: Start, folder: Path, lang: Lang
) -> None:
    _put_up(folder / "town" / "area.toml", "19:00-07:00")
    shift = text("wall.shift", lang, date="05-08", first="19:00", last="07:00+1")
    said = html(visit(lang=lang))
    assert text("wall.next", lang) in said
    assert text("wall.from", lang, shift=shift, first="19:00") in said
    assert all(f"<b>{unit}</b>" in said for unit in ("P1", "P2", "C1"))
    assert text("wall.duty", lang) not in said
    assert text("wall.off", lang, shift=shift) not in said


def test_after_its_shift_a_plan_is_named_and_what_to_do(
    visit: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_up(folder / "town" / "area.toml", "19:00-07:00")
    monkeypatch.setattr(wall, "instant", lambda: NOON + dt.timedelta(hours=19))
    shift = text("wall.shift", "zh", date="05-08", first="19:00", last="07:00+1")
    said = html(visit())
    assert text("wall.off", "zh", shift=shift) in said
    assert "<b>P1</b>" not in said


def test_a_damaged_plan_is_one_line_and_the_wall_goes_on(visit: Start, folder: Path) -> None:
    (folder / "town" / "wall.json").write_text('{"version": 0}', encoding="utf-8")
    said = html(visit())
    assert text("wall.damaged", "zh") in said
    assert said.count("<li>") == 2


def test_a_plan_survives_the_server_and_does_not_assess_the_area_anew(
    visit: Start, folder: Path
) -> None:
    path = folder / "town" / "area.toml"
    _put_up(path)
    before = projects.opened(path)
    assert before is not None
    (folder / "town" / "wall.json").touch()
    (folder / "town" / "wall.json.part").write_text("x", encoding="utf-8")
    assert projects.opened(path) is before
    st.cache_resource.clear()  # as a new server
    assert "<b>P1</b>" in html(visit())


def test_the_area_stays_up_while_its_folder_is_broken(visit: Start, folder: Path) -> None:
    page = visit()
    places = html(page)
    (folder / "town" / "area.toml").write_text("extract = 5\n", encoding="utf-8")
    page.run()
    assert len(page.error) == 1
    assert html(page) == places


def test_the_file_holds_nothing_but_what_the_wall_shows(folder: Path) -> None:
    path = folder / "town" / "area.toml"
    _put_up(path)
    shown = posted.read(path.with_name(projects.WALL))
    assert shown is not None
    assert {row.kind for row in shown.rows} <= set(posted.KINDS)
    assert str(folder) not in path.with_name(projects.WALL).read_text(encoding="utf-8")
