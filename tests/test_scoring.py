"""Lines of a table or a graph have the scores of the same roads in an extract, on their index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon

import riskmap
from riskmap import RiskmapError, assessment, graphs, line_tags, osm, scoring
from riskmap.layers import read_layers
from riskmap.project import constants

LON, LAT = 117.2, 28.3
EVEN = {"centrality": {"spacing": 2**60}}
"""Trip ends are drawn by node ids, and lines have others than the map: none are drawn."""


def line(*corners: tuple[float, float]) -> LineString:
    """Metres, about, east and north."""
    return LineString([(LON + x / 98_000, LAT + y / 111_000) for x, y in corners])


def table(*lines: shapely.Geometry, index: Any = None, **columns: Any) -> gpd.GeoDataFrame:
    made = gpd.GeoDataFrame(geometry=list(lines), crs=4326, index=index)
    return made.assign(**columns)


LOCAL = 'LOCAL_CS["drawing", UNIT["metre", 1]]'
CROSS = (line((0, 0), (500, 0)), line((500, 0), (900, 0)), line((500, -300), (500, 0)))


@pytest.fixture(scope="module")
def mapped(request: pytest.FixtureRequest) -> gpd.GeoDataFrame:
    """The roads of the sample as a plain table of lines, one row per way."""
    rules = constants()
    sample = request.getfixturevalue("sample")
    extract = osm.read(sample, assessment.asked_tags(read_layers(), rules), rules["roads"])
    part = np.repeat(np.arange(len(extract.roads)), extract.roads["count"])
    tags = pd.DataFrame(
        [extract.road_tags.of(row) for row in range(len(extract.roads))],
        index=extract.roads.index.map("way {}".format),
    )
    lines = shapely.linestrings(extract.vertices[["x", "y"]].to_numpy(), indices=part)
    return gpd.GeoDataFrame(tags, geometry=lines, crs=extract.crs)


# --- the same formula ----------------------------------------------------------------------------


def test_lines_of_an_extract_score_as_the_extract_does(
    mapped: gpd.GeoDataFrame, sample: Path
) -> None:
    found = riskmap.score(mapped, features=sample, parameters=EVEN)
    area = riskmap.assess(sample, parameters=EVEN, cache=False)
    way = area.segments["way_id"].map("way {}".format)
    for column, expected in [
        ("harm", area.scores()["harm"].groupby(way).sum()),
        ("worst", area.scores()["harm_per_km"].groupby(way).max()),
        ("length_m", area.segments["length_m"].groupby(way).sum()),
    ]:
        ratio = found[column] / expected.reindex(found.index)
        # the map has one road twice, which is one line, and that moves what is urban around it
        assert (np.abs(ratio - 1) < 1e-3).mean() > 0.99, column
    assert (found["low"] < found["score"]).all()
    assert (found["score"] < found["high"]).all()


def test_a_row_is_the_mean_of_its_pieces_by_length_and_has_their_worst_level() -> None:
    found = riskmap.assess_lines(table(*CROSS, highway=["primary", "tertiary", "residential"]))
    scored, pieces = found.scores(), found.area.scores()
    way, km = found.area.segments["way_id"], found.area.segments["length_m"] / 1000
    own = pieces[way == 1]
    per_km = (own["harm_per_km"] * km[way == 1]).sum() / km[way == 1].sum()
    assert scored["score"][0] == pytest.approx(per_km)
    assert scored["worst"][0] == pytest.approx(own["harm_per_km"].max())
    order = list(riskmap.risk.LEVELS)
    assert scored["level"][0] == min(own["level"], key=order.index)
    assert scored["harm"].sum() == pytest.approx(pieces["harm"].sum())
    assert scored["length_m"].sum() == pytest.approx(km.sum() * 1000)


def test_the_unit_of_the_crs_and_the_order_of_the_rows_do_not_matter() -> None:
    lines = table(*CROSS, highway=["primary", "tertiary", "residential"], index=list("abc"))
    expected = riskmap.score(lines)
    for other in (lines.iloc[::-1], lines.to_crs(3857), lines.to_crs(2277)):  # the last in feet
        found = riskmap.score(other)
        assert found.index.tolist() == other.index.tolist()
        assert found.crs == other.crs
        columns = ["score", "low", "high", "harm", "length_m"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(found[columns]).loc[expected.index],
            pd.DataFrame(expected[columns]), rtol=1e-3,
        )  # fmt: skip


def test_a_moment_a_period_and_an_hour_in_text_are_asked_alike() -> None:
    found = riskmap.assess_lines(table(*CROSS))
    by_text = found.scores("2026-05-08T18:00")
    pd.testing.assert_frame_equal(by_text, found.scores(found.area.moment("2026-05-08T18:00")))
    shift = found.scores(found.area.period("2026-05-08T18:00", "2026-05-08T19:00"))
    assert shift["harm"].tolist() == pytest.approx(by_text["harm"].tolist())
    rain = found.scores("2026-05-08T18:00", weather="rain")
    assert (rain["score"] > found.scores("2026-05-08T18:00", weather="dry")["score"]).all()
    with pytest.raises(RiskmapError, match="weather: needs a when in text"):
        found.scores(riskmap.Moment("school", 7), weather="rain")
    with pytest.raises(RiskmapError, match=r"^when tomorrow: not a date and time") as fault:
        found.scores("tomorrow")
    assert "--" not in str(fault.value)


# --- the index -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "index",
    [
        [7, 3, -1],
        ["临水路", "=1+1", ""],
        pd.MultiIndex.from_tuples([(1, 2, 0), (2, 1, 0), (1, 2, 1)], names=["u", "v", "key"]),
        pd.DatetimeIndex(["2026-01-01", "2025-01-01", "2024-01-01"], name="when"),
    ],
    ids=["numbers", "text", "three levels", "dates"],
)
def test_scores_come_back_on_the_same_index_and_the_lines_stay_as_they_were(index: Any) -> None:
    lines = table(*CROSS, index=index, highway=["primary", "service", "track"])
    before = lines.copy(deep=True)
    found = riskmap.score(lines)
    pd.testing.assert_index_equal(found.index, lines.index)
    assert found.geometry.tolist() == lines.geometry.tolist()
    pd.testing.assert_frame_equal(lines, before)
    assert found["left_out"].tolist() == ["", "", "not a road that cars use"]
    assert found["score"].isna().tolist() == [False, False, True]


def test_an_index_with_a_row_twice_is_refused() -> None:
    with pytest.raises(RiskmapError, match=r"more than one row 'a', .* reset_index"):
        riskmap.score(table(*CROSS, index=["a", "b", "a"]))


# --- lines of every shape ------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:invalid value encountered in linestrings")
def test_what_is_no_road_has_no_score_and_says_why() -> None:
    shapes = [
        *CROSS[:2], None, LineString(), Point(LON, LAT), line((0, 0), (0, 0)),
        LineString([(np.nan, LAT), (LON, LAT)]), Polygon(), line((0, 9e9), (1, 9e9)),
    ]  # fmt: skip
    found = riskmap.score(table(*shapes), lang="en")
    line_, length = "no line", "no length, or outside what its CRS covers"
    assert found["left_out"].tolist() == [
        "", "", line_, line_, line_, length, length, line_, length
    ]  # fmt: skip
    assert found["score"].notna().tolist() == [True] * 2 + [False] * 7
    assert found["reasons"].tolist()[2:] == [""] * 7


def test_parts_of_a_multi_line_add_up_and_a_third_dimension_is_ignored() -> None:
    whole = riskmap.score(table(*CROSS))
    several = table(MultiLineString(CROSS[:2]), shapely.force_3d(CROSS[2], 7.0))
    found = riskmap.score(several)
    assert found["harm"].tolist() == pytest.approx([whole["harm"][:2].sum(), whole["harm"][2]])
    assert found["length_m"][0] == pytest.approx(whole["length_m"][:2].sum())


def test_the_two_directions_of_a_street_are_one_road_and_answer_both_rows() -> None:
    once = riskmap.score(table(*CROSS, highway="tertiary", oneway=False))
    both = [*CROSS, *(shape.reverse() for shape in CROSS)]
    twice = riskmap.score(table(*both, highway="tertiary", oneway=False))
    expected = [*once["score"], *once["score"]]
    assert twice["score"].tolist() == pytest.approx(expected)


def test_two_streets_of_one_direction_on_one_line_are_two_roads() -> None:
    both = table(CROSS[0], CROSS[0].reverse(), highway="tertiary", oneway=True)
    assert len(riskmap.assess_lines(both).lines.extract.roads) == 2
    assert len(riskmap.assess_lines(both.assign(oneway=False)).lines.extract.roads) == 1


def test_lines_meet_only_where_they_share_a_corner() -> None:
    passing = table(line((0, 0), (500, 0)), line((250, -200), (250, 200)))
    meeting = table(line((0, 0), (250, 0), (500, 0)), line((250, -200), (250, 0), (250, 200)))
    assert len(riskmap.assess_lines(passing).area.junctions) == 0
    assert len(riskmap.assess_lines(meeting).area.junctions) == 1


# --- columns -------------------------------------------------------------------------------------


def test_cells_may_be_numbers_truths_or_lists() -> None:
    cells = pd.DataFrame({
        "highway": [["residential", "primary"], ("service",), None],
        "maxspeed": [50.0, np.nan, ["80", "60"]],
        "oneway": [True, False, pd.NA],
        "bridge": ["T", "F", None],
        "lanes": [np.int64(2), "3", []],
    })
    columns = {name: name for name in cells}
    tags = line_tags.tags(cells, columns, ranks={"primary": 6, "residential": 2})
    assert [tags.of(row) for row in range(3)] == [
        {"highway": "primary", "maxspeed": "50", "oneway": "yes", "bridge": "yes", "lanes": "2"},
        {"highway": "service", "oneway": "no", "bridge": "no", "lanes": "3"},
        {"maxspeed": "60"},
    ]


def test_a_list_in_another_order_is_the_same_list() -> None:
    cells = pd.DataFrame({"name": [["b", "a"], ["a", "b"]], "highway": [{"x", "y"}, {"y", "x"}]})
    tags = line_tags.tags(cells, {"name": "name", "highway": "highway"})
    assert tags.of(0) == tags.of(1) == {"name": "a", "highway": "x"}


def test_columns_may_be_called_otherwise_and_hostile_ones_are_left_alone() -> None:
    plain = riskmap.score(table(*CROSS, highway=["primary", "tertiary", "service"]))
    hostile = table(*CROSS, fclass=["primary", "tertiary", "service"])
    hostile['"; DROP TABLE roads; --'] = 1
    hostile["<script>"] = "<img src=x>"
    hostile[0] = "highway"
    hostile["level"] = hostile["score"] = hostile["harm"] = "x"
    hostile = hostile.rename_geometry("路线 geom")
    found = riskmap.score(hostile, columns={"highway": "fclass"})
    assert found["score"].tolist() == pytest.approx(plain["score"].tolist())
    assert found.columns.tolist() == [*scoring.RESULTS, "geometry"]


def test_names_come_through_as_they_are_written() -> None:
    names = ["%41% 路", "%ffffffffff%", "half \ud800 a character"]
    lines = table(*CROSS, name=pd.Series(names, dtype=object))
    found = riskmap.assess_lines(lines).area.segments["name"]
    assert set(found) == {"%41% 路", "%ffffffffff%", "half ? a character"}


def test_a_name_opens_no_project_and_a_level_needs_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("area.toml").write_text("no project", encoding="utf-8")
    assert riskmap.assess_lines(table(*CROSS), name="area.toml").area.name == "area.toml"
    with pytest.raises(RiskmapError, match="give each level a number"):
        riskmap.score(table(*CROSS), baseline={"red": "x", "orange": 1, "yellow": 0.5})


def test_more_that_is_known_of_a_line_changes_its_score() -> None:
    plain = riskmap.score(table(*CROSS, highway="tertiary"))
    for column, value in (("maxspeed", 120), ("lit", "no"), ("lanes", 6), ("width", "3.0")):
        told = riskmap.score(table(*CROSS, highway="tertiary", **{column: [value, None, None]}))
        assert told["score"][0] != pytest.approx(plain["score"][0], rel=1e-6), column


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (table(*CROSS).set_crs(None, allow_override=True), "lines: has no CRS, .* set_crs"),
        (table(*CROSS).iloc[:0], "lines: holds no lines"),
        (table(Point(LON, LAT)), "lines: holds no lines; .* LineStrings"),
        (pd.DataFrame({"a": [1]}), "lines: a DataFrame is no table of lines"),
        (gpd.GeoDataFrame({"a": [1]}), "lines: has no geometry column"),
        (None, "lines: a NoneType is no table of lines"),
        (table(*CROSS, highway="steps"), r"no road .* \(highway: steps\); known .* trunk"),
        (table(*CROSS, maxpseed=50), "column 'maxpseed' is not read; .* 'maxspeed'"),
        (table(*CROSS, a=1, lit=2).rename(columns={"a": "lit"}), "more than one column 'lit'"),
        (table(LineString([(LAT, LON), (LAT, LON + 0.01)])), "longitude and latitude swapped"),
        (table(*CROSS).set_crs(LOCAL, allow_override=True), "tied to no place on earth"),
        (table(line((0, 0), (4e6, 0))), "stretches over .* of longitude"),
    ],
)
def test_what_is_missing_is_named_with_the_way_out(lines: Any, message: str) -> None:
    with pytest.raises(RiskmapError, match=message):
        riskmap.score(lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"highway": "klass"}}, "lines: has no column 'klass'; did you mean 'class'"),
        ({"columns": {"highwya": "class"}}, "no tag 'highwya' is read; did you mean 'highway'"),
        ({"layers": ["schol"]}, "layers: no layer 'schol'; did you mean 'school'"),
        ({"lang": "fr"}, "lang 'fr': unknown; use one of zh, en"),
        ({"baseline": {"red": 1.0}}, "needs red ≥ orange ≥ yellow"),
        ({"crashes": "nowhere.csv"}, "crashes = 'nowhere.csv' does not exist"),
        ({"parameters": {"rat": {}}}, "unknown key 'rat'; did you mean 'rate'"),
        ({"features": 7}, "features: a int has no features"),
        ({"features": table(Point(LON, LAT), colour="red")}, "no column with a tag"),
        ({"features": gpd.GeoDataFrame({"amenity": ["school"]}, geometry=[Point(0, 0)])}, "no CRS"),
    ],
)
def test_a_wrong_option_is_named_with_the_way_out(options: Any, message: str) -> None:
    with pytest.raises(RiskmapError, match=message):
        riskmap.score(table(*CROSS, **{"class": "primary"}), **options)


def test_an_option_nobody_knows_is_refused_as_python_does() -> None:
    with pytest.raises(TypeError, match="unexpected option 'facts'"):
        riskmap.score(table(*CROSS), facts="facts.csv")


def test_lists_that_lie_where_a_script_runs_are_not_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = riskmap.score(table(*CROSS))
    lists = tmp_path / "data" / "points"
    lists.mkdir(parents=True)
    (lists / "school.csv").write_text(f"lon,lat,crs\n{LON},{LAT},WGS84\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert riskmap.score(table(*CROSS))["score"].tolist() == expected["score"].tolist()
    assert riskmap.score(table(*CROSS), points=lists)["score"][0] > expected["score"][0]


def test_a_baseline_of_the_county_colours_the_lines() -> None:
    def levels(least: float) -> set[str]:
        baseline = pd.Series({"red": 3 * least, "orange": 2 * least, "yellow": least})
        return set(riskmap.score(table(*CROSS), baseline=baseline)["level"])

    assert levels(1e-9) == {"red"}
    assert levels(1e9) == {"blue"}


# --- what lies around ----------------------------------------------------------------------------


def test_a_school_beside_the_road_counts_and_one_far_off_does_not() -> None:
    near, far = Point(LON, LAT + 0.0002), Point(LON, LAT + 0.05)
    plain, other, close = (
        riskmap.score(table(*CROSS), features=features, layers=["school", "curve"])
        for features in (None, table(far, amenity="school"), table(near, amenity="school"))
    )
    assert other["score"].tolist() == pytest.approx(plain["score"].tolist())
    assert close["score"][0] > plain["score"][0]
    assert "Road near a school" in close["reasons"][0]


def test_what_nobody_looked_up_is_unknown_and_what_is_not_there_is_none() -> None:
    school = table(Point(LON, LAT + 0.05), amenity="school")
    without, with_ = (
        riskmap.assess_lines(table(*CROSS), features=features, layers=["school", "water", "curve"])
        for features in (None, school)
    )
    km = with_.area.segments["length_m"].sum() / 1000
    states = ["known_km", "assumed_km", "unknown_km"]
    assert without.area.coverage().loc["school", states].tolist() == pytest.approx([0, 0, km], 1e-2)
    assert with_.area.coverage().loc["school", states].tolist() == pytest.approx([0, km, 0], 1e-2)
    assert with_.area.coverage().loc["water", states].tolist() == pytest.approx([0, 0, km], 1e-2)
    assert (without.scores()["coverage"] < with_.scores()["coverage"]).all()


def test_water_whose_outline_crosses_itself_is_water() -> None:
    x, y = LON + 0.002, LAT - 0.001
    bow = Polygon([(x, y), (x + 0.002, y + 0.002), (x + 0.002, y), (x, y + 0.002)])
    water = table(bow, natural="water")
    plain, beside = (riskmap.score(table(*CROSS), features=found) for found in (None, water))
    assert beside["score"][0] > plain["score"][0]


def test_a_level_crossing_among_the_features_is_the_corner_of_its_road() -> None:
    road = table(line((0, 0), (250, 0), (500, 0)))
    crossing = table(Point(road.geometry[0].coords[1]), railway="level_crossing")
    assert len(riskmap.assess_lines(road, features=crossing).area.rail_crossings) == 1
    twice = pd.concat([crossing, crossing])
    assert len(riskmap.assess_lines(road, features=twice).area.rail_crossings) == 1


# --- graphs --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory, mapped: gpd.GeoDataFrame) -> Any:
    """A graph as osmnx makes it of OpenStreetMap XML, without internet: the middle of Vaduz."""
    lines = mapped[mapped["highway"].isin(constants()["roads"]["classes"])].to_crs(4326)
    lines = lines.cx[9.515:9.53, 47.13:47.145]
    nodes: dict[tuple[float, float], int] = {}
    ways = []
    for number, (_, row) in enumerate(lines.iterrows(), 1):
        refs = [nodes.setdefault(corner, len(nodes) + 1) for corner in row.geometry.coords]
        tags = row.drop("geometry").dropna()
        told = "".join(
            f"<tag k={_quoted(key)} v={_quoted(value)}/>" for key, value in tags.items()
        )
        held = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        ways.append(f'<way id="{number}">{held}{told}</way>')
    met = pd.Series([ref for *_, row in lines.iterrows() for ref in {
        nodes[corner] for corner in row.geometry.coords
    }]).mode()[0]
    places = [
        f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">'
        + ('<tag k="highway" v="traffic_signals"/>' if number == met else "") + "</node>"
        for (lon, lat), number in nodes.items()
    ]
    path = tmp_path_factory.mktemp("graph") / "vaduz.osm"
    path.write_text(f'<osm version="0.6">{"".join(places + ways)}</osm>', encoding="utf-8")
    return ox.graph_from_xml(path, retain_all=True)


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr  # noqa: PLC0415  # of this one helper

    return quoteattr(text)


def test_every_edge_of_a_graph_is_answered_under_its_key(graph: Any) -> None:
    found = riskmap.score(graph)
    edges = ox.graph_to_gdfs(graph, nodes=False)
    pd.testing.assert_index_equal(found.index, edges.index)
    assert found.index.names == ["u", "v", "key"]
    assert found["score"].notna().all()
    both = edges.index[~edges["oneway"].astype(bool)]
    back = pd.MultiIndex.from_arrays([
        both.get_level_values(1), both.get_level_values(0), both.get_level_values(2)
    ])
    pairs = back.isin(found.index)
    assert pairs.all()
    assert found.loc[both, "length_m"].sum() == pytest.approx(found.loc[back, "length_m"].sum())


def test_a_graph_scores_as_the_table_of_its_edges_does(graph: Any) -> None:
    bare = graph.copy()
    for _, data in bare.nodes(data=True):
        data.pop("highway", None)
    found = riskmap.score(bare)
    edges = riskmap.score(ox.graph_to_gdfs(bare, nodes=False))
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(edges), rtol=1e-6)


def test_results_go_onto_a_copy_of_the_graph_and_back_into_tables(
    graph: Any, tmp_path: Path
) -> None:
    before = ox.graph_to_gdfs(graph, nodes=False)
    scored = riskmap.score_graph(graph)
    pd.testing.assert_frame_equal(ox.graph_to_gdfs(graph, nodes=False), before)
    assert scored is not graph
    edges = ox.graph_to_gdfs(scored, nodes=False)
    expected = riskmap.score(graph)
    for column in ("score", "low", "high", "level", "worst", "harm", "reasons", "length_m"):
        assert edges[f"risk_{column}"].tolist() == expected[column].tolist()
    ox.save_graphml(scored, tmp_path / "scored.graphml")
    again = ox.load_graphml(tmp_path / "scored.graphml", edge_dtypes={"risk_score": float})
    assert ox.graph_to_gdfs(again, nodes=False)["risk_score"].sum() == pytest.approx(
        expected["score"].sum()
    )


def test_a_projected_graph_scores_the_same(graph: Any) -> None:
    plain, projected = riskmap.score(graph), riskmap.score(ox.project_graph(graph))
    assert set(projected.index) == set(plain.index)
    plain = plain.loc[projected.index]
    assert projected["score"].to_numpy() == pytest.approx(plain["score"].to_numpy(), rel=0.02)


def test_traffic_signals_on_the_nodes_of_a_graph_count(graph: Any) -> None:
    controls = riskmap.assess_lines(graph).area.junctions["control"]
    assert (controls == "signals").any()
    known = riskmap.assess_lines(graph).area.coverage().loc["signals"]
    assert known["unknown_km"] == 0


def test_edges_without_a_line_are_straight_and_what_is_no_road_says_why(graph: Any) -> None:
    made = type(graph)(crs="EPSG:4326")
    for node, x in enumerate((0, 300, 600)):
        made.add_node(node, x=LON + x / 98_000, y=LAT)
    made.add_edge(0, 1, highway="primary")
    made.add_edge(1, 2, highway="footway")
    found = riskmap.score_graph(made, prefix="r ")
    assert found.edges[0, 1, 0]["r length_m"] == pytest.approx(300, rel=0.01)
    assert found.edges[1, 2, 0] == {
        "highway": "footway", "r left_out": "not a road that cars use"
    }
    assert made.edges[0, 1, 0] == {"highway": "primary"}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda g: g.graph.pop("crs"), "has no CRS; set graph.graph"),
        (lambda g: g.remove_edges_from(list(g.edges)), "holds no edges"),
        (lambda g: [d.pop("x") for _, d in g.nodes(data=True)], "its nodes have no x and y"),
    ],
)
def test_a_graph_that_is_not_of_osmnx_is_refused(graph: Any, spoil: Any, message: str) -> None:
    broken = graph.copy()
    spoil(broken)
    with pytest.raises(RiskmapError, match=message):
        riskmap.score_graph(broken)
    with pytest.raises(RiskmapError, match="graph: a GeoDataFrame is no graph"):
        riskmap.score_graph(table(*CROSS))
    with pytest.raises(RiskmapError, match="its edges have no keys"):
        graphs.tables(ox.convert.to_digraph(graph))
