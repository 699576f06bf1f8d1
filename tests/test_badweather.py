"""The bad-weather plan: order by hand, who and what, what closing cuts off, odd input."""

import json
from pathlib import Path

import pandas as pd
import pytest
from streets import area, effect, extract, layer, rules, street, thing

import riskmap
from riskmap import badweather
from riskmap.area import Area
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.moments import Moment
from riskmap.vocabulary import DAYS

ICE = (Active(DAYS, ((0.0, 24.0),), weather=("ice",)),)
PLACES = {"ice": ["icing_bridge", "curve"], "flood": ["curve"]}


def towns(*ways: object, things: object = ()) -> Area:
    """Streets on which clinics stand for bridges, and schools for bends."""
    bridge = layer(
        "icing_bridge", effect("queue", 8.0), effect("run_off_road", 8.0), active=ICE, full_m=20,
        reach_m=20, osm={"amenity": ("clinic",)}, decay="flat",
    )  # fmt: skip
    curve = layer("curve", effect("queue", 3.0), active=ICE, full_m=20, reach_m=20, decay="flat")
    parameters = rules(bad_weather={"places": PLACES})
    return area(extract(ways, things), bridge, curve, parameters=parameters)  # type: ignore[arg-type]


def clinic(x: float, y: float) -> object:
    return thing((x, y + 10.0), amenity="clinic")


def school(x: float, y: float) -> object:
    return thing((x, y + 10.0), amenity="school")


MAIN = street((0.0, 0.0), (90.0, 0.0), highway="primary", name="Main")
LANE = street((0.0, 900.0), (90.0, 900.0), highway="unclassified", name="Lane")
BEND = street((0.0, 1800.0), (90.0, 1800.0), highway="primary", name="Bend")
PLAIN = street((0.0, 2700.0), (90.0, 2700.0), highway="primary", name="Plain")
FOUR = towns(
    MAIN, LANE, BEND, PLAIN, things=[clinic(45, 0), clinic(45, 900), school(45, 1800)]
)


def test_places_come_in_the_order_of_the_harm_that_the_weather_adds() -> None:
    found = badweather.plan(FOUR, "ice", at=Moment("school", 8), lang="en")
    wet, dry = (
        FOUR.model.harm(Moment("school", 8, weather=said)) for said in ("ice", "dry")
    )
    expected = (wet - dry).sort_values(ascending=False)
    expected = expected[expected > 1e-12]
    assert found["segment_ids"].tolist() == expected.index.tolist()
    assert found["added"].tolist() == pytest.approx(expected.tolist(), rel=0.01)
    assert found["road"].tolist() == ["Main", "Lane", "Bend"]
    ratio = (wet / dry).loc[found["segment_ids"]]
    assert found["times_dry"].tolist() == pytest.approx(ratio.tolist(), rel=0.01)
    assert found["order"].tolist() == [1, 2, 3]
    assert badweather.plan(FOUR, "ice", at=Moment("school", 8), top=1)["road"].tolist() == ["Main"]


def test_who_sees_to_a_road_follows_its_class() -> None:
    found = badweather.plan(FOUR, "ice", lang="en").set_index("road")["who"]
    who = FOUR.parameters["bad_weather"]["who"]
    assert found["Main"] == found["Bend"] == who["main"]["en"]
    assert found["Lane"] == who["village"]["en"]
    zh = badweather.plan(FOUR, "ice", lang="zh").set_index("road")["who"]
    assert zh["Main"] == who["main"]["zh"]


def test_what_gets_worst_is_closed_and_the_rest_controlled_or_watched() -> None:
    found = badweather.plan(FOUR, "ice").set_index("road")
    for road, row in found.iterrows():
        least = {"close": 2.5, "control": 1.2, "watch": 0.0}[row["action"]]
        assert row["times_dry"] >= least, road
    assert found.loc["Main", "action"] == "close"
    assert found.loc["Bend", "action"] != "close"


def chain() -> Area:
    """A main road to a village of 180 m behind a bridge; a ring holds the other bridge."""
    return towns(
        street((0.0, 0.0), (90.0, 0.0), highway="primary", name="First"),
        street((90.0, 0.0), (180.0, 0.0), highway="primary", name="Bridge"),
        street((180.0, 0.0), (270.0, 0.0), highway="tertiary", name="Village"),
        street((270.0, 0.0), (360.0, 0.0), highway="tertiary", name="Village"),
        street((0.0, 0.0), (0.0, 900.0), highway="primary", name="Ring"),
        street((0.0, 900.0), (0.0, 990.0), highway="primary", name="Other bridge"),
        street((0.0, 990.0), (500.0, 990.0), (500.0, 2000.0), (-500.0, 2000.0), (-500.0, 900.0),
               (0.0, 900.0), highway="primary", name="Ring"),
        things=[clinic(135, 0), thing((10.0, 945.0), amenity="clinic")],
    )  # fmt: skip


def test_a_bridge_that_is_the_only_way_is_not_closed_and_says_what_it_cuts_off() -> None:
    parameters = {"close_times": 1.1}
    town = chain()
    town.parameters["bad_weather"].update(parameters)  # type: ignore[attr-defined]
    found = badweather.plan(town, "ice").set_index("road")
    assert found.loc["Bridge", "cuts_off_km"] == pytest.approx(0.18)
    assert found.loc["Bridge", "action"] == "close"  # less than may be cut off
    assert found.loc["Other bridge", "cuts_off_km"] == 0
    town.parameters["bad_weather"].update(cut_off_km=0.1)  # type: ignore[attr-defined]
    again = badweather.plan(town, "ice").set_index("road")
    assert again.loc["Bridge", "action"] == "convoy"
    assert again.loc["Other bridge", "action"] == "close"
    assert any("0.18" in line for line in badweather.said(again.reset_index(), "en"))


def test_two_ways_into_a_valley_are_not_both_closed() -> None:
    town = towns(
        street((0.0, 0.0), (90.0, 0.0), highway="primary", name="North"),
        street((90.0, 0.0), (180.0, 0.0), highway="primary", name="Valley"),
        street((180.0, 0.0), (900.0, 0.0), highway="primary", name="Valley"),
        street((0.0, 0.0), (0.0, 900.0), (900.0, 900.0), highway="primary", name="Ring"),
        street((900.0, 900.0), (900.0, 0.0), highway="primary", name="South"),
        things=[clinic(45, 0), thing((910.0, 450.0), amenity="clinic")],
    )
    found = badweather.plan(town, "ice").set_index("road")
    assert found.loc[["North", "South"], "cuts_off_km"].min() == 0
    assert set(found.loc[["North", "South"], "action"]) == {"close", "convoy"}


def test_a_bend_on_a_dead_end_cuts_off_what_lies_behind_it() -> None:
    lane = street((0.0, 0.0), (2000.0, 0.0), highway="primary", name="Dead end")
    main = street((0.0, -3000.0), (0.0, 0.0), (0.0, 3000.0), highway="primary", name="Main")
    found = badweather.plan(towns(lane, main, things=[clinic(350, 0)]), "ice")
    assert found["cuts_off_km"].tolist() == [pytest.approx(1.6)]


def test_what_floods_is_shut_whatever_the_numbers_say() -> None:
    flood = (Active(DAYS, ((0.0, 24.0),), weather=("flood",)),)
    low = layer("flooding_underpass", effect("queue", 1.1), active=flood, full_m=20, reach_m=20)
    town = area(extract([MAIN], [school(45, 0)]), low, parameters=rules())  # type: ignore[list-item]
    assert badweather.plan(town, "flood")["action"].tolist() == ["close"]


def test_a_place_that_is_no_layer_is_refused() -> None:
    town = towns(MAIN)
    town.parameters["bad_weather"]["places"]["ice"] = ["icing_brige"]  # type: ignore[index]
    with pytest.raises(RiskmapError, match=r"places\.ice names no layer with icing_brige"):
        badweather.plan(town, "ice")


def test_two_bridges_far_apart_on_one_road_are_two_places() -> None:
    road = street((0.0, 0.0), (1000.0, 0.0), highway="primary", name="Long")
    found = badweather.plan(towns(road, things=[clinic(50, 0), clinic(950, 0)]), "ice")
    assert len(found) == 2
    assert set(found["road"]) == {"Long"}
    joined = badweather.plan(towns(road, things=[clinic(50, 0), clinic(150, 0)]), "ice")
    assert joined["length_m"].tolist() == [200]


def test_a_piece_of_two_layers_counts_for_the_first() -> None:
    found = badweather.plan(towns(MAIN, things=[clinic(45, 0), school(45, 0)]), "ice", lang="en")
    assert found["place"].tolist() == ["icing_bridge layer"]


def test_without_such_places_the_plan_is_empty_and_says_so() -> None:
    found = badweather.plan(towns(PLAIN), "ice")
    assert found.empty
    assert list(found.columns) == [*badweather.COLUMNS, "geometry"]
    assert badweather.said(found, "en") == [badweather.text("badweather.none", "en")]


@pytest.mark.parametrize(
    ("weather", "options", "said"),
    [("dry", {}, "--weather dry: there is no plan for it; use one of ice, fog, rain, flood"),
     ("ice", {"top": 0}, "--top 0: must be 1 or more")],
)  # fmt: skip
def test_what_has_no_plan_is_refused(
    weather: str, options: dict[str, int], said: str
) -> None:
    with pytest.raises(RiskmapError, match=said):
        badweather.plan(FOUR, weather, **options)  # type: ignore[arg-type]


def test_the_command_writes_and_reads_out_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ice.csv"
    command = ["weather", str(riskmap.sample()), "--weather", "ice", "--lang", "en", "--top", "5"]
    assert main([*command, "-o", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in printed[:5]] == ["1.", "2.", "3.", "4.", "5."]
    table = pd.read_csv(out)
    rank = table["action"].map(badweather.ACTIONS.index)
    assert (rank.diff().dropna() >= 0).all()
    for _, own in table.groupby("action"):
        assert (own["added"].diff().dropna() <= 0).all()
    assert main([*command, "-o", str(out), "--json", "--at", "2026-01-20T07:00"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 5
    assert main(["weather", str(riskmap.sample()), "--weather", "dry", "-o", str(out)]) == 2
    assert "there is no plan for it" in capsys.readouterr().err
