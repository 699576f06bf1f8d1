"""What is typed in finds the road that is meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streets import area, extract, layer, street, thing

from riskmap import search
from riskmap.coords import from_wgs84

TOWN = area(
    extract(
        [
            street((0.0, 0.0), (90.0, 0.0), highway="primary", name="人民路", ref="G320"),
            street((90.0, 0.0), (900.0, 0.0), highway="primary", name="人民路", ref="G320"),
            street((0.0, 500.0), (90.0, 500.0), name="人民路东巷"),
            street((0.0, 900.0), (90.0, 900.0), name="Landstrasse"),
        ],
        [thing((40.0, 530.0), amenity="school"), thing((40.0, 910.0), amenity="school")],
    ),
    layer("school"),
)
TOWN = replace(TOWN, risk_points={
    "school": TOWN.risk_points["school"].assign(name=["Landschule", ""])
})  # fmt: skip
HARM = TOWN.model.scores()["harm_per_km"]


def found(words: str, system: str = "wgs84") -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in search.find(TOWN, words, HARM, system=system)]


def test_the_whole_name_comes_before_a_part_of_one() -> None:
    assert found("人民路") == [("road", "人民路"), ("road", "人民路东巷")]
    assert found("东巷") == [("road", "人民路东巷")]


def test_of_a_road_the_worst_piece_is_shown() -> None:
    (one,) = search.find(TOWN, "g320", HARM)
    road = TOWN.segments.index[TOWN.segments["ref"] == "G320"]
    assert one.segment_id == HARM[road].idxmax()


@pytest.mark.parametrize("words", ["LANDS", " lands ", "ＬＡＮＤＳ"])  # noqa: RUF001  # meant: wide
def test_case_and_width_of_letters_do_not_matter(words: str) -> None:
    assert found(words) == [("road", "Landstrasse"), ("place", "Landschule")]


def test_a_place_names_the_road_beside_it() -> None:
    one = search.find(TOWN, "landschule", HARM)[0]
    assert TOWN.segments.loc[one.segment_id, "name"] == "人民路东巷"
    assert one.away_m == pytest.approx(30.0, abs=0.1)


def test_an_id_is_found() -> None:
    segment = str(TOWN.segments.index[0])
    assert found(segment) == [("segment", segment)]


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09"])
def test_coordinates_are_found_in_their_system(system: str) -> None:
    middle = TOWN.segments.geometry.iloc[[0]].centroid.to_crs("EPSG:4326").iloc[0]
    lon, lat = (float(part) for part in from_wgs84(middle.x, middle.y, system))
    for words in (f"{lon:.6f}, {lat:.6f}", f"{lon:.6f} {lat:.6f}"):
        (one,) = search.find(TOWN, words, HARM, system=system)
        assert one.segment_id == TOWN.segments.index[0]
        assert one.away_m < 1.0


@pytest.mark.parametrize("words", ["", "  ", "nowhere", "0, 0", "179.9, 89.9", "500, 40", "(", "%"])
def test_what_is_not_there_is_not_found(words: str) -> None:
    assert found(words) == []
