"""Posts asked for on a card, in the room of the shift."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, start
from test_page_when import asked

import riskmap
from riskmap import wanted
from riskmap.locale import text
from riskmap.pages import asked_posts

__all__ = ["start"]


def shift(start: Start, *rows: int, teams: int = 2) -> tuple[AppTest, list[str]]:
    """The room with posts asked for on some pieces of road."""
    area = riskmap.assess(TOWN)
    ids = [area.segments.index[row] for row in rows]
    page = start("duty", town=TOWN)
    page.session_state[asked_posts.POSTS] = tuple(ids)
    page.session_state["duty posts"] = teams
    page.session_state["duty patrols"] = 0
    page.run()
    assert not page.exception
    return page, ids


def test_the_next_plan_staffs_a_post_that_was_asked_for(start: Start) -> None:
    page, ids = shift(start, 0)
    page.button(key="duty plan").click().run()
    assert not page.exception
    plan = page.session_state["plans"][-1].plan
    (node,) = wanted.posts(riskmap.assess(TOWN), ids)
    found = plan.standing
    for block in found.team.T:
        assert node in found.sites.node[block[block >= 0]]


def test_a_post_is_asked_for_no_longer_once_its_chip_is_clicked(start: Start) -> None:
    page, ids = shift(start, 0, 9)
    page.button(key=f"asked {ids[0]}").click().run()
    assert page.session_state[asked_posts.POSTS] == (ids[1],)
    page.button(key="duty plan").click().run()
    (node,) = wanted.posts(riskmap.assess(TOWN), ids[1:])
    assert page.session_state["plans"][-1].plan.crew.locked == (node,)


def test_posts_stay_asked_for_when_the_shift_is_planned_until_they_are_cleared(
    start: Start,
) -> None:
    page, ids = shift(start, 0, 9)
    page.button(key="duty plan").click().run()
    assert page.session_state[asked_posts.POSTS] == tuple(ids)
    page.button(key="asked clear").click().run()
    assert not page.exception
    assert not [button for button in page.button if str(button.key).startswith("asked ")]
    page.button(key="duty plan").click().run()
    assert page.session_state["plans"][-1].plan.crew.locked == ()


def test_more_posts_than_teams_are_told_with_the_way_out(start: Start) -> None:
    page, _ = shift(start, 0, 9, teams=1)
    page.button(key="duty plan").click().run()
    assert len(page.error) == 1
    assert "2 required posts for 1 teams" in page.error[0].value.replace("\\", "")
    assert page.session_state["plans"] == []


def test_posts_of_another_area_are_not_shown(start: Start) -> None:
    page, _ = shift(start)
    page.session_state[asked_posts.POSTS] = ("w999.1-2.1",)
    page.run()
    assert not page.exception
    assert not [button for button in page.button if str(button.key).startswith("asked ")]


def test_a_card_opens_the_shift_with_its_post(start: Start) -> None:
    road = riskmap.assess(TOWN).segments.index[0]
    page = asked(start(town=TOWN), selected=road)
    page.button(key="make post").click().run()
    assert not page.exception
    assert page.session_state[asked_posts.POSTS] == (road,)
    assert text("duty.plan", "zh") in [button.label for button in page.button]
