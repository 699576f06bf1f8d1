"""What a brigade gives beside the map: elevation, lists, facts, dates, weather; from end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from town import degrees, write

import riskmap
from riskmap.area import Area
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.layers import read_layers
from riskmap.moments import Moment

Shared = Callable[[str], Path]
NODES: dict[int, Any] = {
    1: (0, 0), 2: (90, 0), 3: (0, 3000), 4: (90, 3000), 5: (0, 6000), 6: (90, 6000),
}  # fmt: skip
ROADS: dict[int, Any] = {
    11: ([1, 2], {"highway": "secondary"}),
    12: ([3, 4], {"highway": "secondary"}),
    13: ([5, 6], {"highway": "secondary"}),
}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Three roads of 90 m, far from each other."""
    return write(tmp_path / "town.osm", NODES, ROADS)


def assessed(town: Path, **options: Any) -> Area:
    return riskmap.assess(town, cache=False, **options)


def given(folder: Path, name: str, text: str) -> Path:
    """Write a file of the brigade."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- dates -------------------------------------------------------------------------------------


def test_roadworks_count_between_their_days_only(town: Path, tmp_path: Path) -> None:
    lon, lat = degrees(45.0, 5.0)
    row = f"{lon},{lat},2099-05-10,2099-05-20"
    given(tmp_path / "points", "roadworks.csv", f"经度,纬度,开始,结束\n{lon},{lat},,\n")
    points, far = tmp_path / "points", {"moments": {"public_holidays": False, "year": 2099}}
    always = assessed(town, points=points, parameters=far)
    given(points, "roadworks.csv", f"经度,纬度,开始,结束\n{row}\n")
    dated, plain = assessed(town, points=points, parameters=far), assessed(town, parameters=far)
    for when, works in (("09", plain), ("10", always), ("20", always), ("21", plain)):
        moment = plain.moment(f"2099-05-{when}T12:00")
        harm = dated.model.harm(moment).to_numpy()
        assert harm == pytest.approx(works.model.harm(moment).to_numpy())
    # of the year they have their days, and those days are what they would be all year
    days = plain.period("2099-05-10", "2099-05-20")
    added = dated.model.harm().to_numpy() - plain.model.harm().to_numpy()
    there = always.model.harm(days) - plain.model.harm(days)
    assert added == pytest.approx(there.to_numpy())


# --- places that touch nothing -----------------------------------------------------------------


def test_a_place_that_touches_nothing_is_told(town: Path, tmp_path: Path) -> None:
    rows = {"hits": degrees(45.0, 12.0), "misses": degrees(45.0, 40.0)}
    text = "\n".join(f"{name},{lon},{lat}" for name, (lon, lat) in rows.items())
    for layer in ("level_crossing", "narrow", "congestion"):
        given(tmp_path / "points", f"{layer}.csv", f"name,lon,lat\n{text}\n")
    found = assessed(town, points=tmp_path / "points")
    told = found.report[found.report["row"] > 0].set_index(["layer", "name"])["why_en"]
    for layer, metres in (("level_crossing", 15), ("narrow", 15)):
        said = f"no road or junction to act on within {metres} m: it touches nothing"
        assert said in told[layer, "misses"]
        assert said not in told[layer, "hits"]
        assert found.touched(layer).query("not unknown")["touch"].tolist() == [1]
    # there is no junction in this town
    assert all("within 30 m" in why for why in told["congestion"])


# --- facts -------------------------------------------------------------------------------------

FACTS = "way_id,限速,路灯,护栏,路宽,日流量\nw11,30,有,,3,9000\nw13,,无,,,\n"


def test_facts_override_the_map_and_are_known(town: Path, tmp_path: Path) -> None:
    found = assessed(town, facts=given(tmp_path / "own", "facts.csv", FACTS))
    plain = assessed(town)
    stated = found.segments.loc[found.segments["way_id"] == 11].iloc[0]
    assert (stated["maxspeed_kph"], stated["speed_source"]) == (30, "fact")
    assert (stated["aadt"], stated["flow_source"]) == (9000, "count")
    assert found.network.edges["time_s"].iloc[0] == pytest.approx(90 / 30 * 3.6, rel=1e-2)
    assert found.inputs.loc["lit", "known_km"] == pytest.approx(0.18, abs=1e-3)
    assert found.inputs.loc["width", "known_km"] == pytest.approx(0.09, abs=1e-3)
    night = plain.moment("2026-12-01T22:00")
    dark = found.reason_table(night)["dark"].to_numpy()
    assert dark[0] < dark[1] < dark[2]  # lit, unknown, unlit
    assert found.touched("narrow")["unknown"].tolist() == [False, True, True]
    assert (found.report["outcome"] == "read").sum() == 2


def test_a_stated_guard_rail_relieves_and_a_stated_gap_does_not(tmp_path: Path) -> None:
    bank: dict[int, Any] = {
        **NODES, 21: (-50, 4), 22: (140, 4), 23: (-50, 3004), 24: (140, 3004),
        25: (-50, 6004), 26: (140, 6004),
    }  # fmt: skip
    canals = {n: ([n, n + 1], {"waterway": "canal"}) for n in (21, 23, 25)}
    path = write(tmp_path / "wet.osm", bank, {**ROADS, **canals})
    facts = given(tmp_path / "own", "facts.csv", "way_id,护栏\nw11,有\nw12,无\n")
    found = assessed(path, facts=facts)
    railed, bare, unknown = found.model.harm().to_numpy()
    assert railed < unknown < bare
    assert found.inputs.loc["guard_rail", ["known_km", "unknown_km"]].tolist() == pytest.approx(
        [0.18, 0.09], abs=1e-3
    )


# --- weather -----------------------------------------------------------------------------------


def test_a_bridge_ices_in_ice_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roads = {**ROADS, 11: ([1, 2], {"highway": "secondary", "bridge": "yes"})}
    path = write(tmp_path / "town.osm", NODES, roads)
    share = {}
    for weather in ("ice", "dry"):
        command = ["explain", str(path), "w11.1-2.1", "--at", "2026-01-20T07:00", "--json"]
        assert main([*command, "--weather", weather]) == 0
        reasons = json.loads(capsys.readouterr().out)["reasons"]
        share[weather] = {row["reason"]: row["share"] for row in reasons}
    assert share["ice"]["icing_bridge"] > 0.2
    assert "icing_bridge" not in share["dry"]


def test_weather_without_an_hour_is_refused(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(town), "w11.1-2.1", "--weather", "ice"]) == 2
    assert "add --at TIME" in capsys.readouterr().err


def test_a_year_without_known_holidays_is_refused(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["explain", str(town), "w11.1-2.1", "--at", "2090-05-01T08:00"]
    assert main([*command, "--lang", "en"]) == 2
    assert "public holidays of 2090: unknown" in capsys.readouterr().err


def test_a_shift_is_asked_for_by_its_ends(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", str(town), "w11.1-2.1", "--json"]
    shift = ["--from", "2026-05-01T19:00", "--to", "2026-05-02T07:00"]
    assert main([*command, *shift]) == 0
    said = json.loads(capsys.readouterr().out)
    area = assessed(town)
    night = area.scores(area.period("2026-05-01T19:00", "2026-05-02T07:00")).iloc[0]
    assert said["harm"] == pytest.approx(night["harm"])
    hours = [area.moment(f"2026-05-0{1 + n // 24}T{n % 24:02d}:00") for n in range(19, 31)]
    each = {hour.label: area.model.harm(hour).iloc[0] for hour in hours}
    assert night["harm"] == pytest.approx(sum(each.values()))
    assert night["peak"] == max(each, key=lambda label: each[label]) == said["peak"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--at", "2026-05-01T08:00", "--from", "2026-05-01"], "an hour or a period, not both"),
        (["--from", "2026-05-01"], "--from and --to go together; add the other"),
        (["--weather", "ice"], "of which hour"),
        (["--from", "2026-05-03", "--to", "2026-05-01"], "an empty period"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    town: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["explain", str(town), "w11.1-2.1", *options]) == 2
    assert said in capsys.readouterr().err


# --- a project ---------------------------------------------------------------------------------


def test_a_project_keeps_what_init_was_given(town: Path, tmp_path: Path) -> None:
    lon, lat = degrees(45.0, 5.0)
    home = tmp_path
    given(home / "data", "x", "")
    given(home / "data" / "points", "school.csv", f"lon,lat,crs\n{lon},{lat},wgs84\n")
    given(home / "data" / "points", "facts.csv", FACTS)
    project = home / "area.toml"
    assert main(["init", str(town), "-o", str(project), "--scenario", "guard_rails"]) == 0
    text = project.read_text(encoding="utf-8")
    assert 'scenario = "guard_rails"' in text
    found = assessed(project)
    assert found.scenario == "guard_rails"
    # lists in data/points beside the project are found without a word, facts among them too
    assert found.features("school")["osm_id"].tolist() == ["school.csv:2"]
    assert "fact" in set(found.segments["speed_source"])


def test_a_project_names_a_scenario_by_its_path_too(town: Path, tmp_path: Path) -> None:
    head = 'title = { zh = "若", en = "If" }\nwhy = { zh = "问", en = "Ask" }\n'
    given(tmp_path / "own", "day.toml", f"{head}[layers.dark]\noff = true\n")
    text = f'extract = "{town.name}"\nscenario = "own/day.toml"\n'
    found = assessed(given(tmp_path, "area.toml", text))
    assert found.scenario == "day"
    assert found.reason_table()["dark"].max() == 0


def test_two_files_of_facts_are_refused(town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "points"
    for name in ("facts.csv", "facts.xlsx"):
        given(folder, name, FACTS)
    with pytest.raises(RiskmapError, match=r"holds facts\.csv, facts\.xlsx; keep one"):
        assessed(town, points=folder)


@pytest.mark.parametrize("option", ["dem", "points", "facts", "traffic"])
def test_a_path_that_is_not_there_is_said(
    town: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hotspots", str(town), f"--{option}", "nowhere", "-o", "list.csv"]) == 2
    said = capsys.readouterr().err
    assert f"{option} = 'nowhere' does not exist" in said
    assert said.count("\n") == 1


def test_an_unknown_option_of_assess_is_an_error_of_the_program(town: Path) -> None:
    with pytest.raises(TypeError, match="did you mean 'points'"):
        riskmap.assess(town, point="x")


# --- the real areas ----------------------------------------------------------------------------


def test_on_a_county_without_tags_every_layer_runs_and_nothing_is_zero(shared: Shared) -> None:
    found = riskmap.assess(shared("guixi_slim.osm.pbf"))
    coverage = found.coverage()
    assert set(coverage.index) == set(read_layers())
    assert (found.scores()["harm"] > 0).all()
    for moment in (Moment("school", 7), Moment("weekend", 22)):
        assert (found.scores(moment)["harm_per_km"] > 0).all()
    # nobody mapped lights, widths or heights here: unknown, not "none"
    for name in ("dark", "dark_street", "steep", "cliff"):
        asked = coverage.loc[name, ["known_km", "assumed_km", "unknown_km"]].sum()
        assert coverage.loc[name, "unknown_km"] == pytest.approx(asked)
    assert found.inputs.loc["lit", "known_km"] == 0
    assert (found.hotspots(top=None)["coverage"] < 1).mean() > 0.9
    # a road never ranks low only because nobody mapped it
    weights = dict.fromkeys(("dark", "steep", "cliff", "narrow"), 0.0)
    without = found.model.weighted(weights).harm().to_numpy()
    assert (found.model.harm().to_numpy() >= without * (1 - 1e-9)).all()


def test_the_cliff_layer_touches_the_rural_road_beside_mapped_cliffs(shared: Shared) -> None:
    found = riskmap.assess(
        shared("liechtenstein_slim.osm.pbf"),
        dem=shared("liechtenstein_srtm3_N47E009_crop.tif"),
    )
    segments = found.segments
    around = shapely.union_all(
        shapely.buffer(found.features("cliff").geometry.to_numpy(), 20.0, quad_segs=32)
    )
    near_m = shapely.length(shapely.intersection(segments.geometry.to_numpy(), around))
    open_ = (segments["area"] == "rural").to_numpy() & ~segments["tunnel"].to_numpy()
    cliff = found.touched("cliff")
    touched = segments.index.isin(cliff.index[~cliff["unknown"]])
    assert near_m[open_].sum() > 150
    assert near_m[open_ & touched].sum() >= 0.9 * near_m[open_].sum()
    assert ("note.dem_coarse", {"metres": 93}) in found.notes
    assert found.inputs.loc["elevation", "known_km"] > 0.95 * segments["length_m"].sum() / 1000


def test_elevation_changes_scores_and_is_part_of_the_stored_result(
    shared: Shared, tmp_path: Path
) -> None:
    path = shared("liechtenstein_slim.osm.pbf")
    dem = shared("liechtenstein_srtm3_N47E009_crop.tif")
    plain, high = (riskmap.assess(path, dem=d, cache=tmp_path) for d in (None, dem))
    assert plain.key != high.key
    again = riskmap.assess(path, dem=dem, cache=tmp_path)
    assert np.array_equal(again.model.harm().to_numpy(), high.model.harm().to_numpy())
    assert not np.array_equal(plain.model.harm().to_numpy(), high.model.harm().to_numpy())
