"""What in a brigade's resources makes no sense is refused, in one line that says the way out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from brigade import CAR, NIGHT, ONE, POST, RULES, written
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap import staffing
from riskmap.errors import RiskmapError
from riskmap.staffing import Resources

Given = Callable[..., Resources]

@pytest.fixture
def given_text(tmp_path: Path) -> Given:
    """Read a file with this text."""
    return partial(written, tmp_path)


BAD = {
    "no squadron": ("", "no officers: it has no squadron; add a [[squadron]] with officers = 12"),
    "no officers": (ONE.replace("officers = 7", "officers = 0"),
                    "'officers' in [[squadron]] 1 is 0; give a whole number, 1 or more"),
    "officers missing": (ONE.replace("officers = 7", ""),
                         "missing 'officers' in [[squadron]] 1; add a whole number, 1 or more"),
    "no shift": (ONE[: ONE.index("[[shift]]")],
                 "it has no shift; add a [[shift]] with name, from and to"),
    "unknown table": (ONE + "[[vehicel]]", ("unknown key 'vehicel' at the top; did you mean "
                      "'vehicle'?")),
    "one bracket": (ONE + "[vehicle]\nid = 'x'", "write [[vehicle]] with two brackets"),
    "two brackets": (ONE + "[[limits]]\n", "write [limits] with single brackets"),
    "unknown key": (ONE.replace("officers", "oficers"),
                    "unknown key 'oficers' in [[squadron]] 1; did you mean 'officers'?"),
    "unknown limit": (ONE + "[limits]\nevry_min = 3",
                      "unknown key 'evry_min' in [limits]; did you mean 'every_min'?"),
    "unknown system": ('crs = "gcj"\n' + ONE + 'x = "y"', "unknown key 'x' in [[shift]] 1"),
    "no system": ('crs = "mars"\n' + ONE, "'crs' at the top is 'mars'; choose from wgs84"),
    "names": (ONE.replace("officers = 7", 'officers = 7\n"姓名" = "x"'),
              ("'姓名' in [[squadron]] 1 is personal; names, telephones and identity numbers are "
              "not kept: delete it")),
    "phones": (ONE.replace("officers = 7", 'officers = 7\nphones = ["x"]'),
               "'phones' in [[squadron]] 1 is personal"),
    "officers' names": (ONE + '[[officer]]\nname = "x"', "unknown key 'officer' at the top"),
    "a table of names": (ONE + '[[officer_names]]\nid = "x"',
                         "'officer_names' at the top is personal"),
    "ids twice": (ONE + ONE[: ONE.index("[[shift]]")],
                  "id '1' in [[squadron]] 2 is there already in [[squadron]] 1; rename one"),
    "shift twice": (ONE + ONE[ONE.index("[[shift]]"):],
                    "name 'day' in [[shift]] 2 is there already in [[shift]] 1"),
    "vehicle twice": (ONE + CAR + CAR, "id 'c1' in [[vehicle]] 2 is there already"),
    "a post twice": (ONE + POST + POST, "id 'p1' in [[post]] 2 is there already"),
    "too few ids": (ONE.replace("officers = 7", 'officers = 7\nofficer_ids = ["101"]'),
                    "'officer_ids' in [[squadron]] 1 are 1, but officers = 7"),
    "25:00": (ONE.replace("19:00", "25:00"), ("'to' in [[shift]] 1 is '25:00'; give a time of the "
              "clock from '00:00' to '24:00'; what ends the next morning is written '06:00'")),
    "7:60": (ONE.replace("19:00", "7:60"), "'to' in [[shift]] 1 is '7:60'"),
    "seconds": (ONE.replace('"19:00"', "19:00:30"), "'to' in [[shift]] 1 is "),
    "a number for a time": (ONE.replace('"19:00"', "19"), "'to' in [[shift]] 1 is 19; give a time"),
    "no length": (ONE.replace("19:00", "07:00"),
                  "[[shift]] 1 is 07:00-07:00 and has no length; mend its times"),
    "lat alone": (ONE.replace("lon = 9.52", ""), "'lon' is missing in [[squadron]] 1; add it"),
    "no place": (ONE.replace("lon = 9.52\nlat = 47.14", ""),
                 "no place in [[squadron]] 1; give lon and lat, or node"),
    "two places": (ONE + POST + "node = 5", ("two places in [[post]] 1; give one of lon and lat, "
                   "or node, or segment_id")),
    "swapped": (ONE.replace("lat = 47.14", "lat = 117.1"),
                ("'lat' in [[squadron]] 1 is 117.1; give degrees from −90 to 90; are lon and lat "
                "exchanged?")),
    "area and places": (ONE.replace("officers = 7", 'officers = 7\narea = "a.kml"') + '[[place]]\n'
                        'squadron = "1"\nname = "a"\nlon = 9\nlat = 47',
                        "squadron '1' in [[squadron]] 1 has an area and places"),
    "area missing": (ONE.replace("officers = 7", 'officers = 7\narea = "z1.geojson"'),
                     ("area 'z1.geojson' in [[squadron]] 1 does not exist; it is looked for beside "
                     "this file")),
    "area no map": (ONE.replace("officers = 7", 'officers = 7\narea = "z1.csv"'),
                    "area 'z1.csv' in [[squadron]] 1 is no map; use"),
    "place of nobody": (ONE + '[[place]]\nsquadron = "2"\nname = "a"\nlon = 9\nlat = 47',
                        "'2' in [[place]] 1 is no squadron; choose from 1"),
    "a car of nobody": (ONE + CAR.replace('squadron = "1"', 'squadron = "2"'),
                        "'2' in [[vehicle]] 1 is no squadron"),
    "what car": (ONE + CAR.replace('kind = "car"', 'kind = "cra"'),
                 "'kind' in [[vehicle]] 1 is 'cra'; did you mean 'car'?"),
    "one in a car": (ONE + CAR + "officers = 1", ("'officers' in [[vehicle]] 1 is 1; a car has at "
                     "least 2: add one, or state officers_car in [limits]")),
    "a car like a team": (ONE + CAR.replace("c1", "1-A1"), "id '1-A1' in [[vehicle]] 1 is like"),
    "crowded cars": (ONE.replace("officers = 7", "officers = 3") + CAR + CAR.replace("c1", "c2"),
                     ("squadron '1' has 3 officers in shift 'day' in [[squadron]], but its "
                     "vehicles 'c1', 'c2' need 4; name fewer vehicles or more officers")),
    "one officer": (ONE.replace("officers = 7", "officers = 1"),
                    ("squadron '1' has 1 officers in shift 'day' in [[squadron]]; a team has at "
                    "least 2")),
    "a rota of what shift": (ONE + '[[rota]]\nshift = "dya"\nsquadron = "1"',
                             "'dya' in [[rota]] 1 is no shift; did you mean 'day'?"),
    "a rota of too many": (ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\nofficers = 8',
                           "'officers' in [[rota]] 1 is 8, but squadron '1' has 7"),
    "a rota of whom": (ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\nofficer_ids = ["101"]',
                       "'101' in [[rota]] 1 is no officer of squadron '1'; there is none"),
    "a rota with what car": (ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\nvehicles = ["c1"]',
                             "'c1' in [[rota]] 1 is no vehicle of squadron '1'; there is none"),
    "what days": (ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\ndays = ["wrokday"]',
                  "'days' in [[rota]] 1 is 'wrokday'; did you mean 'workday'?"),
    "no days": (ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\ndays = []',
                "'days' in [[rota]] 1 is []; give a list of all, school"),
    "a break longer than its shift": (
        ONE + '[[break]]\nminutes = 720\nfrom = "07:00"\nto = "19:00"',
        "'minutes' in [[break]] 1 is 720, as long as shift 'day' 07:00-19:00 or longer"),
    "a break longer than its window": (
        ONE + '[[break]]\nminutes = 45\nfrom = "12:00"\nto = "12:30"',
        "'minutes' in [[break]] 1 is 45, longer than its window 12:00-12:30"),
    "a break outside": (ONE + '[[break]]\nminutes = 20\nfrom = "18:30"\nto = "19:30"',
                        "the window 18:30-19:30 in [[break]] 1 does not lie within shift 'day'"),
    "no turns": (ONE + '[[break]]\nminutes = 30\nfrom = "12:00"\nto = "13:00"\nat_once = 1',
                 ("break of 30 minutes 12:00-13:00: 3 units of shift 'day' cannot have it 1 at "
                 "once; widen its window, or let 2 rest at once")),
    "too many posts": (
        ONE + "".join(POST.replace("p1", f"p{n}") + 'hours = ["07:30-08:30"]\n' for n in range(4)),
        ("posts 'p0', 'p1', 'p2', 'p3' need 8 officers in 4 teams at 07:30 in shift 'day' on days "
        "of kind 'school'; it has 7 in 3 beside its patrols: add officers to a [[rota]]")),
    "a large post": (ONE + POST + "officers = 8", "posts 'p1' need 8 officers in 4 teams at 07:00"),
    "a post of a squadron without teams": (
        ONE + ONE[: ONE.index("[[shift]]")].replace('"1"', '"2"').replace("= 7", "= 2")
        + CAR.replace('"1"', '"2"') + POST + 'squadron = "2"',
        "squadron '2' has 0 in 0 beside its patrols"),
    "hours without a shift": (
        ONE + POST + 'hours = ["18:30-20:00"]',
        ("post 'p1' is to be staffed 18:30-20:00 on days of kind 'school', but no shift is on duty "
        "at 19:00; mend its hours or days, or add a [[rota]]")),
    "hours that overlap": (ONE + POST + 'hours = ["08:00-10:00", "09:00-11:00"]',
                           "these hours overlap: join them"),
    "hours that are none": (ONE + POST + 'hours = ["8-10"]', ("'hours' in [[post]] 1 is '8-10'; "
                            "give a list such as ['07:10-08:10']")),
    "one at a post": (ONE + POST + "officers = 1", ("'officers' in [[post]] 1 is 1; a post has at "
                      "least 2")),
    "a text for yes": (ONE + POST + 'school = "yes"', "'school' in [[post]] 1 is 'yes'; give true"),
    "a negative radius": (ONE + POST.replace("post", "forbidden") + "radius_m = -1",
                          "'radius_m' in [[forbidden]] 1 is -1"),
    "limits exchanged": (ONE + "[limits]\nleast_stop_min = 20",
                         "least_stop_min 20 in [limits] is above longest_stop_min 16"),
    "no key roads": (ONE + "[limits]\nkey_share = 0", "'key_share' in [limits] is 0"),
    "an endless id": (ONE.replace('id = "1"', f'id = "{"x" * 41}"'), "'id' in [[squadron]] 1 is"),
    "two overlapping shifts": (
        ONE + NIGHT.replace('"19:00"', '"18:00"'),
        ("squadron '1': shifts 'day' 07:00-19:00 and 'night' 18:00-07:00 overlap and take 14 of "
        "its 7 officers; take fewer in one [[rota]], or mend the times")),
    "a car in two shifts": (
        ONE + NIGHT.replace('"19:00"', '"18:00"') + CAR,
        ("vehicle 'c1' works shifts 'day' 07:00-19:00 and 'night' 18:00-07:00, which overlap; take "
        "it out of one [[rota]], or mend the times")),
    "the night runs into the day": (
        ONE + NIGHT.replace('"07:00"', '"07:30"') + CAR,
        "vehicle 'c1' works shifts 'day' 07:00-19:00 and 'night' 19:00-07:30, which overlap"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_is_refused_in_one_line(given_text: Given, case: str) -> None:
    text, message = BAD[case]
    with pytest.raises(RiskmapError) as told:
        given_text(text)
    said = str(told.value)
    assert message in said
    assert "resources.toml" in said
    assert "\n" not in said


@pytest.mark.parametrize("number", [
    "张三", "Li Lei", "13812345678", "36062119800101123X", "zhang", "",
])  # fmt: skip
def test_what_may_be_somebody_is_refused_and_not_repeated(given_text: Given, number: str) -> None:
    text = ONE.replace("officers = 7", f'officers = 2\nofficer_ids = ["{number}", "102"]')
    with pytest.raises(RiskmapError, match="looks like a name, telephone or identity number") as e:
        given_text(text)
    assert not number or number not in str(e.value)


def test_a_file_that_is_missing_or_no_toml_is_told(tmp_path: Path) -> None:
    for name in ("none.toml", "none.xlsx"):
        with pytest.raises(RiskmapError, match=r"no such file; copy data/templates/resources\."):
            staffing.read_resources(tmp_path / name, crs=None, rules=RULES)
    (tmp_path / "r.toml").write_text("[[squadron]\n", encoding="utf-8")
    with pytest.raises(RiskmapError, match="cannot be read as TOML"):
        staffing.read_resources(tmp_path / "r.toml", crs=None, rules=RULES)


clocks = st.integers(0, 47).map(lambda half: half * 30)


@given(clocks, clocks, clocks, clocks)
@settings(max_examples=60)
def test_one_officer_in_two_shifts_is_refused_just_when_they_share_a_time(
    tmp_path_factory: pytest.TempPathFactory, a: int, b: int, c: int, d: int
) -> None:
    if a == b or c == d:
        return
    shifts = "".join(
        f'[[shift]]\nname = "{name}"\nfrom = "{x // 60:02d}:{x % 60:02d}"\n'
        f'to = "{y // 60:02d}:{y % 60:02d}"\n'
        for name, x, y in (("s", a, b), ("t", c, d))
    )
    path = tmp_path_factory.mktemp("r") / "resources.toml"
    path.write_text(ONE[: ONE.index("[[shift]]")] + shifts, encoding="utf-8")
    # every day is alike, so half hours of the clock tell all
    busy = [
        {t % 1440 for t in range(x, y if y > x else y + 1440, 30)} for x, y in ((a, b), (c, d))
    ]
    if busy[0] & busy[1]:
        with pytest.raises(RiskmapError, match=r"shifts '[st]' .* and '[st]' .* overlap"):
            staffing.read_resources(path, crs=None, rules=RULES)
    else:
        staffing.read_resources(path, crs=None, rules=RULES)
