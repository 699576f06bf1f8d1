"""One view shows the levels of one rate: per km, or per vehicle-km."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
import streamlit as st
from test_page import TOWN, Start, html, start, worst_rows
from test_page_when import asked

import riskmap
from riskmap.alike import alike
from riskmap.locale import text
from riskmap.webmap.component.component import Told

__all__ = ["start"]

WHERE = [("", "command", "per"), ("places", "places", "by")]
"""Part, its module, and the name in the address of what its map is coloured by."""


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[riskmap.Area]:
    """The town, in which every road is red per vehicle-km, and blue per km."""

    def limits(_: riskmap.Area, by: str = "km") -> dict[str, float]:
        return dict.fromkeys(("red", "orange", "yellow"), 0.0 if by == "mvkm" else float("inf"))

    monkeypatch.setattr(riskmap.Area, "limits", limits)
    st.cache_resource.clear()  # scores by the usual limits
    yield riskmap.assess(TOWN)
    st.cache_resource.clear()


@pytest.mark.parametrize(("part", "module", "name"), WHERE)
@pytest.mark.parametrize(("by", "level"), [("km", "blue"), ("mvkm", "red")])
def test_map_list_and_card_show_the_levels_of_one_rate(
    start: Start, apart: riskmap.Area, monkeypatch: pytest.MonkeyPatch,
    part: str, module: str, name: str, by: str, level: str,
) -> None:  # fmt: skip
    drawn: list[tuple[str, pd.DataFrame]] = []

    def risk_map(*given: object, by: str, **_: object) -> Told:
        scores = given[2]
        assert isinstance(scores, pd.DataFrame)
        drawn.append((by, scores))
        return Told(None, None, None)

    monkeypatch.setattr(f"riskmap.pages.{module}.risk_map", risk_map)
    road = next(road for road in apart.segments.index if len(alike(apart, road)))
    page = asked(start(part, {name: by}, town=TOWN), selected=road)
    said = text(f"level.{level}", "zh")
    assert drawn[-1][0] == by
    assert set(drawn[-1][1]["level"]) == {level}
    levels = {row["said"] for row in worst_rows(page)} if part == "" else set(
        page.dataframe[0].value["level"]
    )
    assert levels == {said}
    assert f'class="badge {level}"' in html(page)
    assert text(f"card.times_of.{by}", "zh", period=text("when.all_year", "zh")) in html(page)
    others = [button.label for button in page.button if str(button.key).startswith("alike ")]
    assert others
    assert all(words.startswith(said) for words in others)
    assert (text("look.mark", "zh") in html(page)) == (by == "mvkm")
