"""The page about crash records: what is there, what it teaches, the hold-out, the import."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import riskmap
from riskmap import prone
from riskmap.area import Area
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import account, card, holdout, learned
from riskmap.webmap.crash_points import FAINTEST, LOOKS, crash_points, legend
from riskmap.webmap.folium_map import map_html
from riskmap.webmap.geometry import SCALE, pack

TOWN = Path(__file__).parent / "browser" / "hostile.osm"
HAN = re.compile(r"[\u3400-\u9fff]")
SECRETS = ("张三丰", "13907010123", "36068119900307421X", "赣L12345")
LON = np.linspace(9.5005, 9.5115, 12)
YEARS = (2021, 2022, 2023, 2024)


def records(years: tuple[int, ...] = YEARS, months: range = range(1, 13)) -> pd.DataFrame:
    """Two crashes a month along the main road, one a year in the sea, one far from any road."""
    severity = ["fatal", "serious", "minor", "damage"]
    rows = [
        {"date": f"{year}-{month:02}-{day:02}", "lon": LON[(month + day) % 12], "lat": 47.1,
         "severity": severity[(month + day) % 4], "crs": "WGS84", "姓名": SECRETS[0]}
        for year in years for month in months for day in (3, 17)
    ]  # fmt: skip
    for year in years:
        rows.append(rows[0] | {"date": f"{year}-02-05", "lon": 0.0, "lat": 0.0})
        rows.append(rows[0] | {"date": f"{year}-02-06", "lat": 47.1005})
    return pd.DataFrame(rows)


def project(home: Path, table: pd.DataFrame | None) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(TOWN, home / "town.osm")
    path = home / "area.toml"
    path.write_text('name = "Town"\nextract = "town.osm"\n', encoding="utf-8")
    if table is not None:
        (home / "data" / "crashes").mkdir(parents=True)
        table.to_csv(home / "data" / "crashes" / "own.csv", index=False)
    return path


@pytest.fixture(scope="module")
def bare() -> Area:
    return riskmap.assess(TOWN, cache=False)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Area:
    return riskmap.assess(project(tmp_path_factory.mktemp("town"), records()), cache=False)


def _draw(area: "riskmap.Area", lang: "Lang", section: str) -> None:
    """Run the page as a script of its own."""
    import streamlit as st  # noqa: PLC0415  # the function's text is the whole script

    from riskmap.pages import records  # noqa: PLC0415  # AppTest runs it as a script of its own

    st.session_state.setdefault("records", section)
    records.show(area, lang)


def _page(area: Area, lang: Lang, section: str = "read") -> AppTest:
    page = AppTest.from_function(_draw, args=(area, lang, section), default_timeout=180).run()
    assert not page.exception
    return page


def _words(page: AppTest) -> str:
    html = " ".join(element.proto.body for element in page.get("html"))
    said = [re.sub(r"<style>.*?</style>|<[^>]*>", " ", html)]
    said += [e.value for e in (*page.caption, *page.markdown, *page.info, *page.error)]
    said += [button.label for button in page.button]
    for table in page.dataframe:
        said += [" ".join(map(str, table.value.columns)), " ".join(map(str, table.value.to_numpy().ravel()))]  # noqa: E501  # one cell after the other
    return " ".join(said).replace("\\", "")


# --- what was read -------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_records_it_says_what_to_hand_in(bare: Area, lang: Lang) -> None:
    page = _page(bare, lang)
    assert text("records.none", lang) in _words(page)
    assert len(page.get("file_uploader")) == 1


def test_the_line_accounts_for_every_row(taught: Area) -> None:
    assert taught.crashes is not None
    said = account.counted(taught.crashes, "en")
    assert said.startswith("2021–2024: 104 rows; ")
    numbers = [int(n) for n in re.findall(r"; (\d+) ", said)]
    assert sum(numbers) == 104
    assert "4 off the network" in said
    assert "4 rows dropped" in said


def test_crashes_are_counted_by_year_and_severity(taught: Area) -> None:
    assert taught.crashes is not None
    table = account.by_year(taught.crashes)
    assert table.index.tolist() == list(YEARS)
    assert table["used"].tolist() == [24] * 4
    assert table["left"].tolist() == [1] * 4
    severities = table[["fatal", "serious", "minor", "injury", "damage", "unknown"]]
    assert severities.sum(axis=1).tolist() == [25] * 4


def test_a_year_half_covered_is_pale_and_says_its_months(tmp_path: Path) -> None:
    # five a month: an empty month is then no chance
    whole = pd.concat([records((2022, 2023))] * 3).assign(lat=lambda t: t["lat"] + np.arange(len(t)) * 1e-7)  # noqa: E501
    half = pd.concat([records((2024,), range(1, 7))] * 3).assign(lat=lambda t: t["lat"] + np.arange(len(t)) * 1e-7)  # noqa: E501
    area = riskmap.assess(project(tmp_path, pd.concat([whole, half])), cache=False)
    assert area.crashes is not None
    assert account.by_year(area.crashes)["covered"].round(2).tolist() == [1.0, 1.0, 0.5]
    assert text("records.months", "en", months=6) in _words(_page(area, "en"))
    drawn = json.loads(account.chart(area.crashes, "en").to_json())
    pale = drawn["encoding"]["opacity"]["condition"]
    assert (pale["test"], pale["value"]) == ("(datum.covered < 1)", 0.45)
    rows = [row for data in drawn["datasets"].values() for row in data]
    assert {row["year"] for row in rows if row["covered"] < 1} == {2024}


@pytest.mark.parametrize("section", ["read", "learned", "helped", "prone", "upload"])
def test_the_english_page_holds_no_chinese_and_no_person(taught: Area, section: str) -> None:
    words = _words(_page(taught, "en", section))
    assert HAN.findall(words) == []
    for secret in SECRETS:
        assert secret not in words


def test_the_report_begins_with_what_needs_doing(taught: Area) -> None:
    outcome = text("data.column.outcome", "en")
    tables = [t.value for t in _page(taught, "en").dataframe]
    shown = next(t for t in tables if text("data.column.why", "en") in t)
    counted = {"note": 1, "dropped": 4, "off the network": 4}
    assert shown[outcome].value_counts().to_dict() == counted
    assert "4 rows" in shown.loc[shown[outcome] == "note", text("data.column.why", "en")].iloc[0]


def test_crash_records_are_not_among_the_lists_of_the_brigade(taught: Area) -> None:
    from riskmap.pages import loaded  # noqa: PLC0415  # of this claim alone

    html = loaded.table(taught, "area.toml", [], "en")
    assert text("data.loaded.no_lists", "en") in html
    said = text("data.loaded.records_are", "en", years="2021–2024", rows=104, used=96)
    assert said in html


# --- evidence and local --------------------------------------------------------------------------


def test_every_layer_that_learns_stands_beside_its_evidence(taught: Area) -> None:
    assert taught.learned is not None
    table = learned.layers(taught, taught.learned, "en")
    own = taught.learned.parameters[taught.learned.parameters["kind"] == "layer"]
    assert len(table) == len(own) > 0
    assert (table["evidence_low"] < table["evidence"]).all()
    assert (table["low"] < table["local"]).all()
    assert (table["local"] < table["high"]).all()


def test_a_factor_is_moved_by_what_was_learned(taught: Area) -> None:
    assert taught.learned is not None
    own = taught.learned.parameters.query("kind == 'layer' and name == 'school'").iloc[0]
    row = learned.layers(taught, taught.learned, "en").set_index("title").loc[
        taught.layers["school"].title["en"]
    ]
    assert row["local"] / row["evidence"] == pytest.approx(np.exp(own["local"]))
    assert row["high"] / row["low"] == pytest.approx(np.exp(2 * 1.2816 * own["local_sd"]))


def test_what_taught_nothing_says_so_and_has_no_local_point(taught: Area) -> None:
    assert taught.learned is not None
    parameters = taught.learned.parameters.assign(crashes=0.0)
    table = learned.layers(taught, replace(taught.learned, parameters=parameters), "en")
    assert set(table["state"]) == {"none"}
    drawn = json.loads(learned.dumbbell(table, "en").to_json())
    rows = [row for data in drawn["datasets"].values() for row in data if "which" in row]
    assert {row["which"] for row in rows} == {text("learned.evidence", "en")}


def test_the_clock_is_drawn_by_day_as_times_of_the_evidence() -> None:
    rhythm = np.zeros((2, 24))
    rhythm[1, 2] = np.log(3.0)
    drawn = json.loads(learned.clock(rhythm, "en").to_json())
    rows = pd.DataFrame([
        row for data in drawn["datasets"].values() for row in data if "factor" in row
    ])
    free = rows[rows["day"] == text("learned.day.free", "en")].set_index("hour")["factor"]
    assert free[2] == pytest.approx(3.0)
    assert (rows["factor"] == 1.0).sum() == 47


@pytest.mark.parametrize("lang", LANGUAGES)
def test_records_without_hours_say_so(taught: Area, lang: Lang) -> None:
    page = _page(taught, lang, "learned")
    assert text("learned.timeless", lang) in _words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_crash_on_the_roads_nothing_was_learned(taught: Area, lang: Lang) -> None:
    assert taught.learned is not None
    for none in (None, replace(taught.learned, counts=replace(
        taught.learned.counts,
        crashes={kind: 0 * found for kind, found in taught.learned.counts.crashes.items()},
    ))):  # fmt: skip
        page = _page(replace(taught, learned=none), lang, "learned")
        assert text("learned.nothing", lang) in _words(page)


# --- the hold-out --------------------------------------------------------------------------------


def test_the_years_to_test_on_follow_those_to_learn_from() -> None:
    assert holdout.spans([2019, 2021, 2022], 2021) == ((2019, 2020), (2021, 2022))


def test_a_single_year_can_not_be_held_out(tmp_path: Path) -> None:
    area = riskmap.assess(project(tmp_path, records((2024,))), cache=False)
    page = _page(area, "en", "holdout")
    assert text("holdout.years", "en", years="2024–2024") in _words(page)
    assert not page.button


def test_the_verdict_waits_for_its_button_and_is_then_kept(
    taught: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdout, "REPLICATES", 20)
    runs = []
    real = holdout.backtest.run

    def counted(*given: object, **options: object) -> object:
        runs.append(options["train"])
        return real(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(holdout.backtest, "run", counted)
    area = replace(taught, key="hold-out")
    page = _page(area, "en", "holdout")
    assert runs == []
    page.button(key="holdout run").click().run()
    assert not page.exception
    assert 'id="rm-verdict"' in "".join(e.proto.body for e in page.get("html"))
    page.run()
    assert 'id="rm-verdict"' in "".join(e.proto.body for e in page.get("html"))
    assert runs == [(2021, 2022)]


def test_a_hold_out_that_can_not_be_done_gives_one_line(
    taught: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise riskmap.RiskmapError("records: no crash lies on a road that is ranked")

    monkeypatch.setattr(holdout.backtest, "run", refuse)
    page = _page(replace(taught, key="refused"), "en", "holdout")
    page.button(key="holdout run").click().run()
    assert [e.value.replace("\\", "") for e in page.error] == [
        "records: no crash lies on a road that is ranked"
    ]


# --- the card of a road --------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_says_what_records_make_of_the_road(taught: Area, bare: Area, lang: Lang) -> None:
    site = str(taught.model.crashes().idxmax())
    own = taught.learned.segments.loc[site]
    said = card._numbers(taught, taught.scores(), None, site, lang)
    assert text("card.recorded", lang) in said
    assert f"{100 * own['worse']:.0f}" in said
    assert text("card.recorded", lang) not in card._numbers(
        bare, bare.scores(), None, site, lang
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_counts_the_crashes_on_record_there(taught: Area, bare: Area, lang: Lang) -> None:
    assert taught.crashes is not None
    table = taught.crashes.table
    placed = table[table["outcome"].isin(["link", "junction"])]
    row = int(placed["segment"].mode()[0])
    own = placed[placed["segment"] == row]
    said = card._crashes(taught, taught.segments.index[row], lang)
    assert f" {len(own)} " in said.replace("(", " ")
    for name, count in own["severity"].value_counts().items():
        assert f"{text(f'crash.severity.{name}', lang)} {count}" in said
    assert f"{own['date'].max():%Y-%m-%d}" in said
    empty = next(n for n in range(len(taught.segments)) if n not in set(placed["segment"]))
    first, last = taught.crashes.years.index.min(), taught.crashes.years.index.max()
    assert card._crashes(taught, taught.segments.index[empty], lang) == text(
        "card.crashes_none", lang, first=first, last=last
    )
    assert not card._crashes(bare, bare.segments.index[0], lang)


# --- before and after ----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_study_is_asked_for_and_read_out_or_says_what_is_missing(
    taught: Area, lang: Lang
) -> None:
    page = _page(taught, lang, "helped")
    assert [box.value for box in page.text_input] == ["2021..2021", "2024..2024"]
    page.text_area[0].set_value("w98.7-6.5")
    page.button(key="helped run").click().run()
    assert "is not in" in page.error[0].value
    site = str(taught.model.crashes().idxmax())
    page.text_area[0].set_value(site)
    page.text_input[0].set_value("2021..2024")
    page.button(key="helped run").click().run()
    assert "must not overlap" in page.error[0].value
    page.text_input[0].set_value("2021..2022")
    page.text_input[1].set_value("2023..2024")
    page.button(key="helped run").click().run()
    # the town is too small to have anything to compare with
    assert "comparison group" in page.error[0].value
    assert not page.exception


# --- accident-prone sections ---------------------------------------------------------------------


def test_sections_that_a_rule_names_are_listed_with_their_rule(taught: Area) -> None:
    assert taught.crashes is not None
    found = prone.sections(taught.crashes, taught.network, taught.parameters, lang="en")
    assert len(found) > 0
    page = _page(taught, "en", "prone")
    assert text("prone.said", "en", count=len(found)) in _words(page)
    shown = page.dataframe[0].value
    assert shown[text("records.column.rule", "en")].tolist() == found["rule"].tolist()
    # the records count no people
    assert shown[text("records.column.killed", "en")].isna().all() == (found["killed"] < 0).all()


def test_without_a_crash_on_the_roads_there_are_no_sections_and_no_fault(taught: Area) -> None:
    assert taught.crashes is not None
    nowhere = taught.crashes.table.assign(outcome="off")
    area = replace(taught, key="nowhere", crashes=replace(taught.crashes, table=nowhere))
    page = _page(area, "en", "prone")
    assert len(page.info) == 1
    assert not page.dataframe


# --- the map -------------------------------------------------------------------------------------


def test_crash_points_come_back_to_within_a_step(taught: Area) -> None:
    assert taught.crashes is not None
    sent = crash_points(taught)
    places = np.cumsum(np.reshape(sent["points"], (-1, 2)), axis=0) / SCALE
    table = taught.crashes.table[["lon", "lat"]].to_numpy()
    assert len(places) == len(table)
    order = [np.lexsort(part.T.round(6)) for part in (places, table)]
    assert np.abs(places[order[0]] - table[order[1]]).max() <= 1e-6


def test_the_worst_lie_on_top_and_the_old_are_pale(taught: Area) -> None:
    sent = crash_points(taught)
    assert sent["severity"] == sorted(sent["severity"], reverse=True)
    by_year = dict(zip(sent["year"], sent["opacity"], strict=True))
    assert by_year == {2021: round(100 * FAINTEST), 2022: 53, 2023: 77, 2024: 100}


def test_a_point_says_place_severity_and_year_and_nothing_else(taught: Area) -> None:
    assert set(crash_points(taught)) == {"points", "severity", "opacity", "year"}


def test_the_legend_names_what_is_there(taught: Area) -> None:
    there = [look["there"] for look in legend(taught, "en")["looks"]]
    assert dict(zip(LOOKS, there, strict=True)) == {
        "fatal": True, "serious": True, "minor": True, "injury": False, "damage": True,
        "unknown": False,
    }  # fmt: skip


def test_a_map_to_pass_on_holds_no_crash_unless_asked(taught: Area) -> None:
    assert '"severity":[' not in map_html(taught, lang="en")
    assert '"severity":[' in map_html(taught, lang="en", crashes=True)


def test_an_area_without_records_has_no_points(bare: Area) -> None:
    assert crash_points(bare) == {"points": [], "severity": [], "opacity": [], "year": []}
    assert "crashes" not in json.loads(pack(bare)[1][64:])


# --- the import ----------------------------------------------------------------------------------


def _import(area: "riskmap.Area", lang: "Lang", project: "str | None") -> None:
    """Run the import as a script of its own."""
    from pathlib import Path  # noqa: PLC0415  # the function's text is the whole script

    import streamlit as st  # noqa: PLC0415

    from riskmap.pages import upload  # noqa: PLC0415

    st.session_state["chosen"] = Path(project) if project else None
    upload.show(area, lang)


def _given(area: Area, project: Path | None, table: pd.DataFrame, name: str = "new.csv") -> AppTest:
    given = None if project is None else str(project)
    page = AppTest.from_function(_import, args=(area, "en", given), default_timeout=120).run()
    content = table.to_csv(index=False).encode()
    page.file_uploader[0].upload(name, content, "text/csv").run()
    assert not page.exception
    return page


def test_an_import_is_checked_row_by_row_before_anything_is_kept(
    bare: Area, tmp_path: Path
) -> None:
    home = project(tmp_path / "town", None)
    page = _given(bare, home, records())
    words = _words(page)
    assert "104 rows" in words
    assert "4 rows dropped" in words
    assert "severity → severity" in words
    assert not (home.parent / "data").exists()


def test_what_is_kept_holds_no_person_and_is_assessed(bare: Area, tmp_path: Path) -> None:
    home = project(tmp_path / "town", None)
    secret = records().assign(电话=SECRETS[1], type=f"追尾 {SECRETS[3]}", 证件号=SECRETS[2])
    page = _given(bare, home, secret)
    page.button(key="keep records").click().run()
    assert not page.exception
    written = [path for path in home.parent.rglob("*") if path.is_file()]
    assert sorted(p.name for p in written) == ["area.toml", "new.csv", "town.osm"]
    for path in written:
        for word in SECRETS:
            assert word not in path.read_text(encoding="utf-8")
    found = riskmap.assess(home, cache=False)
    assert found.crashes is not None
    assert len(found.crashes.table) == 100
    assert "new.csv" in _words(page)
    assert "checked records" not in page.session_state


def test_records_that_another_file_has_are_told_before_they_count_twice(
    taught: Area, tmp_path: Path
) -> None:
    home = project(tmp_path / "town", records())
    page = _given(taught, home, records())
    said = text("records.again", "en", count=100, all=100)
    assert [box.value.replace("\\", "") for box in page.warning] == [said]
    page = _given(taught, home, records(), "own.csv")
    assert not page.warning
    assert page.button(key="keep records").label == text("records.replace", "en", file="own.csv")


def test_a_file_in_the_project_can_be_removed(taught: Area, tmp_path: Path) -> None:
    home = project(tmp_path / "town", records())
    page = AppTest.from_function(_import, args=(taught, "en", str(home)), default_timeout=120)
    page.run().button(key="remove own.csv").click().run()
    assert not page.exception
    assert not (home.parent / "data" / "crashes").exists()


def test_an_extract_alone_can_be_checked_against_but_keeps_nothing(bare: Area) -> None:
    page = _given(bare, None, records())
    assert text("records.no_project", "en") in _words(page)
    assert "keep records" not in [button.key for button in page.button]


def test_a_file_without_a_usable_row_is_not_kept(bare: Area, tmp_path: Path) -> None:
    page = _given(bare, project(tmp_path / "t", None), records().assign(lon=0.0, lat=0.0))
    assert [box.value.replace("\\", "") for box in page.warning] == [text("records.nothing", "en")]
    assert "keep records" not in [button.key for button in page.button]


def test_a_file_that_can_not_be_read_gives_one_line(bare: Area, tmp_path: Path) -> None:
    home = project(tmp_path / "t", None)
    page = _given(bare, home, pd.DataFrame({"lon": [9.5], "lat": [47.1]}))
    assert len(page.error) == 1
    said = page.error[0].value.replace("\\", "")
    assert said.startswith("new.csv: says of no crash when it happened")
    assert "\n" not in said
