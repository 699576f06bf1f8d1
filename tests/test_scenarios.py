"""Overlays for a what-if or a campaign."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streets import area, effect, extract, layer, street, thing

import riskmap
from riskmap import scenarios
from riskmap.area import Area
from riskmap.errors import RiskmapError

HEAD = 'title = { zh = "若", en = "What if" }\nwhy = { zh = "问", en = "To ask" }\n'
EFFECT = """
[[layers.school.effect]]
family = "vulnerable"
on = "likelihood"
factor = 0.5
grade = "D"
source = "judgement"
"""


@pytest.fixture
def town(tmp_path: Path) -> Area:
    """A street at a school and one far away."""
    ways = [street((0.0, 0.0), (90.0, 0.0)), street((0.0, 900.0), (90.0, 900.0))]
    rule = layer("school", effect("vulnerable", 4.0))
    found = area(extract(ways, [thing((50.0, 0.0), amenity="school")]), rule)
    return replace(found, home=tmp_path)


def put(town: Area, text: str) -> Area:
    """Put an overlay of this text on the town."""
    folder = Path(str(town.home)) / "scenarios"
    folder.mkdir(exist_ok=True)
    (folder / "try.toml").write_text(HEAD + text, encoding="utf-8")
    return riskmap.with_scenario(town, "try")


def vulnerable(town: Area) -> np.ndarray:
    """Harm of each segment in the family that the school acts on."""
    (found,) = [f for f in town.model.families if f.name == "vulnerable"]
    return np.asarray(found.summed(town.model.time.year))


def test_an_added_effect_multiplies_where_the_layer_touches(town: Area) -> None:
    found = put(town, EFFECT)
    assert vulnerable(found) / vulnerable(town) == pytest.approx([0.5, 1])
    assert [e.factor for e in found.layers["school"].effects] == [4, 0.5]
    assert [e.factor for e in town.layers["school"].effects] == [4]


def test_off_takes_the_layer_out_and_scale_is_a_power(town: Area) -> None:
    off = put(town, "[layers.school]\noff = true\n")
    assert vulnerable(off) / vulnerable(town) == pytest.approx([0.25, 1])
    half = put(town, "[layers.school]\nscale = 0.5\n")
    assert vulnerable(half) / vulnerable(town) == pytest.approx([0.5, 1])


def test_an_added_effect_acts_on_every_kind_of_a_layer() -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0), lit="no"), street((0.0, 900.0), (90.0, 900.0))]
    unlit = effect("vulnerable", 3.0, when={"lit": ("no",)}, unknown=0.5)
    lit = effect("vulnerable", 2.0, when={"lit": ("yes",)}, unknown=0.5)
    dark = layer("school", unlit, lit, relation="own", osm={"highway": ("*",)})
    town = area(extract(ways), dark)
    change = scenarios.Change(1.0, (effect("vulnerable", 0.5),))
    found = scenarios.applied(town, scenarios.Scenario("x", {}, {}, {"school": change}))
    assert vulnerable(found) / vulnerable(town) == pytest.approx([0.5, 0.5])


def test_levels_stay_against_the_baseline_and_the_page_can_tell_them_apart(town: Area) -> None:
    found = put(town, EFFECT)
    assert found.thresholds == town.thresholds
    assert found.scenario == "try"
    assert found.key != town.key
    assert found.reason_table().sum(axis=1).to_numpy() == pytest.approx([1, 1])


def test_a_layer_file_is_never_edited(tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in Path("layers").rglob("*.toml")}
    plain = riskmap.assess(riskmap.sample(), cache=tmp_path)
    found = riskmap.with_scenario(plain, "guard_rails")
    assert found.model.harm().sum() < plain.model.harm().sum()
    assert before == {p: p.read_bytes() for p in Path("layers").rglob("*.toml")}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[layers.scool]\noff = true\n", "no layer 'scool'; did you mean 'school'?"),
        ("[layers.school]\nof = true\n", "unknown key 'of' in [layers.school]; did you mean 'off'"),
        ("[layers.school]\n", "[layers.school] changes nothing; give it scale, off or effect"),
        ("[layers.school]\noff = true\nscale = 2\n", "'off' takes the layer out; leave scale"),
        ("[layers.school]\nscale = 0\n", "'scale' in [layers.school] is 0; give a number above 0"),
        (EFFECT.replace("D", "A"), "a judgement is grade D"),
        (EFFECT + 'when = { osm.a = ["b"] }\nunknown = 0.5\n', "leave 'when' out"),
        ("", "missing [layers]"),
        ("[layers\n", "is not TOML"),
    ],
)
def test_a_fault_is_told_in_one_line(town: Area, text: str, fault: str) -> None:
    with pytest.raises(RiskmapError) as found:
        put(town, text)
    assert str(found.value).startswith("scenarios/try.toml: ")
    assert fault in str(found.value)
    assert "\n" not in str(found.value)


def test_an_unknown_name_is_answered_with_the_one_that_was_meant(town: Area) -> None:
    with pytest.raises(RiskmapError, match="did you mean 'guard_rails'"):
        riskmap.with_scenario(town, "guard_rail")
    with pytest.raises(RiskmapError, match="known are"):
        riskmap.with_scenario(town, "zzz")
