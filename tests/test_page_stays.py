"""What was chosen stays when somebody reports a hazard, and goes with its source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, start
from test_page_address import DRAWN, said
from test_page_when import asked

import riskmap
from riskmap.hazard import Hazard
from riskmap.locale import text
from riskmap.pages import drawn_area
from riskmap.register import Register

__all__ = ["start"]

CORNERS = ((9.49, 47.09), (9.52, 47.09), (9.52, 47.11))


@pytest.fixture
def project(start: Start, tmp_path: Path) -> Path:
    """A project in the folder of the page."""
    assert callable(start)
    home = tmp_path / "data" / "town"
    home.mkdir()
    shutil.copy(TOWN, home / "town.osm")
    (home / "area.toml").write_text('extract = "town.osm"\n', encoding="utf-8")
    return home / "area.toml"


def report(project: Path, page: AppTest) -> None:
    """Somebody reports a hazard, then this visitor does something."""
    before = riskmap.assess(project).key
    register = Register(project.with_name("register.sqlite"))
    register.add(Hazard("hazard", 9.503, 47.1), by="zhang")
    assert riskmap.assess(project).key != before
    page.run()
    assert not page.exception


@pytest.mark.usefixtures("project")
def test_a_page_that_had_to_open_its_source_is_drawn_at_the_same_places_again(
    start: Start,
) -> None:
    page = start()
    places = [*page.main.children]
    page.run()
    assert [*page.main.children] == places


def test_a_hazard_that_is_reported_leaves_the_road_and_the_drawn_area(
    start: Start, project: Path
) -> None:
    road = str(riskmap.assess(project).segments.index[3])
    page = asked(start("places", {"drawn": DRAWN}), selected=road)
    report(project, page)
    assert page.session_state["selected"] == road
    assert page.session_state[drawn_area.NAME] == CORNERS
    assert said(page) == {"road": road, "drawn": DRAWN}


def test_a_hazard_that_is_reported_leaves_the_plan_and_its_age_is_told(
    start: Start, project: Path
) -> None:
    page = asked(start("duty"), duty__posts=2, duty__patrols=0)
    page.button(key="duty plan").click().run()
    assert [one.number for one in page.session_state["plans"]] == [1]
    told = text("duty.since", "zh")
    assert told not in [caption.value for caption in page.caption]
    report(project, page)
    assert [one.number for one in page.session_state["plans"]] == [1]
    assert told in [caption.value for caption in page.caption]
    page.button(key="duty plan").click().run()
    assert not page.exception
    assert [one.number for one in page.session_state["plans"]] == [1, 2]
    assert told not in [caption.value for caption in page.caption]


def test_a_road_that_is_no_longer_there_is_chosen_no_longer(start: Start, project: Path) -> None:
    assert project.is_file()
    page = asked(start("places"), selected="w9.9-9.9")
    assert page.session_state["selected"] is None
    assert said(page) == {}


def test_another_source_begins_anew(start: Start, project: Path) -> None:
    other = project.parents[1] / "other.osm"
    road = str(riskmap.assess(project).segments.index[3])
    link = {"area": "town/area.toml", "drawn": DRAWN}
    page = asked(start("places", link, other=TOWN), selected=road)
    asked(page, **{"source-zh": other})
    assert page.session_state["selected"] is None
    assert page.session_state[drawn_area.NAME] is None
