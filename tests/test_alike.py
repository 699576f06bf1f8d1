"""Roads elsewhere that are dangerous for the same reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streets import area, effect, extract, layer, street, thing

from riskmap.alike import COLUMNS, alike
from riskmap.area import Area
from riskmap.errors import RiskmapError

ROOT_HALF = np.sqrt(0.5)


def town() -> Area:
    """Lanes that do not meet: two at a school, one at a pub, one at both; a trunk at a school."""
    lanes = {0.0: "One", 1000.0: "Two", 2000.0: "Three", 3000.0: "Four", 5000.0: "Bare"}
    ways = [street((x, 0.0), (x + 90.0, 0.0), name=name) for x, name in lanes.items()]
    ways.append(street((4000.0, 0.0), (4090.0, 0.0), highway="trunk", name="Six"))
    schools, pubs = (0.0, 1000.0, 3000.0, 4000.0), (2000.0, 3000.0)
    things = [thing((x + 45.0, 5.0), amenity="school") for x in schools]
    things += [thing((x + 45.0, -5.0), amenity="pub") for x in pubs]
    return area(
        extract(ways, things),
        layer("school", effect("all", 2.0), full_m=100.0),
        layer("pub", effect("all", 2.0), osm={"amenity": ("pub",)}, full_m=100.0),
    )


def levelled(own: Area, yellow: float = np.inf) -> Area:
    """The town with other limits; without one every road is blue."""
    return replace(own, thresholds={"red": np.inf, "orange": np.inf, "yellow": yellow})


@pytest.fixture(scope="module")
def own() -> Area:
    return levelled(town())


def named(own: Area, name: str) -> str:
    return str(own.segments.index[own.segments["name"] == name][0])


def test_likeness_is_the_cosine_of_the_reasons_and_less_for_another_group(own: Area) -> None:
    found = alike(own, named(own, "One"))
    assert list(found.columns) == list(COLUMNS)
    assert found["name"].tolist() == ["Two", "Six", "Four"]
    # one reason against two of one size; a trunk counts as 0.8
    assert found["likeness"].tolist() == pytest.approx([1.0, 0.8, ROOT_HALF])
    assert found["away_m"].tolist() == pytest.approx([910.0, 3910.0, 2910.0])
    assert set(found["level"]) == {"blue"}


def test_a_road_with_other_reasons_is_not_alike(own: Area) -> None:
    assert "One" not in alike(own, named(own, "Three"))["name"].tolist()


def test_a_road_on_which_no_layer_has_a_say_is_like_none(own: Area) -> None:
    assert alike(own, named(own, "Bare")).empty


def test_only_so_many_are_listed_as_asked(own: Area) -> None:
    assert alike(own, named(own, "One"), count=1)["name"].tolist() == ["Two"]


def test_another_level_counts_less(own: Area) -> None:
    one = named(own, "One")
    harm = own.scores().loc[one, "harm_per_km"]
    found = alike(levelled(own, 1.01 * float(harm)), one).set_index("name")
    assert found.loc["Four", "level"] == "yellow"
    assert found.loc["Four", "likeness"] == pytest.approx(0.9 * ROOT_HALF)


def test_levels_are_of_the_rate_that_is_asked_for(own: Area) -> None:
    red = replace(own, thresholds_mvkm=dict.fromkeys(("red", "orange", "yellow"), 0.0))
    one = named(own, "One")
    assert set(alike(red, one)["level"]) == {"blue"}
    assert set(alike(red, one, by="mvkm")["level"]) == {"red"}


def test_the_same_road_is_none_elsewhere() -> None:
    ways = [
        street((0.0, 0.0), (90.0, 0.0), name="Main"),
        street((900.0, 0.0), (990.0, 0.0), name="Main"),
        # without a name: two pieces of a lane that goes straight on
        street((0.0, 500.0), (90.0, 500.0)),
        street((90.0, 500.0), (180.0, 500.0)),
    ]
    things = [thing((x, y + 5.0), amenity="school") for x, y in
              ((45.0, 0.0), (945.0, 0.0), (45.0, 500.0), (135.0, 500.0))]  # fmt: skip
    own = area(extract(ways, things), layer("school", effect("all", 2.0), full_m=200.0))
    for row, like in ((0, {2, 3}), (2, {0, 1})):
        found = alike(own, own.segments.index[row], lang="en")
        assert len(found) == 1
        assert set(own.segments.index.get_indexer(found["segment_id"])) <= like


def test_an_id_from_elsewhere_is_told(own: Area) -> None:
    with pytest.raises(RiskmapError, match="not in town"):
        alike(own, "w0.0-0.0")
