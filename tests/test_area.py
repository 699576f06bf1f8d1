"""One assessed area: its lists, its reasons, its hours; a new layer without a line of code."""

import inspect
import shutil
import types
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from streets import area, effect, extract, layer, rules, street, thing

import riskmap
from riskmap.area import LIST_COLUMNS, Area
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS
from riskmap.layer import Active
from riskmap.layers import read_layers
from riskmap.moments import Moment
from riskmap.resources import packaged
from riskmap.webmap import folium_map

STATION = """\
title  = { zh = "油泵", en = "Fuel pumps" }
why    = { zh = "车辆进出频繁。", en = "Vehicles turn in and out." }
symbol = "people"
[[source]]
osm.amenity = ["fuel"]
[touch]
relation = "near"
full_m   = 100
reach_m  = 300
decay    = "triangular"
[[effect]]
family = "queue"
on     = "likelihood"
factor = 6
grade  = "D"
source = "judgement"
[[example]]
distance_m = 200
touch = 0.5
[advice]
police = [{ zh = "高峰疏导", en = "keep the entrance clear" }]
"""


@pytest.fixture(scope="module")
def country() -> Area:
    """The embedded extract."""
    return riskmap.assess(riskmap.sample(), cache=False)


@pytest.fixture(scope="module")
def town() -> Area:
    """A street along a school and a pub, one beyond, a junction."""
    ways = [
        street((0.0, 0.0), (250.0, 0.0), name="Long Street"),
        street((0.0, 0.0), (-80.0, 0.0), ref="S 1"),
        street((0.0, 0.0), (0.0, 60.0), highway="residential"),
        street((0.0, 900.0), (90.0, 900.0), highway="service"),
    ]
    things = [thing((120.0, 30.0), amenity="school"), thing((20.0, 10.0), amenity="pub")]
    school = layer(
        "school", effect("vulnerable", 4), active=(Active(("school",), ((7.0, 8.5),)),)
    )
    bars = layer("bars", effect("queue", 2, grade="B"), osm={"amenity": ("pub",)})
    return area(extract(ways, things), bars, school)


# --- a layer is a file -------------------------------------------------------------------------


def test_one_file_adds_a_risk_to_score_reasons_list_and_map(country: Area, tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    shutil.copytree(packaged("layers"), folder)
    (folder / "pumps.toml").write_text(STATION, encoding="utf-8")
    found = riskmap.assess(riskmap.sample(), layers=folder, cache=False)
    assert found.layers["pumps"].title["en"] == "Fuel pumps"
    assert set(found.layers) == {*country.layers, "pumps"}
    assert len(found.features("pumps")) > 5
    assert found.coverage().loc["pumps", "touched_km"] > 1
    touched = found.touched("pumps")
    more = (found.model.harm() / country.model.harm()).to_numpy()
    rows = found.segments.index.get_indexer(touched.index)
    assert (more[rows] > 1).all()
    assert np.delete(more, rows) == pytest.approx(1)
    worst = found.reason_table()["pumps"].idxmax()
    reasons = found.reasons(str(worst)).set_index("reason")
    assert reasons.loc["pumps", ["title_zh", "factor", "grade"]].tolist() == ["油泵", 6, "D"]
    lists = found.hotspots(top=None, lang="en").set_index("segment_id")
    assert "Fuel pumps" in lists.loc[worst, "reasons"]
    assert "keep the entrance clear" in lists.loc[worst, "advice"]
    page = folium_map.map_html(found, lang="en")
    assert "Fuel pumps" in page
    assert "Fuel pumps" not in folium_map.map_html(country, lang="en")


# --- a new hour --------------------------------------------------------------------------------


def test_a_new_hour_asks_nothing_geometric(
    country: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("geometry was touched again")

    for name, member in vars(shapely).items():
        if isinstance(member, types.FunctionType | types.BuiltinFunctionType | np.ufunc):
            monkeypatch.setattr(shapely, name, refuse)
    monkeypatch.setattr(shapely.STRtree, "query", refuse)
    monkeypatch.setattr(shapely.STRtree, "query_nearest", refuse)
    monkeypatch.setattr(gpd.GeoSeries, "distance", refuse)
    with pytest.raises(AssertionError, match="touched again"):
        shapely.length(country.segments.geometry.to_numpy())
    rush = country.scores(Moment("school", 7))
    night = country.scores(Moment("weekend", 3))
    assert (rush["harm"] > night["harm"]).all()
    assert country.reason_table(Moment("school", 7)).shape == (len(rush), len(country.layers) + 4)


# --- lists -------------------------------------------------------------------------------------


def test_the_worst_roads_come_first_with_the_columns_of_the_design(town: Area) -> None:
    found = town.hotspots(top=None)
    assert tuple(found.columns) == (*LIST_COLUMNS, "geometry")
    assert found["rank"].tolist() == list(range(1, len(town.segments) + 1))
    assert (np.diff(found["harm_per_km"]) <= 0).all()
    assert sorted(found["segment_id"]) == sorted(town.segments.index)
    assert found.crs == "EPSG:4326"
    assert found["share_of_harm"].sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("by", "column"), [("km", "harm_per_km"), ("mvkm", "harm_per_mvkm"), ("total", "harm")]
)
def test_a_list_is_ranked_by_what_was_asked(town: Area, by: str, column: str) -> None:
    found = town.hotspots(top=3, by=by)  # type: ignore[arg-type]
    scores = town.scores()[column].sort_values(ascending=False)
    assert found["segment_id"].tolist() == scores.index[:3].tolist()


def test_a_list_of_an_hour_has_the_scores_of_that_hour(town: Area) -> None:
    moment = Moment("school", 7)
    found = town.hotspots(top=None, when=moment).set_index("segment_id")
    scores = town.scores(moment).loc[found.index]
    assert found["harm_per_km"].to_numpy() == pytest.approx(scores["harm_per_km"], rel=1e-5)
    assert found["level"].tolist() == scores["level"].tolist()


def test_a_list_names_each_road_by_name_number_or_neither(town: Area) -> None:
    found = town.hotspots(top=None, lang="en").set_index("segment_id")["name"]
    assert found["w1.1-2.1"] == "Long Street"
    assert found["w2.1-3.1"] == "S 1"
    assert found["w3.1-4.1"] not in {"", None}


def test_the_reasons_of_a_list_are_in_its_language(town: Area) -> None:
    zh, en = (town.hotspots(top=None, lang=lang).set_index("segment_id") for lang in ("zh", "en"))
    assert "bars 层" in zh.loc["w1.1-2.1", "reasons"]
    assert "bars layer" in en.loc["w1.1-2.1", "reasons"]
    assert "advice on bars" in en.loc["w1.1-2.1", "advice"]
    assert zh.loc["w4.5-6.1", "advice"] == ""


def test_a_place_on_the_list_is_the_middle_of_the_segment(town: Area) -> None:
    found = town.hotspots(top=None).set_index("segment_id")
    middle = gpd.GeoSeries(
        gpd.points_from_xy(found["lon"], found["lat"]), index=found.index, crs=4326
    ).to_crs(town.segments.crs)
    expected = town.segments.geometry.interpolate(0.5, normalized=True)
    assert (middle.distance(expected.loc[middle.index]) < 0.2).all()


@pytest.mark.parametrize(
    ("options", "fault"),
    [({"by": "speed"}, "--by speed: unknown; use one of"), ({"top": 0}, "--top 0: must be 1")],
)
def test_an_impossible_list_is_refused(town: Area, options: dict[str, object], fault: str) -> None:
    with pytest.raises(RiskmapError, match=fault):
        town.hotspots(**options)  # type: ignore[arg-type]


# --- reasons and hours -------------------------------------------------------------------------


def test_the_reasons_of_a_segment_add_up_and_say_where_they_come_from(town: Area) -> None:
    found = town.reasons("w1.1-2.1")
    assert found["share"].sum() == pytest.approx(1)
    assert (np.diff(found["share"]) <= 0).all()
    bars = found.set_index("reason").loc["bars"]
    assert bars[["title_en", "factor", "grade", "source"]].tolist() == [
        "bars layer", 2.0, "B", "a test",
    ]  # fmt: skip
    base = found.set_index("reason").loc["base"]
    assert base["grade"] == ""
    assert np.isnan(base["factor"])


def test_a_reason_shows_only_while_it_acts(town: Area) -> None:
    rush = town.reasons("w1.1-2.2", Moment("school", 7))
    night = town.reasons("w1.1-2.2", Moment("school", 3))
    assert "school" in set(rush["reason"])
    assert "school" not in set(night["reason"])


@pytest.mark.parametrize("ask", ["reasons", "clock"])
def test_an_unknown_segment_is_named(town: Area, ask: str) -> None:
    with pytest.raises(RiskmapError, match="segment 'w9': not in town; take an id from"):
        getattr(town, ask)("w9")


def test_a_clock_has_the_harm_of_every_hour(town: Area) -> None:
    clock = town.clock("w1.1-2.2")
    assert list(clock.columns) == ["school", "workday", "weekend", "holiday"]
    for day in clock.columns:
        expected = town.scores(Moment(day, 7)).loc["w1.1-2.2", "harm"]
        assert clock.loc[7, day] == pytest.approx(expected, rel=1e-6)
    days = town.model.time.counts.reshape(4, 24)
    year = (clock.to_numpy().T * days).sum()
    assert year == pytest.approx(town.scores().loc["w1.1-2.2", "harm"], rel=1e-6)


def test_coverage_counts_features_and_kilometres_touched_and_unknown() -> None:
    when = {"fence": ("no",)}
    ways = [street((0.0, 0.0), (100.0, 0.0)), street((0.0, 500.0), (80.0, 500.0))]
    things = [
        thing((50.0, 9.0), amenity="school", fence="no"), thing((50.0, 509.0), amenity="school"),
        thing((50.0, 5000.0), amenity="school"),
    ]  # fmt: skip
    found = area(extract(ways, things), layer("school", effect(when=when, unknown=0.5)))
    columns = ["features", "touched_km", "known_km", "assumed_km", "unknown_km"]
    assert found.coverage()[columns].loc["school"].tolist() == [3, 0.18, 0.1, 0, 0.08]


# --- the real extract --------------------------------------------------------------------------


def test_a_real_country_has_scores_levels_and_reasons(country: Area) -> None:
    scores = country.scores()
    assert np.isfinite(scores.drop(columns=["level", "peak"]).to_numpy()).all()
    assert (scores["harm_per_km"] > 0).all()
    share = country.segments["length_m"].groupby(scores["level"]).sum()
    share /= share.sum()
    assert share[["red", "orange", "yellow"]].tolist() == pytest.approx(
        [0.01, 0.04, 0.15], abs=0.005
    )
    assert country.reason_table().sum(axis=1).to_numpy() == pytest.approx(np.ones(len(scores)))
    assert set(country.coverage().index) == set(read_layers())


def test_the_peak_of_every_road_is_its_worst_hour(country: Area) -> None:
    hours = pd.DataFrame({
        moment.label: country.model.harm(moment)
        for moment in (Moment(kind, hour) for kind in KINDS for hour in range(24))
    })
    at = hours.columns.get_indexer(country.scores()["peak"])
    assert hours.to_numpy()[np.arange(len(hours)), at] == pytest.approx(
        hours.max(axis=1).to_numpy(), rel=1e-5
    )


def test_a_real_country_gives_the_same_list_byte_for_byte(country: Area) -> None:
    again = riskmap.assess(riskmap.sample(), cache=False)
    one, other = (found.hotspots(top=500).to_csv(index=False) for found in (country, again))
    assert one == other


def test_in_guixi_only_the_roads_at_the_five_shared_crossings_are_touched(
    shared: Callable[[str], Path],
) -> None:
    path = shared("guixi_slim.osm.pbf")
    mapped, on_roads = set(), set()
    for thing_ in osmium.FileProcessor(str(path)):
        if thing_.is_node() and thing_.tags.get("railway") == "level_crossing":
            mapped.add(thing_.id)
        if thing_.is_way() and thing_.tags.get("highway") in rules()["roads"]["classes"]:
            on_roads.update(mapped.intersection(node.ref for node in thing_.nodes))
    assert (len(mapped), len(on_roads)) == (17, 5)
    found = riskmap.assess(path, cache=False)
    assert set(found.rail_crossings["osm_id"]) == {f"n{node}" for node in on_roads}
    touched = found.segments.loc[found.touched("level_crossing").index]
    crossings = found.rail_crossings.geometry
    assert all(crossings.distance(line).min() < 1e-6 for line in touched.geometry)
    beside = found.segments.drop(touched.index)
    assert all(crossings.distance(line).min() > 1e-6 for line in beside.geometry)
    assert len(found.questions) == 2
    assert set(found.questions["layer"]) == {"level_crossing"}


def test_a_stored_area_is_the_one_that_was_worked_out(country: Area, tmp_path: Path) -> None:
    first = riskmap.assess(riskmap.sample(), cache=tmp_path)
    second = riskmap.assess(riskmap.sample(), cache=tmp_path)
    for found in (first, second):
        pd.testing.assert_frame_equal(found.scores(), country.scores())
    changed = riskmap.assess(
        riskmap.sample(), cache=tmp_path, parameters={"score": {"temper": 0.5}}
    )
    assert not np.allclose(changed.scores()["harm"], country.scores()["harm"])


def test_work_that_takes_long_tells_how_far_it_is() -> None:
    told: list[tuple[str, float]] = []
    riskmap.assess(riskmap.sample(), cache=False, progress=lambda *step: told.append(step))
    done = [share for _, share in told]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert len({stage for stage, _ in told}) >= 5


def test_every_public_name_says_what_it_is() -> None:
    for name in riskmap.__all__:
        member = getattr(riskmap, name)
        assert isinstance(member, str) or inspect.getdoc(member)


def test_an_hour_says_which_layers_act(country: Area) -> None:
    rush = country.active(country.moment("2026-05-13T07:30", "rain"))
    # the window ends at ten past eight
    assert rush["school"] == pytest.approx(5 / 6)
    assert rush[["rain", "fog", "water"]].tolist() == [1, 0, 1]
    sunday = country.active(country.moment("2026-05-17T07:30"))
    assert sunday["school"] == 0
    assert list(sunday.index) == list(country.layers)
    assert 0 < country.active()["dark"] < 0.5


@pytest.mark.parametrize("weather", ["rain", "fog", "ice", "flood"])
def test_no_weather_is_safer_than_a_dry_road(country: Area, weather: str) -> None:
    wet, dry = (country.model.harm(Moment("school", 8, weather=said)) for said in (weather, "dry"))
    assert (wet >= dry * (1 - 1e-9)).all()
    assert wet.sum() > 1.05 * dry.sum()


def test_red_roads_are_most_where_and_when_people_drive(country: Area) -> None:
    def red_km(day: str) -> np.ndarray:
        harm = country.model.hourly(country.period(day, day)).to_numpy() * 8760
        per_km = harm / country.model.km[:, None]
        return np.asarray(country.model.km @ (per_km > country.thresholds["red"]))

    workday, sunday, holiday = (red_km(f"2026-05-{day}") for day in ("13", "17", "01"))
    assert workday.argmax() == 17
    assert workday[7] > 2 * workday[12]
    assert max(sunday[7], holiday[3]) < 0.05 * workday[7]
    assert sunday[10:18].sum() > sunday[:10].sum()
    # on the first day of a holiday everybody leaves in the morning
    assert holiday[:15].argmax() in (9, 10, 11)
    assert holiday[9] > 3 * sunday[9]
