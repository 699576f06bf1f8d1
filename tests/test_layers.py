"""Layer files: every layer that we ship, every fault, and what the reader promises."""

from __future__ import annotations

import math
import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.layers import read_layer, read_layers, wanted_tags
from riskmap.resources import packaged
from riskmap.vocabulary import DAYS, ROAD_CLASSES, VOCABULARY, Word

BROKEN = sorted(Path(__file__).with_name("broken_layers").glob("*.toml"))
SHIPPED = read_layers()
PREFERENCES = re.compile(r"^(prefer|exclude).*\n", re.MULTILINE)
SCHOOL = PREFERENCES.sub("", (packaged("layers") / "school.toml").read_text(encoding="utf-8"))


def layer(folder: Path, text: str, name: str = "school") -> Layer:
    """Read a layer from its text."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return read_layer(path)


def fault_of(path: Path) -> str:
    """Read a layer file: its fault, "" if it has none. Any other error goes on."""
    try:
        read_layer(path)
    except RiskmapError as fault:
        return str(fault)
    return ""


# --- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_fault_says_where_what_and_the_way_out(path: Path) -> None:
    expected = path.read_bytes().splitlines()[0].decode().removeprefix("# expect: ")
    with pytest.raises(RiskmapError) as fault:
        read_layer(path)
    assert str(fault.value) == f"broken_layers/{path.name}: {expected}"


def test_a_broken_file_holds_nothing_but_its_fault() -> None:
    # a fixture that breaks in two ways could pass for the wrong one
    assert len(BROKEN) > 100
    assert len({path.read_bytes().split(b"\n", 1)[1] for path in BROKEN}) == len(BROKEN)


def test_one_broken_layer_stops_a_folder(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(SCHOOL, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(SCHOOL.replace("reach_m", "reech_m"), encoding="utf-8")
    with pytest.raises(RiskmapError, match=r"bad\.toml: unknown key 'reech_m' in \[touch\]; did"):
        read_layers(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match="nowhere: no such folder"):
        read_layers(tmp_path / "nowhere")


def test_a_file_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    layer(tmp_path, SCHOOL)
    with pytest.raises(RiskmapError, match=r"school\.toml: no such folder"):
        read_layers(tmp_path / "school.toml")


def test_a_folder_without_layers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    (tmp_path / "._school.toml").touch()
    with pytest.raises(RiskmapError, match="holds no layer file"):
        read_layers(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match=r"school\.toml: cannot be read \(No such file"):
        read_layer(tmp_path / "school.toml")


def test_a_folder_called_like_a_layer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "school.toml").mkdir()
    with pytest.raises(RiskmapError, match=r"school\.toml: cannot be read \(Is a directory"):
        read_layers(tmp_path)


@pytest.mark.parametrize("name", ["base", "cap", "base_rail", "two words", "1st"])
def test_a_name_that_would_be_mistaken_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RiskmapError, match="cannot be the name of a layer"):
        layer(tmp_path, SCHOOL, name)


def test_a_chinese_file_name_is_a_name(tmp_path: Path) -> None:
    assert layer(tmp_path, SCHOOL, "学校").name == "学校"


def test_names_that_differ_in_capitals_only_are_refused(tmp_path: Path) -> None:
    layer(tmp_path, SCHOOL, "School")
    if (tmp_path / "school.toml").exists():
        pytest.skip("the file system cannot hold both")
    layer(tmp_path, SCHOOL, "school")
    with pytest.raises(RiskmapError, match=r"school\.toml: has the name of School\.toml"):
        read_layers(tmp_path)


def test_two_layers_of_one_title_are_refused(tmp_path: Path) -> None:
    layer(tmp_path, SCHOOL, "a")
    layer(tmp_path, SCHOOL, "b")
    with pytest.raises(RiskmapError, match=r"b\.toml: 'zh' in title is '校园.*' as in a\.toml"):
        read_layers(tmp_path)


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match="is not TOML"):
        layer(tmp_path, "a = " + "[" * 100_000)


WORDS = sorted({word.key for word in VOCABULARY} | {"wibble", "source.osm", '"a\\nb"'})
VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(["near", "crosses", "at_junction", "D", "judgement", "school", "", "*"]),
        st.text(max_size=8),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["zh", "en", "osm", "min", "natural", "x\ny"]), inner)
    ),
    max_leaves=6,
)


def written(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        safe = string.ascii_letters + string.digits
        return '"' + "".join(c if c in safe else f"\\U{ord(c):08X}" for c in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)} = {written(v)}" for k, v in value.items()) + "}"
    return repr(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 40), key=st.sampled_from(WORDS), value=VALUES)
def test_any_line_is_either_taken_or_refused_in_one_line(
    tmp_path: Path, number: int, key: str, value: object
) -> None:
    lines = SCHOOL.splitlines()
    lines[number % len(lines)] = f"{key} = {written(value)}"
    path = tmp_path / "school.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert fault_of(path).count("\n") == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(SCHOOL.encode())), noise=st.binary(max_size=6))
def test_damaged_bytes_are_either_taken_or_refused_in_one_line(
    tmp_path: Path, cut: int, noise: bytes
) -> None:
    path = tmp_path / "school.toml"
    text = SCHOOL.encode()
    path.write_bytes(text[:cut] + noise + text[cut + len(noise) :])
    assert fault_of(path).count("\n") == 0


# --- what is read ------------------------------------------------------------------------------


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert layer(tmp_path, "\ufeff" + SCHOOL) == layer(tmp_path, SCHOOL)


def test_hours_become_numbers() -> None:
    (window,) = SHIPPED["school"].active
    assert window.days == ("school",)
    (opens, closes), (goes_home, gone) = window.hours
    assert (opens, closes) == pytest.approx((7 + 1 / 6, 8 + 1 / 6))
    assert (goes_home, gone) == pytest.approx((16.5, 17 + 2 / 3))


def test_a_window_over_midnight_is_the_two_ends_of_a_day(tmp_path: Path) -> None:
    text = SCHOOL.replace('"16:30-17:40"', '"22:00-02:00"')
    assert layer(tmp_path, text).active[0].hours[::2] == ((0, 2), (22, 24))


def test_a_window_up_to_midnight_stays_one(tmp_path: Path) -> None:
    for end in ("24:00", "00:00"):
        text = SCHOOL.replace('"16:30-17:40"', f'"22:00-{end}"')
        assert layer(tmp_path, text).active[0].hours[1:] == ((22, 24),)


def test_windows_that_meet_do_not_overlap(tmp_path: Path) -> None:
    text = SCHOOL.replace('"16:30-17:40"', '"08:10-09:00"')
    assert len(layer(tmp_path, text).active[0].hours) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 1439), minutes=st.integers(1, 1439))
def test_a_window_keeps_its_length_wherever_it_lies(
    tmp_path: Path, start: int, minutes: int
) -> None:
    end = (start + minutes) % 1440
    window = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    text = SCHOOL.replace('"07:10-08:10", "16:30-17:40"', f'"{window}"')
    hours = layer(tmp_path, text).active[0].hours
    assert sum(b - a for a, b in hours) * 60 == pytest.approx(minutes)
    assert all(0 <= a < b <= 24 for a, b in hours)


def test_days_left_out_are_every_day_and_hours_all_day(tmp_path: Path) -> None:
    by_day = layer(tmp_path, SCHOOL.replace('hours = ["07:10-08:10", "16:30-17:40"]', ""))
    assert by_day.active[0].hours == ((0, 24),)
    by_hour = layer(tmp_path, SCHOOL.replace('days  = "school"', ""))
    assert by_hour.active[0].days == DAYS


def test_a_layer_without_windows_is_always_active() -> None:
    assert SHIPPED["water"].active == ()


def test_one_end_of_a_range_leaves_the_other_open() -> None:
    assert SHIPPED["minor_meets_trunk"].sources[0].network == {"approaches": (3.0, math.inf)}


def test_a_flat_decay_is_full_up_to_its_reach() -> None:
    assert SHIPPED["people"].touch.full_m == SHIPPED["people"].touch.reach_m == 100


def test_layers_come_sorted_by_name() -> None:
    assert list(SHIPPED) == sorted(SHIPPED) == [layer.name for layer in SHIPPED.values()]


# --- wanted tags -------------------------------------------------------------------------------


def test_wanted_tags_cover_sources_reliefs_and_questions() -> None:
    wanted = wanted_tags(SHIPPED)
    assert wanted["natural"] == {"water", "cliff"}
    assert wanted["barrier"] == {"guard_rail", "gate", "entrance"}
    assert wanted["railway"] == {
        "level_crossing", "rail", "narrow_gauge", "light_rail", "station",
    }  # fmt: skip
    assert "*" not in (wanted["highway"] or {"*"})


def test_any_value_wanted_once_is_any_value_wanted(tmp_path: Path) -> None:
    pub = layer(tmp_path, SCHOOL.replace('["school"]', '["*"]'), "pub")
    school = layer(tmp_path, SCHOOL)
    for some in ([pub, school], [school, pub]):
        assert wanted_tags(some) == {"amenity": None}


def test_of_tags_that_must_all_hold_the_narrowest_is_wanted(tmp_path: Path) -> None:
    text = SCHOOL.replace("osm.amenity", 'osm.name = ["*"]\nosm.amenity')
    assert wanted_tags([layer(tmp_path, text)]) == {"amenity": {"school"}}


def test_a_layer_of_lists_only_wants_no_tags(tmp_path: Path) -> None:
    text = re.sub(r"osm\.amenity +=.*", 'file = "schools.*"', SCHOOL)
    assert wanted_tags([layer(tmp_path, text)]) == {}


# --- the layers that we ship -------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_layer_says_what_each_side_can_do(name: str) -> None:
    assert set(SHIPPED[name].advice) == {"police", "agency", "education", "public"}
    assert all(SHIPPED[name].advice.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_layer_shows_a_case_that_touches_and_one_that_does_not(name: str) -> None:
    touches = [example.touch for example in SHIPPED[name].examples]
    assert max(touches) > 0
    assert min(touches) == 0


EVIDENCE = {
    "water": {1.8}, "cliff": {2.2}, "school": {3.0}, "congestion": {1.75}, "level_crossing": {3.3},
    "curve": {6.0}, "steep": {1.16}, "dark": {2.45, 1.17, 4.6, 2.4, 1.5},
    "rain": {1.2}, "ice": {1.75, 0.76},
    # .14 per log(1 + n), touch 1 at the cap
    "signals": {1.45}, "multilane": {2.2},
    "people": {round(math.exp(0.14 * math.log(1 + SHIPPED["people"].touch.cap)), 2)},
}  # fmt: skip
"""Numbers of the evidence table; 1.5 is France's 19.8 killed per 100 in the dark over 13.1."""


def test_numbers_with_a_grade_are_those_of_the_evidence_table() -> None:
    graded: dict[str, set[float]] = {}
    for shipped in SHIPPED.values():
        for effect in shipped.effects:
            if effect.grade != "D":
                graded.setdefault(shipped.name, set()).add(effect.factor)
    assert graded == EVIDENCE


def test_the_steps_of_a_curve_are_irap_s_factors() -> None:
    curve = SHIPPED["curve"]
    factor = curve.effects[0].factor
    sizes = [(high, factor**touch) for _, high, touch in curve.touch.steps]
    assert [high for high, _ in sizes] == [200, 500, 900]
    assert [size for _, size in sizes] == pytest.approx([6, 3.5, 1.8], rel=0.01)


def test_the_steps_of_a_grade_are_those_of_the_manual() -> None:
    steep = SHIPPED["steep"]
    sizes = {low: steep.effects[0].factor ** touch for low, _, touch in steep.touch.steps}
    assert sizes == pytest.approx({6: 1.16, 3: 1.10}, rel=0.002)


def test_a_crossing_of_which_nothing_is_known_is_an_average_one() -> None:
    expected = 1.0
    kinds = [effect for effect in SHIPPED["level_crossing"].effects if effect.unknown is not None]
    assert {key for effect in kinds for key in effect.when or {}} == {
        "crossing:barrier", "crossing:light", "supervised",
    }  # fmt: skip
    for effect in kinds:
        expected *= 1 + (effect.unknown or 0) * (effect.factor - 1)
    assert expected == pytest.approx(1, abs=0.02)


def test_signals_take_a_junction_out_of_minor_meets_trunk() -> None:
    assert "signals" not in SHIPPED["minor_meets_trunk"].touch.control


def test_road_classes_are_those_of_the_parameters() -> None:
    parameters = Path(__file__).parents[1] / "riskmap" / "parameters.toml"
    classes = tomllib.loads(parameters.read_text(encoding="utf-8"))["roads"]["classes"]
    assert set(classes) == set(ROAD_CLASSES)


# --- the README --------------------------------------------------------------------------------


def row(word: Word) -> str:
    """Write the line of the README for one word."""
    needed = "yes" if word.needed is True else ", ".join(word.needed or ())
    cells = (f"`{word.key}`", word.kind.wants, ", ".join(word.relations), needed, word.means)
    return "| " + " | ".join(cells) + " |"


def table() -> str:
    """Write the vocabulary as the README shows it."""
    lines = []
    for name in dict.fromkeys(word.table for word in VOCABULARY):
        lines += ["", f"### {name}", "| word | takes | only with | needed | meaning |"]
        lines += ["|---|---|---|---|---|"]
        lines += [row(word) for word in VOCABULARY if word.table == name]
    return "\n".join(lines) + "\n"


def test_the_readme_shows_the_vocabulary_that_is_read() -> None:
    readme = (packaged("layers") / "README.md").read_text(encoding="utf-8")
    assert readme.split("-->\n")[1] == table()
