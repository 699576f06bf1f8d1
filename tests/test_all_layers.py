"""The layers that we ship: every risk of the mission has one, and each keeps the house's rules."""

import math
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

import riskmap
from riskmap.layer import Layer, Osm
from riskmap.layers import read_layers
from riskmap.project import constants
from riskmap.resources import packaged
from riskmap.symbols import DEFAULT, SYMBOLS
from riskmap.webmap import folium_map

SHIPPED = read_layers()
EACH = pytest.mark.parametrize("own", SHIPPED.values(), ids=lambda own: own.name)

MISSION = {
    "congestion nodes": {"congestion"},
    "approaches to traffic signals": {"signals"},
    "roads of many lanes": {"multilane"},
    "road along water": {"water"},
    "road along cliff or drop": {"cliff"},
    "level crossing": {"level_crossing"},
    "minor road meeting a trunk road at grade": {"minor_meets_trunk"},
    "school drop-off and pick-up": {"school"},
    "kindergarten": {"kindergarten"},
    "scenic area": {"scenic"},
    "market": {"market"},
    "hospital": {"hospital"},
    "station": {"station"},
    "places with people": {"people"},
    "night-life street": {"nightlife"},
    "village along a through road": {"village"},
    "places of the old and the young": {"young_old"},
    "sharp curve": {"curve"},
    "steep grade": {"steep"},
    "dark road": {"dark", "dark_street"},
    "narrow road or bridge": {"narrow"},
    "bridge that ices": {"icing_bridge"},
    "underpass that floods": {"flooding_underpass"},
    "freight route and depots": {"freight_route", "depot"},
    "zone closed to tricycles or trucks": {"closed_zone"},
    "roadworks": {"roadworks"},
    "cemetery": {"cemetery"},
    "petrol station": {"petrol"},
    "access points on a trunk": {"access"},
    "reported hazards": {"hazard"},
    "holiday danger hours": {"holiday_wave", "holiday_evening"},
    "farm vehicles in their season": {"farm"},
    "bad weather on every road": {"rain", "fog", "ice"},
}
"""What the brigade must be able to see → the layers that show it."""

EVIDENCE = {
    *(
        (name, family, "likelihood", factor, grade)
        for name, factor, grade in (("rain", 1.2, "C"), ("ice", 1.75, "B"))
        for family in ("run_off_road", "head_on", "queue", "vulnerable", "junction")
    ),
    *(
        ("ice", family, "severity", 0.76, "C")
        for family in ("run_off_road", "head_on", "queue", "vulnerable", "junction")
    ),
    ("water", "run_off_road", "severity", 1.8, "C"),
    ("cliff", "run_off_road", "severity", 2.2, "C"),
    ("school", "vulnerable", "likelihood", 3.0, "C"),
    ("congestion", "queue", "likelihood", 1.75, "C"),
    ("level_crossing", "rail", "severity", 3.3, "C"),
    *(
        ("people", family, "likelihood", 2.31, "C")
        for family in ("run_off_road", "head_on", "queue", "vulnerable", "junction")
    ),
    *(("signals", family, "likelihood", 1.45, "C") for family in ("queue", "vulnerable")),
    *(
        ("multilane", family, "likelihood", 2.2, "C")
        for family in ("queue", "vulnerable", "junction")
    ),
    ("curve", "run_off_road", "likelihood", 6.0, "A"),
    ("curve", "head_on", "likelihood", 6.0, "A"),
    *(
        ("steep", family, "likelihood", 1.16, "A")
        for family in ("run_off_road", "head_on", "queue", "vulnerable")
    ),
    *(
        ("dark", family, "likelihood", factor, "B")
        for family in ("run_off_road", "head_on", "queue")
        for factor in (2.45, 1.17)
    ),
    ("dark", "vulnerable", "likelihood", 4.6, "B"),
    ("dark", "vulnerable", "likelihood", 2.4, "B"),
    *(
        ("dark", family, "severity", 1.5, "C")
        for family in ("run_off_road", "head_on", "vulnerable")
    ),
}
"""The numbers that rest on more than judgement."""


def text(name: str) -> str:
    """Read a layer file as it is written."""
    return (packaged("layers") / f"{name}.toml").read_text(encoding="utf-8")


def asked(own: Layer) -> list[Osm]:
    """List all tags that a layer names."""
    found = [tags for s in own.sources for tags in (s.osm, s.prefer, s.exclude)]
    found += [effect.when for effect in own.effects if effect.when]
    found += [own.touch.relieved.osm] if own.touch.relieved else []
    return [tags for tags in found if tags]


# --- what there is -----------------------------------------------------------------------------


def test_every_risk_of_the_mission_has_its_layer_and_every_layer_its_risk() -> None:
    shown = [name for names in MISSION.values() for name in names]
    assert sorted(shown) == sorted(SHIPPED)


@EACH
def test_a_layer_names_the_wiki_page_of_every_tag(own: Layer) -> None:
    pages = set(re.findall(r"(?<=[ ,])(?:Key|Tag):[^\s,]+", "".join(
        line for line in text(own.name).splitlines(keepends=True) if line.startswith("# wiki: ")
    )))  # fmt: skip
    for tags in asked(own):
        for key, values in tags.items():
            tagged = {f"Tag:{key}={value}" for value in values}
            assert f"Key:{key}" in pages or tagged <= pages, (key, values)


@EACH
def test_a_layer_names_no_wiki_page_that_it_does_not_use(own: Layer) -> None:
    pages = re.findall(r"(?:Key|Tag):([^\s,=]+)", text(own.name))
    keys = {key for tags in asked(own) for key in tags}
    keys |= {key for question in own.questions for key in question.osm}
    keys |= {"width_m": {"width"}, "lanes": {"lanes"}}.get(own.touch.measure or "", set())
    assert set(pages) == keys


@EACH
def test_a_layer_has_a_drawn_symbol_of_its_own(own: Layer) -> None:
    assert own.symbol in SYMBOLS
    assert own.symbol != DEFAULT
    assert Counter(layer.symbol for layer in SHIPPED.values())[own.symbol] == 1


def test_every_symbol_is_drawn_for_a_layer_and_no_two_alike() -> None:
    assert set(SYMBOLS) == {layer.symbol for layer in SHIPPED.values()} | {DEFAULT}
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


@EACH
def test_a_layer_has_advice_for_police_road_agency_education_and_road_users(own: Layer) -> None:
    assert set(own.advice) == {"police", "agency", "education", "public"}
    for lines in own.advice.values():
        assert lines
        assert all(re.search(r"[一-鿿]", line["zh"]) and line["en"] for line in lines)


@EACH
def test_what_road_users_are_told_is_one_short_line_and_not_about_what_police_do(
    own: Layer,
) -> None:
    (line,) = own.advice["public"]
    assert len(line["zh"]) <= 36
    assert len(line["en"]) <= 110
    assert not re.search(r"[;,.!?:]|查处|严查|宣讲|设岗|设点|管控|巡线|。$", line["zh"])
    assert not line["en"].endswith(".")


def test_no_advice_is_said_twice() -> None:
    said = [
        line["zh"] for own in SHIPPED.values() for lines in own.advice.values() for line in lines
    ]
    assert [line for line, count in Counter(said).items() if count > 1] == []


@EACH
def test_a_layer_shows_a_case_that_touches_and_one_that_does_not(own: Layer) -> None:
    touches = [example.touch for example in own.examples]
    assert max(touches) > 0
    assert min(touches) == 0


# --- numbers -----------------------------------------------------------------------------------


def test_numbers_with_a_grade_are_those_of_the_evidence_and_no_others() -> None:
    graded = {
        (own.name, effect.family, effect.on, effect.factor, effect.grade)
        for own in SHIPPED.values()
        for effect in own.effects
        if effect.grade != "D"
    }
    assert graded == EVIDENCE


def test_the_factor_of_places_with_people_is_the_measured_one_at_its_cap() -> None:
    people = SHIPPED["people"]
    measured = math.exp(0.14 * math.log(1 + people.touch.cap))
    assert {effect.factor for effect in people.effects} == {round(measured, 2)}


@pytest.mark.parametrize(
    ("name", "factor", "measured"),
    [("curve", 6.0, (6.0, 3.5, 1.8)), ("steep", 1.16, (1.16, 1.10))],
)
def test_the_steps_of_a_quantity_give_the_measured_factors(
    name: str, factor: float, measured: tuple[float, ...]
) -> None:
    own = SHIPPED[name]
    assert {effect.factor for effect in own.effects} == {factor}
    steps = [factor**touch for *_, touch in own.touch.steps]
    assert steps == pytest.approx(measured, rel=0.01)


def test_a_crossing_of_which_nothing_is_known_is_an_average_one() -> None:
    kinds = [effect for effect in SHIPPED["level_crossing"].effects if effect.unknown is not None]
    assert {key for effect in kinds for key in effect.when or {}} == {
        "crossing:barrier", "crossing:light", "supervised",
    }  # fmt: skip
    expected = math.prod(1 + (effect.unknown or 0) * (effect.factor - 1) for effect in kinds)
    assert expected == pytest.approx(1, abs=0.01)


def test_a_guarded_crossing_is_safer_than_an_unknown_one_and_that_than_an_unguarded_one() -> None:
    safer, worse = 1.0, 1.0
    for effect in SHIPPED["level_crossing"].effects:
        if effect.when:
            (values,) = effect.when.values()
            safer *= 1 if "no" in values else effect.factor
            worse *= effect.factor if "no" in values else 1
    assert safer < 0.5
    assert worse > 2


@EACH
def test_no_layer_alone_reaches_the_cap_of_a_family(own: Layer) -> None:
    worst: dict[tuple[str, str, str], float] = {}
    for effect in own.effects:
        # what differs in the value of one tag only cannot hold at once
        place = (effect.family, effect.on, "".join(effect.when or ()))
        worst[place] = max(worst.get(place, 1.0), effect.factor)
    for family in {effect.family for effect in own.effects}:
        product = math.prod(factor for place, factor in worst.items() if place[0] == family)
        assert product < constants()["score"]["cap"]


# --- nothing counts twice ----------------------------------------------------------------------


def test_no_tag_of_the_map_is_a_source_of_two_layers() -> None:
    sources = Counter(
        (key, value)
        for own in SHIPPED.values()
        for key, value in {
            (key, value)
            for source in own.sources
            for key, values in source.osm.items()
            for value in values
            if value != "*"
        }
    )
    assert [tag for tag, count in sources.items() if count > 1] == []


def test_a_road_is_dark_in_the_country_or_in_town_but_not_both() -> None:
    assert SHIPPED["dark"].touch.where == {"area": "rural"}
    assert SHIPPED["dark_street"].touch.where == {"area": "urban"}


def test_a_side_road_is_no_driveway() -> None:
    side, drive = SHIPPED["minor_meets_trunk"].touch, SHIPPED["access"].touch
    assert set(side.minor).isdisjoint(drive.minor)
    assert "signals" not in {*side.control, *drive.control}


def test_the_drop_of_the_terrain_and_a_mapped_cliff_are_one_layer() -> None:
    assert {own.name for own in SHIPPED.values() if own.touch.measure == "drop_pct"} == {"cliff"}


def test_of_the_roadside_the_strongest_counts() -> None:
    assert {own.name for own in SHIPPED.values() if own.group} == {"water", "cliff"}


def test_water_in_a_pipe_or_a_dry_bed_is_no_water() -> None:
    left_out = [
        {(key, value) for key, values in source.exclude.items() for value in values}
        for source in SHIPPED["water"].sources
        if source.osm
    ]
    assert all(
        {("location", "underground"), ("intermittent", "yes")} <= one for one in left_out
    )
    assert sum(("tunnel", "culvert") in one for one in left_out) == 2  # land use is no tunnel


def test_what_depends_on_light_weather_or_a_holiday_says_so() -> None:
    words = {
        name: {
            word
            for active in own.active
            for word in (*active.light, *active.weather, *active.holiday)
        }
        for name, own in SHIPPED.items()
    }
    assert {name: found for name, found in words.items() if found} == {
        "dark": {"dark"},
        "dark_street": {"dark"},
        "icing_bridge": {"ice"},
        "flooding_underpass": {"flood"},
        "cemetery": {"qingming"},
        "rain": {"rain", "flood"},
        "fog": {"fog"},
        "ice": {"ice"},
    }


# --- a layer is a file -------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the layers to change them."""
    return Path(shutil.copytree(packaged("layers"), tmp_path / "layers"))


def assessed(folder: Path | None = None) -> riskmap.Area:
    """Assess the embedded extract by the layers of a folder."""
    return riskmap.assess(riskmap.sample(), layers=folder, cache=False)


def test_deleting_a_file_removes_the_risk_everywhere(copied: Path) -> None:
    before = assessed(copied)
    assert before.coverage().loc["school", "touched_km"] > 1
    assert before.reason_table()["school"].max() > 0
    (copied / "school.toml").unlink()
    found = assessed(copied)
    assert set(found.layers) == set(before.layers) - {"school"}
    assert "school" not in found.reason_table()
    assert "school" not in found.coverage().index
    title = before.layers["school"].title["en"]
    lists = [area.hotspots(top=None, lang="en") for area in (before, found)]
    assert [own["reasons"].str.contains(title).any() for own in lists] == [True, False]
    pages = [folium_map.map_html(area, lang="en") for area in (before, found)]
    assert [title in page for page in pages] == [True, False]
    assert [SYMBOLS["school"] in page for page in pages] == [True, False]


def test_renaming_a_title_changes_it_everywhere(copied: Path) -> None:
    path = copied / "school.toml"
    old, new = SHIPPED["school"].title["en"], "Where pupils cross"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    found = assessed(copied)
    assert found.layers["school"].title["en"] == new
    lists = found.hotspots(top=None, lang="en")
    page = folium_map.map_html(found, lang="en")
    for title, there in ((old, False), (new, True)):
        assert lists["reasons"].str.contains(title).any() == there
        assert (title in page) == there


@EACH
def test_any_layer_can_go_without_the_others_noticing(own: Layer, copied: Path) -> None:
    (copied / f"{own.name}.toml").unlink()
    rest = read_layers(copied)
    assert rest == {name: other for name, other in SHIPPED.items() if name != own.name}
