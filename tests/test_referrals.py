"""What goes to the road agencies: known hazards, once each, with place, reason, what is asked."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
import town
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import Way, area, effect, extract, layer, relief, rules, source, street, thing

from riskmap import export
from riskmap.area import Area
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.referrals import COLUMNS, referrals

ASKED = {"zh": "修好它", "en": "mend it"}


def asking(own: Layer) -> Layer:
    """The layer with advice for the road agency too."""
    return replace(own, advice={**own.advice, "agency": (ASKED,)})


def bad(name: str = "rough", factor: float = 4.0, grade: str = "C", **options: Any) -> Layer:
    """A hazard of whole ways that are tagged with it."""
    osm = {name: ("yes",)}
    return asking(layer(name, effect("all", factor, grade=grade), relation="own", osm=osm,
                        **options))  # fmt: skip


def road(
    x0: float, x1: float, y: float = 0.0, *, name: str = "Main", highway: str = "primary",
    **tags: str,
) -> Way:  # fmt: skip
    return street((x0, y), (x1, y), highway=highway, name=name, **tags)


def towns(*ways: Way, layers: tuple[Layer, ...] = (), **changes: Mapping[str, Any]) -> Area:
    return area(extract(ways), *(layers or (bad(),)), parameters=rules(**changes))


ALONE = towns(road(0, 500, rough="yes"))
"""A road of 500 m that meets nothing, wholly rough: every crash there is four times as frequent."""


# --- how much ------------------------------------------------------------------------------------


def test_what_a_hazard_adds_and_would_save_is_three_quarters_where_it_makes_four_of_one() -> None:
    (row,) = referrals(ALONE, lang="en").to_dict("records")
    harm = ALONE.scores()["harm"].sum()
    assert row["harm"] == pytest.approx(harm, rel=1e-5)
    assert row["added"] == pytest.approx(0.75 * harm, rel=1e-5)
    assert row["saves"] == pytest.approx(0.75 * harm, rel=1e-5)
    assert (row["share"], row["factor"], row["grade"], row["source"]) == (0.75, 4.0, "C", "a test")
    assert row["length_m"] == 500.0
    assert row["segment_ids"].split() == list(ALONE.segments.index)


def test_the_interval_is_around_the_harm() -> None:
    (row,) = referrals(ALONE).to_dict("records")
    assert 0 < row["low"] < row["harm"] < row["high"]


@pytest.mark.parametrize(("railed", "unknown", "now", "then"), [
    (False, 0.0, 4.0, 1.4),  # 4 · .35
    (False, 0.3, 3.22, 1.4),  # 4 · (.7 + .3 · .35)
    (True, 0.3, 1.4, 1.4),
])  # fmt: skip
def test_a_relief_saves_what_it_would_where_none_is_mapped(
    *, railed: bool, unknown: float, now: float, then: float
) -> None:
    bank = layer("bank", effect("all", 4.0), relation="along", full_m=20, reach_m=20, decay="flat",
                 osm={"waterway": ("river",)}, relieved=relief(0.35, unknown))  # fmt: skip
    things = [thing(shapely.LineString([(0, 9), (500, 9)]), waterway="river")]
    if railed:
        things.append(thing(shapely.LineString([(0, 2), (500, 2)]), barrier="guard_rail"))
    own = area(extract([road(0, 500)], things), asking(bank))
    (row,) = referrals(own, lang="en").to_dict("records")
    assert row["saves"] == pytest.approx(row["harm"] * (1 - then / now), rel=1e-5)
    assert row["saves_is"] == (
        "with a guard rail or the like (factor 0.35, grade D: an assumption that nobody measured)"
    )


@pytest.mark.parametrize(("grade", "told"), [("C", False), ("D", True)])
def test_what_rests_on_an_assumption_says_so(grade: str, *, told: bool) -> None:
    own = towns(road(0, 500, rough="yes"), layers=(bad(grade=grade),))
    for lang, word in (("en", "an assumption that nobody measured"), ("zh", "无人实测")):
        (row,) = referrals(own, lang=lang).to_dict("records")  # type: ignore[arg-type]
        assert (word in row["saves_is"]) is told
        assert (word in row["reason"]) is told


# --- which ---------------------------------------------------------------------------------------


def test_what_adds_most_comes_first() -> None:
    own = towns(
        road(0, 300, rough="yes"), road(0, 900, 2000, name="Long", rough="yes"),
        road(0, 500, 4000, name="Lane", highway="residential", rough="yes"),
    )  # fmt: skip
    found = referrals(own)
    assert found["added"].is_monotonic_decreasing
    assert found["name"].tolist() == ["Long", "Main", "Lane"]
    assert found["rank"].tolist() == [1, 2, 3]
    assert referrals(own, most=2)["name"].tolist() == ["Long", "Main"]
    with pytest.raises(RiskmapError, match="--most 0: must be 1 or more"):
        referrals(own, most=0)


def test_a_layer_that_asks_the_agency_for_nothing_is_not_in_it() -> None:
    officers = replace(bad(), advice={"police": (ASKED,)})
    assert referrals(towns(road(0, 500, rough="yes"), layers=(officers,))).empty


def test_what_is_the_same_on_every_road_is_not_in_it() -> None:
    rain = asking(layer("rain", effect("all", 4.0), relation="own", osm={"highway": ("*",)}))
    assert referrals(towns(road(0, 500), layers=(rain,))).empty


@pytest.mark.parametrize(("lit", "count"), [({"lit": "no"}, 1), ({"lit": "yes"}, 0), ({}, 0)])
def test_a_road_is_to_be_lit_only_where_it_is_known_to_be_dark(
    lit: dict[str, str], count: int
) -> None:
    dark = asking(layer(
        "dark", effect("all", 4.0, when={"lit": ("no",)}, unknown=0.5),
        effect("all", 2.0, when={"lit": ("yes",)}, unknown=0.5),
        relation="own", osm={"highway": ("*",)},
    ))  # fmt: skip
    assert len(referrals(towns(road(0, 500, **lit), layers=(dark,)))) == count


def test_a_hazard_with_a_small_part_in_the_harm_is_not_in_it() -> None:
    # of 1.1 crashes 0.1 are due to it: a part of 9 %
    small = (bad(factor=1.1),)
    assert referrals(towns(road(0, 500, rough="yes"), layers=small)).empty
    more = towns(road(0, 500, rough="yes"), layers=small, referrals={"share": 0.09})
    assert referrals(more)["share"].tolist() == [0.091]


def test_what_the_brigade_reported_is_in_it_whatever_its_part_and_however_short_the_list(
    tmp_path: Path,
) -> None:
    lon, lat = referrals(ALONE)[["lon", "lat"]].iloc[0]
    (tmp_path / "hole.csv").write_text(f"name,lon,lat\nPothole 7,{lon},{lat}\n")
    hole = asking(layer("hole", effect("all", 1.02), sources=(source(file="hole.*"),),
                        full_m=10.0, reach_m=30.0))  # fmt: skip
    ways = [road(0, 500), *(road(0, 900, 2000.0 * n, name="Long", rough="yes") for n in (1, 2))]
    found = referrals(area(extract(ways), hole, bad(), points=tmp_path), lang="en", most=1)
    assert found["layer"].tolist() == ["rough", "hole"]
    row = found.iloc[1]
    assert (row["name"], row["share"]) == ("Pothole 7 · Main", 0.02)
    assert (row["lon"], row["lat"]) == pytest.approx((lon, lat), abs=2e-6)


def test_the_road_that_a_feature_lies_on_is_named_before_a_worse_one_beside_it() -> None:
    ways = [road(0, 200, 60.0), street((0, 0), (200, 0), highway="residential", name="Back")]
    school = asking(layer("school", effect("all", 4.0), full_m=80.0, reach_m=100.0))
    own = area(extract(ways, [thing((100.0, 10.0), amenity="school")]), school)
    (row,) = referrals(own, lang="en").to_dict("records")
    assert row["name"] == "Back / Main"
    by_road = own.model.reason_harm()["school"].groupby(own.segments["name"]).sum()
    assert by_road["Main"] > by_road["Back"]


def test_only_hazards_of_the_segments_asked_for_are_listed_and_whole() -> None:
    own = towns(road(0, 300, rough="yes"), road(0, 900, 2000, name="Long", rough="yes"))
    (row,) = referrals(own, segments=[own.segments.index[0]]).to_dict("records")
    assert (row["name"], row["rank"], row["length_m"]) == ("Main", 1, 300.0)
    assert referrals(own, segments=[]).empty
    with pytest.raises(RiskmapError, match="segment 'w9': not in town"):
        referrals(own, segments=["w9"])


# --- where ---------------------------------------------------------------------------------------


def test_pieces_of_one_road_are_one_hazard_and_of_two_roads_two() -> None:
    own = towns(
        road(0, 300, rough="yes"), road(300, 600, rough="yes"),
        street((600, 0), (600, 300), highway="primary", name="Other", rough="yes"),
    )  # fmt: skip
    found = referrals(own).set_index("name")["length_m"]
    assert found.to_dict() == {"Main": 600.0, "Other": 300.0}


@pytest.mark.parametrize(("gap", "lengths"), [(90.0, [600.0]), (120.0, [300.0, 300.0])])
def test_pieces_not_far_apart_are_one_stretch(gap: float, lengths: list[float]) -> None:
    own = towns(road(0, 300, rough="yes"), road(300, 300 + gap),
                road(300 + gap, 600 + gap, rough="yes"))  # fmt: skip
    assert referrals(own)["length_m"].tolist() == lengths


def test_a_long_stretch_is_cut_into_even_parts() -> None:
    found = referrals(towns(road(0, 4500, rough="yes")))
    assert found["length_m"].tolist() == [1500.0] * 3
    assert len(set(" ".join(found["segment_ids"]).split())) == 45


def test_both_carriageways_are_one_hazard() -> None:
    there = street((0, 0), (600, 0), highway="trunk", name="Dual", oneway="yes", rough="yes")
    back = street((600, 15), (0, 15), highway="trunk", name="Dual", oneway="yes", rough="yes")
    found = referrals(towns(there, back))
    assert found["length_m"].tolist() == [1200.0]


def test_a_road_that_turns_at_a_junction_goes_on() -> None:
    hairpin = (
        street((0, 0), (500, 0), highway="primary", name="Pass", rough="yes"),
        street((500, 0), (0, 120), highway="primary", name="Pass", rough="yes"),
        street((500, 0), (800, 0), highway="service", name="Yard"),
    )
    assert len(referrals(towns(*hairpin))) == 1


def test_a_feature_is_one_hazard_with_the_roads_that_it_touches() -> None:
    ways = [road(0, 200), street((0, 30), (200, 30), highway="tertiary", name="Back")]
    school = asking(layer("school", effect("all", 4.0), full_m=60.0, reach_m=100.0))
    named = extract(ways, [thing((100.0, 10.0), amenity="school")])
    named.features["name"] = "Oak School"
    (row,) = referrals(area(named, school), lang="en").to_dict("records")
    assert row["name"] == "Oak School · Main / Back"
    assert row["length_m"] == 400.0


def test_both_tracks_of_a_crossing_are_one_hazard_with_all_its_harm() -> None:
    gate = asking(layer("gate", effect("all", 4.0), osm={"railway": ("level_crossing",)}))
    tracks = [thing((x, 0.0), railway="level_crossing") for x in (48.0, 52.0)]
    own = area(extract([road(0, 100)], tracks), gate)
    (row,) = referrals(own).to_dict("records")
    assert row["harm"] == pytest.approx(own.scores()["harm"].sum(), rel=1e-5)


def crossing() -> Area:
    """Main, where Side meets it and where a street without name does: both are dangerous."""
    ways = [
        road(0, 400), road(400, 700), road(700, 1000),
        street((400, 0), (400, 300), highway="residential", name="Side"),
        street((700, 0), (700, 300), highway="residential"),
    ]
    meets = asking(layer(
        "meets", effect("junction", 6.0), sources=(source(network={"approaches": (3.0, 9.0)}),),
        relation="at_junction", reach_m=30.0,
    ))  # fmt: skip
    return area(extract(ways), meets, parameters=rules(referrals={"share": 0.01}))


def test_a_junction_is_one_hazard_named_by_the_roads_that_meet() -> None:
    own = crossing()
    found = referrals(own, lang="en")
    assert sorted(found["name"]) == ["Main / Side", "Main / residential street"]
    lonlat = own.junctions.to_crs(4326).geometry
    assert sorted(found["lon"]) == pytest.approx(sorted(lonlat.x), abs=2e-6)
    assert found["added"].sum() == pytest.approx(own.model.reason_harm()["meets"].sum(), rel=0.05)


def test_from_where_to_where_is_said_by_cross_roads() -> None:
    ways = (
        road(0, 300), road(300, 700), road(700, 1200, rough="yes"), road(1200, 1350),
        street((300, 0), (300, 200), highway="residential", name="Side"),
        street((1350, 0), (1350, 200), highway="residential", name="End Road"),
    )
    (row,) = referrals(towns(*ways), lang="en").to_dict("records")
    told = {row["from"], row["to"]}
    assert told in ({"400 m past Side", "150 m before End Road"},
                    {"150 m past End Road", "400 m before Side"})  # fmt: skip
    (row,) = referrals(ALONE, lang="en").to_dict("records")
    assert row["from"] == row["to"] == "the end of the road"


def test_a_stretch_that_begins_at_a_cross_road_says_its_name_alone() -> None:
    ways = (road(0, 300), road(300, 700, rough="yes"),
            street((300, 0), (300, 200), highway="residential", name="Side"))  # fmt: skip
    (row,) = referrals(towns(*ways), lang="en").to_dict("records")
    assert {row["from"], row["to"]} == {"Side", "the end of the road"}


def test_a_short_stretch_does_not_end_at_the_cross_road_in_its_middle() -> None:
    ways = [
        road(0, 300), road(300, 320, rough="yes"), road(320, 340, rough="yes"), road(340, 600),
        *(street((x, 0), (x, 200), highway="residential", name=f"At {x}") for x in (0, 320, 600)),
    ]  # fmt: skip
    (row,) = referrals(towns(*ways), lang="en").to_dict("records")
    assert {row["from"], row["to"]} in ({"300 m past At 0", "260 m before At 600"},
                                        {"260 m past At 600", "300 m before At 0"})  # fmt: skip


def test_the_nearest_settlement_is_told_with_its_distance() -> None:
    village = layer("village", osm={"place": ("village",)})
    town_ = extract([road(0, 500, rough="yes")], [thing((250.0, 1200.0), place="village")])
    town_.features["name"] = "Ruggell"
    (row,) = referrals(area(town_, bad(), village), lang="en").to_dict("records")
    assert row["settlement"] == "Ruggell (1.2 km)"
    far = {"near_m": 1000.0}
    (row,) = referrals(area(town_, bad(), village, parameters=rules(referrals=far)))["settlement"]
    assert row == ""


# --- what is said --------------------------------------------------------------------------------


def test_advice_reason_and_address_are_in_the_language() -> None:
    who = ALONE.parameters["referrals"]["who"]["main"]
    for lang, share in (("zh", "这里 75 % 的风险由它造成"), ("en", "75 % of the harm here")):
        (row,) = referrals(ALONE, lang=lang).to_dict("records")  # type: ignore[arg-type]
        assert row["asks"] == ASKED[lang]
        assert row["hazard"] == ALONE.layers["rough"].title[lang]
        assert share in row["reason"]
        assert row["who"] == who[lang]


def test_who_is_asked_follows_the_class_of_the_road() -> None:
    own = towns(*(
        road(0, 500, 2000 * n, name=highway, highway=highway, rough="yes")
        for n, highway in enumerate(("motorway", "primary", "residential"))
    ))  # fmt: skip
    who = own.parameters["referrals"]["who"]
    found = referrals(own, lang="zh").set_index("name")["who"]
    assert found.to_dict() == {
        "motorway": who["motorway"]["zh"], "primary": who["main"]["zh"],
        "residential": who["village"]["zh"],
    }  # fmt: skip


def test_an_area_without_hazards_has_an_empty_list_with_its_columns(tmp_path: Path) -> None:
    found = referrals(towns(road(0, 500)))
    assert found.columns.tolist() == [*COLUMNS, "geometry"]
    assert found.empty
    export.write_list(found, tmp_path / "none.csv")
    assert pd.read_csv(tmp_path / "none.csv").columns.tolist() == list(COLUMNS)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson", "gpkg", "kml"])
def test_the_list_is_the_same_in_every_format(ending: str, tmp_path: Path) -> None:
    found, path = referrals(ALONE), tmp_path / f"list.{ending}"
    export.write_list(found, path)
    if ending == "csv":
        read = pd.read_csv(path)
    elif ending == "xlsx":
        head, *rest = openpyxl.load_workbook(path)["riskmap"].iter_rows(values_only=True)
        read = pd.DataFrame(rest, columns=head)
    else:
        read = pyogrio.read_dataframe(path, layer="riskmap").rename(columns={"Name": "name"})
    for column in COLUMNS:
        value = found[column].iloc[0]
        # what is a number may come back as text, and no text as nothing
        assert type(value)(read[column].fillna("").iloc[0]) == value


@settings(max_examples=15)
@given(st.permutations(range(5)), st.lists(st.booleans(), min_size=5, max_size=5))
def test_how_a_road_is_drawn_changes_nothing(order: list[int], turned: list[bool]) -> None:
    parts = [((200.0 * n, 0.0), (200.0 * n + 200.0, 0.0)) for n in order]
    ways = [
        street(*(ends[::-1] if back else ends), name="Main", rough="yes" if n % 4 else "no")
        for n, ends, back in zip(order, parts, turned, strict=True)
    ]
    (row,) = referrals(towns(*ways)).to_dict("records")
    assert row["length_m"] == 600.0
    assert row["share"] == 0.75


# --- on the command line -------------------------------------------------------------------------


def test_the_command_writes_the_list_and_says_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = {1: (0.0, 0.0), 2: (500.0, 0.0), 3: (250.0, 40.0), 4: (250.0, 20.0)}
    roads = {1: ([1, 2], {"highway": "tertiary", "name": "Main", "width": "2"})}
    pbf, output = town.write(tmp_path / "narrow.osm.pbf", nodes, roads), tmp_path / "list.csv"
    assert main(["referrals", str(pbf), "--lang", "en", "-o", str(output)]) == 0
    assert "1 hazards for the road agencies" in capsys.readouterr().out
    (row,) = pd.read_csv(output).to_dict("records")
    assert (row["layer"], row["name"]) == ("narrow", "Main")


def test_the_command_says_that_there_is_nothing_to_refer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roads = {1: ([1, 2], {"highway": "tertiary", "name": "Main"})}
    pbf = town.write(tmp_path / "plain.osm.pbf", {1: (0.0, 0.0), 2: (500.0, 0.0)}, roads)
    output = tmp_path / "list.geojson"
    assert main(["referrals", str(pbf), "--lang", "en", "-o", str(output)]) == 0
    assert "No hazards to refer" in capsys.readouterr().out
    assert pyogrio.read_dataframe(output).empty
