"""The page's own widgets, without a browser; the map itself is in `tests/browser`."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import riskmap
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import layers

ROOT = Path(__file__).parents[1]
START = ROOT / "riskmap" / "pages" / "start.py"
TOWN = ROOT / "tests" / "browser" / "hostile.osm"

Start = Callable[..., AppTest]

PART = """
import streamlit as st
from riskmap.pages import {part}, frame
frame.begin()
st.session_state["rooms"] = []
{part}.show()
"""
"""Run a part of a room as a page of its own."""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """
    Run the page on a folder that holds the named files, without the sample.

    `part` names the module of another part than the first, `address` what the address says.
    """
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("RISKMAP_DATA", str(folder))
    monkeypatch.setattr("riskmap.sample", lambda: tmp_path / "none.osm.pbf", raising=False)

    def run(
        part: str = "", address: Mapping[str, str] | None = None, **files: bytes | Path
    ) -> AppTest:
        for name, content in files.items():
            target = folder / f"{name}.osm"
            if isinstance(content, Path):
                shutil.copy(content, target)
            else:
                target.write_bytes(content)
        if part:
            page = AppTest.from_string(PART.format(part=part), default_timeout=60)
        else:
            page = AppTest.from_file(str(START), default_timeout=60)
        for name, said in (address or {}).items():
            page.query_params[name] = said
        page.run()
        assert not page.exception
        return page

    return run


def worst_rows(page: AppTest) -> list[dict[str, str]]:
    """Rows of the short list beside the map."""
    (table,) = (
        part.proto for part in page.get("bidi_component")
        if part.proto.component_name == "riskmap_road_rows"
    )  # fmt: skip
    rows: list[dict[str, str]] = json.loads(table.json)["rows"]
    return rows


def html(page: AppTest) -> str:
    """What the page says in its own marks, from top to bottom."""
    return "".join(element.proto.body for element in page.get("html"))


def test_the_page_begins_in_chinese(start: Start) -> None:
    page = start(town=TOWN)
    assert text("card.hint", "zh") in [caption.value for caption in page.caption]


def test_the_language_switch_turns_every_word(start: Start) -> None:
    page = start(town=TOWN)
    page.session_state["lang"] = "en"
    page.run()
    assert text("card.hint", "en") in [caption.value for caption in page.caption]


def test_the_first_row_leads_to_three_rooms(start: Start) -> None:
    page = start(town=TOWN)
    labels = {link.proto.label for link in page.get("page_link")}
    rooms = {text(f"app.{room}", "zh") for room in ("command", "planning", "data")}
    # the wall is no room: it has no header
    assert labels == rooms | {text("app.wall", "zh")}


def test_every_way_out_of_a_room_carries_the_area_from_the_first_run_on(start: Start) -> None:
    page = start(town=TOWN)
    assert all("area=town.osm" in link.proto.query_string for link in page.get("page_link"))


def test_an_area_without_points_and_records_says_what_to_put_where(start: Start) -> None:
    lane = (
        b'<osm version="0.6"><node id="1" version="1" lat="47.1" lon="9.5"/>'
        b'<node id="2" version="1" lat="47.1" lon="9.501"/><way id="1" version="1">'
        b'<nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way></osm>'
    )
    page = start(bare=lane)
    assert text("layers.no_points", "zh") in [box.value.replace("\\", "") for box in page.info]
    captions = [caption.value.replace("\\", "") for caption in page.caption]
    assert text("layers.no_crashes", "zh") in captions


def test_an_empty_folder_says_what_to_put_where(start: Start) -> None:
    page = start()
    assert [box.value for box in page.info] == [text("source.none", "zh")]


def test_a_file_that_is_no_extract_gives_one_line(start: Start) -> None:
    page = start(broken=b"this is no OSM file")
    assert len(page.error) == 1
    assert "\n" not in page.error[0].value
    assert "Traceback" not in page.error[0].value


def test_a_defect_gives_words_and_a_log(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "secret detail"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("riskmap.assess", fail, raising=False)
    page = start(town=TOWN)
    assert [box.value for box in page.error] == [text("source.failed", "zh")]
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (RiskmapError("tiles: cannot be written (disk full)"), "disk full"),
        (ZeroDivisionError("secret detail"), text("map.see_log", "zh")),
    ],
)
def test_tiles_that_cannot_be_cut_give_one_error_and_leave_the_list(
    start: Start, monkeypatch: pytest.MonkeyPatch, fault: Exception, why: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("riskmap.webmap.tiles.cut", fail)
    page = start(town=TOWN)
    (error,) = page.error
    assert why in error.value
    assert "secret" not in error.value
    assert worst_rows(page)


def test_a_road_that_is_chosen_has_a_card_that_can_be_closed(start: Start) -> None:
    page = start(town=TOWN)
    ids = [row["id"] for row in worst_rows(page)]
    area = riskmap.assess(TOWN)
    assert ids == list(area.scores()["harm_per_km"][ids].sort_values(ascending=False).index)
    page.session_state["selected"] = riskmap.assess(TOWN).segments.index[0]
    page.run()
    assert not page.exception
    assert text("card.why", "zh") in html(page)
    page.button(key="close").click().run()
    assert text("card.why", "zh") not in html(page)


def test_a_layer_that_is_switched_off_leaves_the_count(start: Start) -> None:
    page = start(town=TOWN)
    area = riskmap.assess(TOWN)
    assert all(page.toggle(key=f"layer {name}").value for name in area.layers)
    assert len(area.features("school")) == 1
    page.toggle(key="layer school").set_value(False).run()
    assert not page.exception
    assert not page.toggle(key="layer school").value
    all_ = len(area.layers)
    labels = [box.proto.popover.label for box in page.get("popover")]
    assert text("layers.label", "zh", on=all_ - 1, all=all_) in labels


def test_a_layer_without_symbols_says_what_it_has_and_has_nothing_to_switch(start: Start) -> None:
    page = start(town=TOWN)
    area = riskmap.assess(TOWN)
    for name, layer in area.layers.items():
        toggle = page.toggle(key=f"layer {name}")
        assert toggle.disabled == (len(area.features(name)) == 0)
        assert toggle.label.startswith(layer.title["zh"])
    told = page.toggle(key="layer cemetery").label
    assert told == text("layers.row", "zh", title=area.layers["cemetery"].title["zh"], count=0)
    curves = area.touched("curve")
    km = area.segments.loc[curves.index[~curves["unknown"]], "length_m"].sum() / 1000
    group = layers.extent(area).loc["curve"]
    assert group["km"] == pytest.approx(km)
    assert group["group"] == ("roads" if km else "nothing")
    dark = layers.extent(area).loc["dark"]
    assert (dark["unknown"], dark["group"]) == (1.0, "roads")


# --- what if -----------------------------------------------------------------------------------


def test_a_scenario_changes_the_scores_and_says_so(start: Start) -> None:
    page = start(town=TOWN)
    before = worst_rows(page)
    page.session_state["scenario-zh"] = "drink_drive_checks"
    page.run()
    assert not page.exception
    assert text("whatif.mark", "zh", what="夜间酒驾整治") in html(page)
    assert len(worst_rows(page)) == len(before)
    page.session_state["scenario-zh"] = ""
    page.run()
    assert "夜间酒驾整治" not in html(page)


def test_weather_waits_for_a_kind_of_day(start: Start) -> None:
    page = start(town=TOWN)
    assert page.selectbox(key="weather-zh").disabled
    page.session_state["when"] = "kind"
    page.run()
    page.selectbox(key="weather-zh").set_value("ice").run()
    assert not page.exception
    assert text("whatif.mark", "zh", what=text("weather.ice", "zh")) in html(page)


def test_a_broken_scenario_leaves_the_page_standing(start: Start, tmp_path: Path) -> None:
    home = tmp_path / "data" / "town"
    (home / "scenarios").mkdir(parents=True)
    (home / "scenarios" / "bad.toml").write_text("[layers\n", encoding="utf-8")
    shutil.copy(TOWN, home / "town.osm")
    (home / "area.toml").write_text('extract = "town.osm"\n', encoding="utf-8")
    page = start()
    page.session_state["scenario-zh"] = "bad"
    page.run()
    assert ["is not TOML" in box.value for box in page.error] == [True]
    assert worst_rows(page)


def test_all_layers_are_switched_at_once(start: Start) -> None:
    page = start(town=TOWN)
    names = list(riskmap.assess(TOWN).layers)
    page.button(key="none").click().run()
    assert not any(page.toggle(key=f"layer {name}").value for name in names)
    page.button(key="all").click().run()
    assert all(page.toggle(key=f"layer {name}").value for name in names)


# --- data and methods --------------------------------------------------------------------------


def draw_data(area: "riskmap.Area", lang: "Lang") -> None:
    """Run the room as a page of its own."""
    from riskmap.pages import data  # noqa: PLC0415  # the function's text is the whole script

    data._room(area, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_room_of_data_shows_lists_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    home = tmp_path / "town"
    lists = home / "data" / "points"
    lists.mkdir(parents=True)
    shutil.copy(TOWN, home / "town.osm")
    project = home / "area.toml"
    project.write_text('extract = "town.osm"\n', encoding="utf-8")
    (lists / "school.csv").write_text("lon,lat\n0,0\n", encoding="utf-8")
    monkeypatch.setenv("RISKMAP_CACHE", str(tmp_path / "cache"))
    found = riskmap.assess(project)

    page = AppTest.from_function(draw_data, args=(found, lang), default_timeout=60).run()
    assert not page.exception
    reasons = " ".join(str(v) for table in page.dataframe for v in table.value.to_numpy().ravel())
    assert "0/0" in reasons
    judged = sum(e.grade == "D" for own in found.layers.values() for e in own.effects)
    assert any(str(judged) in caption.value for caption in page.caption)


def test_the_room_of_data_without_lists_says_what_to_do(tmp_path: Path) -> None:
    found = riskmap.assess(TOWN, cache=tmp_path)

    page = AppTest.from_function(draw_data, args=(found, "en"), default_timeout=60).run()
    assert any("templates" in box.value for box in page.info)


# --- from room to room -------------------------------------------------------------------------


def _project(folder: Path, more: str = "") -> Path:
    """Make a project of the town in the page's data folder."""
    home = folder / "data" / "town"
    home.mkdir(parents=True)
    shutil.copy(TOWN, home / "town.osm")
    project = home / "area.toml"
    project.write_text(f'extract = "town.osm"\n{more}', encoding="utf-8")
    return project


def test_a_scenario_and_the_weather_stay_when_the_language_changes(start: Start) -> None:
    page = start(town=TOWN)
    page.session_state["when"] = "kind"
    page.run()
    page.selectbox(key="scenario-zh").set_value("drink_drive_checks").run()
    page.selectbox(key="weather-zh").set_value("ice").run()
    page.session_state["lang"] = "en"
    page.run()
    assert not page.exception
    assert page.selectbox(key="scenario-en").value == "drink_drive_checks"
    assert page.selectbox(key="weather-en").value == "ice"
    page.selectbox(key="scenario-en").set_value("").run()
    page.session_state["lang"] = "zh"
    page.run()
    assert not page.selectbox(key="scenario-zh").value
    assert page.selectbox(key="weather-zh").value == "ice"


def test_a_project_whose_scenario_is_a_file_opens_and_says_so(
    start: Start, tmp_path: Path
) -> None:
    overlay = tmp_path / "ours.toml"
    overlay.write_text(
        'title = { zh = "甲", en = "A" }\nwhy = { zh = "乙", en = "B" }\n'
        "[layers.school]\nscale = 2.0\n",
        encoding="utf-8",
    )
    _project(tmp_path, f'scenario = "{overlay}"\n')
    page = start()
    assert [box.value for box in page.error] == []
    assert text("whatif.mark", "zh", what="ours") in html(page)
