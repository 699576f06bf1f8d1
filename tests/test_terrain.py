"""Elevation: slopes made by hand, rasters that are none, and one real country."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import CRS, extract, rules, street

from riskmap import osm, segments, slopes, terrain
from riskmap.assessment import asked_tags
from riskmap.errors import RiskmapError
from riskmap.layers import read_layers
from riskmap.segments import Network
from riskmap.terrain import Grid, Terrain

RULES = rules()["terrain"]
BOX = (0.0, 0.0, 600.0, 600.0)
STEPS = {50.0: 1.0, 40.0: 0.5}
"""Of the layer of cliffs: least fall in per cent, touch."""
Surface = Callable[[Any, Any], Any]


def _network(*ways: Any) -> Network:
    return segments.cut(extract(list(ways)), rules())


def _heights(surface: Surface, cell: float, size: float = 1000.0) -> Any:
    """Rows from north to south; the lower left corner lies 200 m outside the origin."""
    middle = np.arange(cell / 2, size, cell) - 200.0
    return surface(*np.meshgrid(middle, middle[::-1])).astype(np.float32)


def _transform(cell: float, size: float = 1000.0) -> rasterio.Affine:
    rows = len(np.arange(cell / 2, size, cell))
    return rasterio.Affine(cell, 0, -200, 0, -cell, rows * cell - 200)


def _land(surface: Surface, cell: float = 10.0, size: float = 1000.0) -> Terrain:
    grid = Grid(_heights(surface, cell, size), _transform(cell, size), CRS, cell)
    return Terrain((grid,), CRS)


def _write(path: Path, heights: Any, transform: rasterio.Affine | None, **profile: Any) -> Path:
    bands = heights if heights.ndim == 3 else heights[None]
    given_profile: dict[str, Any] = {"crs": CRS, "dtype": bands.dtype, **profile}
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=bands.shape[1], width=bands.shape[2],
        transform=transform, **given_profile,
    ) as file:  # fmt: skip
        file.write(bands)
    return path


def _measured(land: Terrain, *ways: Any, **changes: float) -> pd.DataFrame:
    return slopes.quantities(_network(*ways), land, {**RULES, **changes})


def _plane(x: Any, y: Any) -> Any:
    """Climbs 8 % eastward, 30 % northward."""
    return 100 + 0.08 * x + 0.30 * y


def _step(x: Any, at: float, fall: float) -> Any:
    return np.where(x < at, 100.0, 100.0 - fall)


def test_on_a_plane_the_grade_is_along_and_the_fall_is_across() -> None:
    east = _measured(_land(_plane), street((0, 300), (400, 300)))
    assert len(east) == 4
    np.testing.assert_allclose(east["grade_pct"], 8.0, rtol=1e-4)
    np.testing.assert_allclose(east["drop_pct"], 30.0, rtol=1e-4)
    north = _measured(_land(_plane), street((300, 0), (300, 400)))
    np.testing.assert_allclose(north["grade_pct"], 30.0, rtol=1e-4)
    np.testing.assert_allclose(north["drop_pct"], 8.0, rtol=1e-4)
    assert set(east["dem_m"]) == {10.0}


def test_flat_land_has_neither_grade_nor_fall() -> None:
    flat = _measured(_land(lambda x, y: 0 * (x + y) + 7), street((0, 0), (300, 200)))
    assert (flat[["grade_pct", "drop_pct"]] == 0).all(axis=None)


def test_a_drop_is_seen_within_thirty_metres_on_either_side_and_not_beyond() -> None:
    # cells of 10 m: the wall lies between two middles, its 20 m are one cell wide
    road = street((100, 0), (100, 300))
    right = _land(lambda x, y: _step(x, 120, 20) + 0 * y)
    left = _land(lambda x, y: _step(-x, -80, 20) + 0 * y)
    far = _land(lambda x, y: _step(x, 140, 20) + 0 * y)
    for land in (right, left):
        np.testing.assert_allclose(_measured(land, road)["drop_pct"], 200.0)
        np.testing.assert_allclose(_measured(land, road)["grade_pct"], 0.0)
    np.testing.assert_allclose(_measured(far, road)["drop_pct"], 0.0)


def test_a_drop_beside_a_quarter_of_a_piece_is_seen() -> None:
    # a quarry from 70 to 100 m along a piece of 100 m, 15 m beside it
    land = _land(lambda x, y: np.where((x > 115) & (y > 70) & (y < 100), 60.0, 100.0), cell=5.0)
    road = street((100, 0), (100, 100))
    assert _measured(land, road)["drop_pct"].iloc[0] == pytest.approx(400.0)
    assert _measured(land, road, along_m=100.0)["drop_pct"].iloc[0] == 0


def test_roads_that_do_not_meet_do_not_change_each_other() -> None:
    roads = [street((0, 0), (31, 0)), street((500, 500), (500, 540)), street((90, 300), (0, 500))]
    land = _land(lambda x, y: (x / 20) ** 2 + (y / 30) ** 2, 2.0)
    together = _measured(land, *roads)
    alone = pd.concat([_measured(land, road) for road in roads])
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_a_cliff_above_the_road_is_no_fall() -> None:
    # the side away from the cliff is flat, the road lies at its foot
    land = _land(lambda x, y: _step(x, 120, -20) + 0 * y)
    assert _measured(land, street((100, 0), (100, 300)))["drop_pct"].max() == 0


def test_behind_a_bank_the_ground_falls_only_from_the_height_of_the_road_on() -> None:
    # a bank 5 m high from 10 to 20 m beside the road; behind it 2 m below the road
    def bank(x: Any, y: Any) -> Any:
        return np.where(x < 110, 100.0, np.where(x < 120, 105.0, 98.0)) + 0 * y

    np.testing.assert_allclose(_measured(_land(bank), street((100, 0), (100, 300)))["drop_pct"], 20)


def test_a_fine_raster_does_not_take_a_kerb_for_a_drop() -> None:
    # half a metre at 15 m: over ten metres 5 %, over a cell of one metre it were 50 %
    land = _land(lambda x, y: _step(x, 115, 0.5) + 0 * y, cell=1.0)
    np.testing.assert_allclose(_measured(land, street((100, 0), (100, 300)))["drop_pct"], 5.0)


def test_a_coarse_raster_sees_no_wall_and_says_so() -> None:
    def wall(x: Any, y: Any) -> Any:
        return np.where(np.abs(x - 115) < 3, 95.0, 100.0) + 0 * y

    road = street((100, 0), (100, 500))
    fine, coarse = _measured(_land(wall, 2.0), road), _measured(_land(wall, 90.0), road)
    assert fine["drop_pct"].min() == pytest.approx(50.0)
    assert set(coarse["drop_pct"]) == {0.0}
    assert slopes.notes(fine, RULES) == []
    assert slopes.notes(coarse, RULES) == [("note.dem_coarse", {"metres": 90})]


def test_a_void_cell_is_unknown_and_not_flat() -> None:
    def hole(x: Any, y: Any) -> Any:
        return np.where((np.abs(x - 250) < 10) & (np.abs(y - 325) < 6), np.nan, 100.0)

    road = street((0, 300), (400, 300))
    beside = _measured(_land(hole), road)
    assert beside["drop_pct"].isna().tolist() == [False, False, True, False]
    assert beside["grade_pct"].isna().sum() == 0
    under = _measured(_land(lambda x, y: hole(x, y + 25)), road)
    assert under["drop_pct"].isna().tolist() == [False, False, True, False]
    assert under["grade_pct"].isna().tolist() == [False, False, True, False]


def test_beyond_the_raster_all_is_unknown() -> None:
    found = _measured(_land(_plane), street((700, 300), (900, 300)))
    assert found["drop_pct"].isna().tolist() == [False, True]
    assert found["dem_m"].isna().tolist() == [False, True]


@pytest.mark.parametrize("tag", ["bridge", "tunnel"])
def test_what_is_not_on_the_ground_is_unknown(tag: str) -> None:
    found = _measured(
        _land(_plane), street((0, 300), (90, 300), **{tag: "yes"}), street((90, 300), (290, 300))
    )
    assert found[["grade_pct", "drop_pct", "dem_m"]].isna().all(axis=1).tolist() == [
        True, False, False,
    ]  # fmt: skip


def test_a_road_shorter_than_two_cells_has_no_grade() -> None:
    def grade(length: float, cell: float) -> Any:
        road = street((100, 300), (100 + length, 300))
        return _measured(_land(_plane, cell), road)["grade_pct"].iloc[0]

    assert np.isnan(grade(99, 50.0))
    assert grade(101, 50.0) == pytest.approx(8.0, rel=1e-4)
    assert np.isnan(grade(29, 2.0))
    assert grade(31, 2.0) == pytest.approx(8.0, rel=1e-4)


def test_a_run_goes_on_straight_over_a_junction_but_not_around_a_corner_or_onto_a_bridge() -> None:
    land = _land(_plane, 50.0)
    first, side = street((100, 300), (160, 300)), street((160, 300), (160, 340))
    straight = street((160, 300), (220, 300))
    over = _measured(land, first, side, straight)["grade_pct"]
    np.testing.assert_allclose(over.iloc[[0, 2]], 8.0, rtol=1e-4)
    assert np.isnan(over.iloc[1])
    assert _measured(land, first, side)["grade_pct"].isna().all()
    bridge = street((160, 300), (220, 300), bridge="yes")
    assert _measured(land, first, side, bridge)["grade_pct"].isna().all()


def test_the_grade_is_that_of_the_road_and_not_of_the_hill() -> None:
    # a hairpin: 100 m up the slope in 200 m of road each way
    found = _measured(_land(_plane, 5.0), street((0, 100), (200, 150), (0, 200)))
    leg = np.hypot(200, 50)
    up = (0.08 * 200 + 0.30 * 50) / leg * 100
    back = (0.30 * 50 - 0.08 * 200) / leg * 100
    ends = found["grade_pct"].iloc[[0, -1]]
    np.testing.assert_allclose(ends, [abs(up), abs(back)], rtol=1e-3)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6,
             unique=True),
    st.sampled_from([5.0, 20.0, 70.0]), st.integers(0, 9),
)  # fmt: skip
def test_a_road_turned_round_is_as_steep(
    corners: list[tuple[int, int]], cell: float, seed: int
) -> None:
    rough = np.random.default_rng(seed)
    shape = _heights(_plane, cell).shape
    grid = Grid(
        rough.uniform(0, 50, shape).astype(np.float32), _transform(cell), CRS, cell
    )
    way = [(10.0 * x, 10.0 * y) for x, y in corners]
    there = _measured(Terrain((grid,), CRS), street(*way))
    back = _measured(Terrain((grid,), CRS), street(*way[::-1]))
    # a way that meets itself is cut there; turned round, its stretches come in another order
    order = shapely.get_coordinates(shapely.centroid(_network(street(*way)).segments.geometry))
    turned = shapely.get_coordinates(
        shapely.centroid(_network(street(*way[::-1])).segments.geometry)
    )
    assert len(order) == len(turned)
    np.testing.assert_allclose(order, turned[::-1], atol=1e-6)
    np.testing.assert_allclose(there, back[::-1], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("crs", [CRS, "EPSG:4326"])
def test_where_a_road_turns_back_on_itself_it_has_no_sides(crs: str) -> None:
    # in degrees the tile lies around 28.5° N, 117.5° E
    x, y = _north_of(28.5) if crs != CRS else (100.0, 300.0)
    transform = _transform(10.0) if crs == CRS else rasterio.Affine(1e-3, 0, 117, 0, -1e-3, 29)
    grid = Grid(np.zeros((1000, 1000), np.float32), transform, crs, 10.0)
    tip, whole = street((x, y), (x + 10, y), (x, y)), street((x, y - 50), (x, y - 90))
    found = _measured(Terrain((grid,), CRS), tip, whole)
    assert found["drop_pct"].isna().tolist() == [True, False]


def test_a_sample_lies_on_the_line_between_middles_of_cells() -> None:
    heights = np.array([[0, 10], [20, np.nan]], dtype=np.float32)
    land = Terrain((Grid(heights, rasterio.Affine(10, 0, 0, 0, -10, 20), CRS, 10.0),), CRS)
    known = Terrain(
        (Grid(np.nan_to_num(heights, nan=30), rasterio.Affine(10, 0, 0, 0, -10, 20), CRS, 10.0),),
        CRS,
    )
    places = np.array([[5.0, 15.0], [10, 15], [5, 10], [10, 10], [15, 5], [4, 15], [16, 5]])
    np.testing.assert_allclose(known.sample(places), [0, 5, 10, 15, 30, np.nan, np.nan])
    assert np.isnan(land.sample(places)).all()


def test_a_geotiff_is_read_around_the_roads_only(tmp_path: Path) -> None:
    size = 9000.0
    path = _write(tmp_path / "dem.tif", _heights(_plane, 10.0, size), _transform(10.0, size))
    land = terrain.read(path, bounds=(400.0, 300.0, 600.0, 500.0), crs=CRS)
    # 200 m of road, 100 m of margin and 4 cells on both sides
    assert land.grids[0].heights.shape == (48, 48)
    assert land.resolution_m == pytest.approx(10.0)
    places = np.array([[400.0, 300.0], [523.4, 456.7], [600, 500]])
    np.testing.assert_allclose(land.sample(places), _plane(*places.T), rtol=1e-5)


def test_heights_above_the_sea_as_the_raster_states_it_are_taken(tmp_path: Path) -> None:
    path = _write(tmp_path / "dem.tif", _heights(_plane, 10.0), _transform(10.0), crs=f"{CRS}+5773")
    land = terrain.read(path, bounds=BOX, crs=CRS)
    np.testing.assert_allclose(land.sample(np.array([[100.0, 100.0]])), 138.0, rtol=1e-5)


@pytest.mark.parametrize("turned", [(1, -1), (-1, 1), (1, 1)])
def test_a_raster_with_south_up_or_east_left_is_the_same_land(
    tmp_path: Path, turned: tuple[int, int]
) -> None:
    heights = _heights(_plane, 10.0)[:: -turned[1], :: turned[0]]
    x, y = (-200 if turned[0] > 0 else 800), (-200 if turned[1] > 0 else 800)
    transform = rasterio.Affine(10 * turned[0], 0, x, 0, 10 * turned[1], y)
    land = terrain.read(_write(tmp_path / "dem.tif", heights, transform), bounds=BOX, crs=CRS)
    np.testing.assert_allclose(
        land.sample(np.array([[123.0, 45.0]])), _plane(123.0, 45.0), rtol=1e-5
    )


def test_what_no_land_has_is_unknown(tmp_path: Path) -> None:
    heights = np.full((100, 100), 50.0, dtype=np.float32)
    heights[10, 10], heights[20, 20], heights[30, 30] = -32768, 9500, np.nan
    heights[40, 40], heights[50, 50], heights[60, 60] = -600, -9999, 8000
    path = _write(tmp_path / "dem.tif", heights, _transform(10.0), nodata=50.0)
    grid = terrain.read(path, bounds=BOX, crs=CRS).grids[0]
    assert np.isfinite(grid.heights).sum() == 1
    path = _write(tmp_path / "dem.tif", heights, _transform(10.0))
    grid = terrain.read(path, bounds=BOX, crs=CRS).grids[0]
    assert np.isnan(grid.heights).sum() == 5


def test_a_stated_scale_and_offset_count(tmp_path: Path) -> None:
    path = _write(tmp_path / "dem.tif", np.full((100, 100), 1234, np.int16), _transform(10.0))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (5.0,)
    land = terrain.read(path, bounds=BOX, crs=CRS)
    np.testing.assert_allclose(land.sample(np.array([[300.0, 300.0]])), 128.4, rtol=1e-6)


def test_a_raster_larger_than_the_limit_is_thinned_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "dem.tif", _heights(_plane, 5.0), _transform(5.0))
    monkeypatch.setattr(terrain, "MOST_CELLS", 2500)
    monkeypatch.setattr(terrain, "STRIP_CELLS", 1000)
    land = terrain.read(path, bounds=BOX, crs=CRS)
    assert land.grids[0].heights.size <= 2500
    assert land.resolution_m == pytest.approx(20.0)
    places = np.array([[0.0, 0.0], [123, 456], [600, 600]])
    np.testing.assert_allclose(land.sample(places), _plane(*places.T), rtol=1e-4)


def _tiles(folder: Path) -> Path:
    folder.mkdir()
    heights, transform = _heights(_plane, 10.0), _transform(10.0)
    _write(folder / "west.tif", heights[:, :37], transform)
    _write(folder / "east.TIFF", heights[:, 37:], rasterio.Affine(10, 0, 170, 0, -10, 800))
    (folder / "README.md").write_text("not a raster", encoding="utf-8")
    (folder / "._west.tif").write_bytes(b"a Mac leaves such files")
    return folder


def test_tiles_of_a_folder_have_no_seam(tmp_path: Path) -> None:
    land = terrain.read(_tiles(tmp_path / "dem"), bounds=BOX, crs=CRS)
    assert len(land.grids) == 1
    seam = np.array([[x, 300.0] for x in np.arange(155, 186, 3.0)])
    np.testing.assert_allclose(land.sample(seam), _plane(*seam.T), rtol=1e-5)


def test_thinned_tiles_of_a_folder_keep_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terrain, "MOST_CELLS", 1200)
    land = terrain.read(_tiles(tmp_path / "dem"), bounds=BOX, crs=CRS)
    assert land.resolution_m == pytest.approx(30.0)
    places = np.array([[x, 300.0] for x in np.arange(0, 600, 7.0)])
    np.testing.assert_allclose(land.sample(places), _plane(*places.T), rtol=1e-4)


def test_where_tiles_overlap_the_one_that_knows_counts(tmp_path: Path) -> None:
    folder = tmp_path / "dem"
    folder.mkdir()
    whole = _heights(_plane, 10.0)
    for name, void in (("a", slice(0, 60)), ("b", slice(40, 100))):
        heights = whole.copy()
        heights[:, void] = -32768
        _write(folder / f"{name}.tif", heights, _transform(10.0))
    land = terrain.read(folder, bounds=BOX, crs=CRS)
    known = land.sample(np.array([[100.0, 300.0], [300, 300], [500, 300]]))
    np.testing.assert_allclose(known, [_plane(100, 300), np.nan, _plane(500, 300)], rtol=1e-5)


def test_of_two_rasters_the_finest_counts_where_it_knows(tmp_path: Path) -> None:
    folder = tmp_path / "dem"
    folder.mkdir()
    _write(folder / "a.tif", _heights(lambda x, y: 0 * (x + y) + 10, 50.0), _transform(50.0))
    fine = _heights(lambda x, y: 0.2 * y + 0 * x, 10.0)
    fine[:, 50:] = -32768
    _write(folder / "b.tif", fine, _transform(10.0))
    land = terrain.read(folder, bounds=BOX, crs=CRS)
    assert [round(grid.resolution_m) for grid in land.grids] == [10, 50]
    np.testing.assert_allclose(land.sample(np.array([[100.0, 100.0], [500, 100]])), [20, 10])
    # at the border of the two the land does not jump from 60 m to 10 m
    found = _measured(land, street((100, 300), (500, 300)))
    np.testing.assert_allclose(found["drop_pct"], [20, 20, 0, 0], atol=1e-3)
    # the grade of the second piece needs heights up to the border, which lie in the coarse one
    np.testing.assert_allclose(found["grade_pct"], 0, atol=1e-3)
    np.testing.assert_allclose(found["dem_m"], [10, 50, 50, 50], rtol=1e-3)
    assert slopes.notes(found, RULES) == [("note.dem_coarse", {"metres": 50})]


def _hgt(path: Path, south: float) -> Path:
    """A tile of 3″: 4 m of climb for every row northward, so 4800 m for a degree."""
    rows = south * 4800 - 28 * 4800 + 4.0 * np.arange(1200, -1, -1)
    path.write_bytes(np.repeat(rows.astype(">i2")[:, None], 1201, axis=1).tobytes())
    return path


def _north_of(lat: float) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(117.5, lat)
    return float(x), float(y)


def test_an_srtm_tile_is_read_by_its_name(tmp_path: Path) -> None:
    path = _hgt(tmp_path / "N28E117.hgt", 28.0)
    low, high = _north_of(28.5), _north_of(28.51)
    network = _network(street(low, high))
    bounds = tuple(network.segments.total_bounds)
    land = terrain.read(path, bounds=bounds, crs=CRS)  # type: ignore[arg-type]
    assert land.resolution_m == pytest.approx(92.3, abs=0.3)  # 3″ of a meridian; 81.5 m eastward
    np.testing.assert_allclose(land.sample(np.array([low, high])), [2400, 2448], atol=0.01)
    found = slopes.quantities(network, land, RULES)
    np.testing.assert_allclose(found["grade_pct"], 4 / 92.3 * 100, rtol=0.005)
    assert found["drop_pct"].max() < 0.1  # the meridian leans by a quarter of a degree here
    assert slopes.notes(found, RULES) == [("note.dem_coarse", {"metres": 92})]


def test_two_srtm_tiles_meet_without_a_seam(tmp_path: Path) -> None:
    folder = tmp_path / "dem"
    folder.mkdir()
    _hgt(folder / "N28E117.hgt", 28.0)
    _hgt(folder / "N29E117.hgt", 29.0)
    network = _network(street(_north_of(28.995), _north_of(29.005)))
    land = terrain.read(folder, bounds=tuple(network.segments.total_bounds), crs=CRS)  # type: ignore[arg-type]
    assert len(land.grids) == 1
    found = slopes.quantities(network, land, RULES)
    np.testing.assert_allclose(found["grade_pct"], 4 / 92.3 * 100, rtol=0.005)


def _text(path: Path) -> Path:
    path.write_text("height\n12\n", encoding="utf-8")
    return path


def _vrt(path: Path) -> Path:
    _write(path.parent / "real.tif", _heights(_plane, 10.0), _transform(10.0))
    path.write_text(
        '<VRTDataset rasterXSize="100" rasterYSize="100">'
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">real.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )
    return path


def _cut_short(path: Path) -> Path:
    content = _write(path, _heights(_plane, 10.0), _transform(10.0)).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def _flipped(path: Path) -> Path:
    rough = np.random.default_rng(1).uniform(0, 100, (100, 100)).astype(np.float32)
    content = bytearray(_write(path, rough, _transform(10.0), compress="deflate").read_bytes())
    content[len(content) // 2 :: 7] = bytes(len(content[len(content) // 2 :: 7]))
    path.write_bytes(bytes(content))
    return path


def _short_tile(path: Path) -> Path:
    _hgt(path, 28.0)
    path.write_bytes(path.read_bytes()[:100_001])
    return path


def _feet(path: Path) -> Path:
    _write(path, _heights(_plane, 10.0), _transform(10.0))
    with rasterio.open(path, "r+") as file:
        file.units = ("ft",)
    return path


def _folder(path: Path, *, files: Mapping[str, bytes]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def _made(dtype: str = "float32", **profile: Any) -> Callable[[Path], Path]:
    return lambda path: _write(
        path, _heights(_plane, 10.0).astype(dtype), _transform(10.0), **profile
    )


def _placed(transform: rasterio.Affine | None, **profile: Any) -> Callable[[Path], Path]:
    return lambda path: _write(path, _heights(_plane, 10.0), transform, **profile)


_LEANING = rasterio.Affine(10, 2, -200, 2, -10, 800)
_LOCAL = (
    'ENGCRS["site",EDATUM["pole"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],UNIT["metre",1]]'
)


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
@pytest.mark.parametrize(
    ("name", "make", "told"),
    [
        ("none.tif", lambda path: path, "no such file"),
        ("dem.asc", _text, "not a known kind"),
        ("dem.tif", _text, "cannot be read as GTiff"),
        ("dem.tif", _vrt, "cannot be read as GTiff"),
        ("N28E117.hgt", _vrt, "cannot be read as SRTMHGT"),
        ("heights.hgt", lambda path: _hgt(path, 28.0), "name it by its corner"),
        ("N28E117.hgt", _short_tile, "cannot be read as SRTMHGT"),
        ("dem.tif", _cut_short, "damaged or cut short"),
        ("dem.tif", _flipped, "damaged or cut short"),
        ("dem.tif", _made(crs=None), "no coordinate system"),
        ("dem.tif", _made(crs=_LOCAL), "coordinate system is a local one"),
        ("dem.tif", _placed(None), "does not say where it lies"),
        ("dem.tif", _placed(_LEANING), "rotated"),
        ("dem.tif", _made("complex64"), "complex"),
        ("dem.tif", _made("uint8"), "a picture"),
        ("dem.tif", _feet, "heights are in 'ft'"),
        ("dem.tif", _made(crs="EPSG:32650+6360"), "heights are in 'US survey foot'"),
        ("dem.tif", lambda p: _write(p, np.zeros((3, 9, 9)), _transform(10.0)), "3 bands"),
        ("dem.tif", lambda p: _write(p, np.full((99, 99), 2e4), _transform(10.0)), "no height"),
        ("dem", lambda path: _folder(path, files={}), "holds no elevation"),
        ("dem", lambda path: _folder(path, files={"a.txt": b""}), "holds no elevation"),
        ("dem", lambda path: _folder(path, files={"a.tif": b"II"}), "a.tif: cannot be read"),
    ],
)
def test_what_is_no_elevation_is_told_in_one_line(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    make: Callable[[Path], Path],
    told: str,
) -> None:
    path = make(tmp_path / name)
    capfd.readouterr()
    with pytest.raises(RiskmapError) as fault:
        terrain.read(path, bounds=BOX, crs=CRS)
    assert str(fault.value).startswith(str(path))
    assert told in str(fault.value)
    assert "\n" not in str(fault.value)
    assert capfd.readouterr() == ("", "")


def test_a_raster_that_is_packed_in_one_large_block_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "dem.tif", _heights(_plane, 10.0), _transform(10.0))
    monkeypatch.setattr(terrain, "LARGEST_BLOCK", 1000)
    with pytest.raises(RiskmapError, match="one block"):
        terrain.read(path, bounds=BOX, crs=CRS)


def test_a_raster_that_would_take_hours_is_refused(tmp_path: Path) -> None:
    # what its header claims is not there: such a file is small
    size = 200_000
    path = tmp_path / "dem.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=size, width=size, dtype="int16", crs=CRS,
        transform=rasterio.Affine(0.005, 0, -200, 0, -0.005, 800), sparse_ok=True, tiled=True,
        bigtiff="yes",
    ):  # fmt: skip
        pass
    with pytest.raises(RiskmapError, match="use a coarser one"):
        terrain.read(path, bounds=BOX, crs=CRS)


def test_a_raster_elsewhere_says_where_both_lie(tmp_path: Path) -> None:
    path = _hgt(tmp_path / "N28E117.hgt", 28.0)
    x, y = _north_of(30.5)
    with pytest.raises(RiskmapError) as fault:
        terrain.read(path, bounds=(x, y, x + 1000, y + 1000), crs=CRS)
    assert "lies at lon 117.000 to 118.000, lat 28.000 to 29.000" in str(fault.value)
    assert "they at lon 117.500 to 117.510, lat 30.500 to 30.509" in str(fault.value)


def test_no_sidecar_file_is_followed(tmp_path: Path) -> None:
    path = _write(tmp_path / "dem.tif", _heights(_plane, 10.0), _transform(10.0))
    (tmp_path / "dem.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><NoDataValue>100</NoDataValue><Scale>9</Scale>'
        "</PAMRasterBand></PAMDataset>",
        encoding="utf-8",
    )
    land = terrain.read(path, bounds=BOX, crs=CRS)
    np.testing.assert_allclose(land.sample(np.array([[100.0, 100.0]])), 138.0, rtol=1e-5)


@pytest.fixture(scope="module")
def alpine(shared: Callable[[str], Path]) -> tuple[pd.DataFrame, Any]:
    """Rural road of Liechtenstein on the ground, with its fall and its cliffs, and the terrain."""
    constants = rules()
    layers = read_layers(None)
    path = shared("liechtenstein_slim.osm.pbf")
    read = osm.read(path, asked_tags(layers, constants), constants["roads"])
    network = segments.cut(read, constants)
    land = terrain.read(
        shared("liechtenstein_srtm3_N47E009_crop.tif"),
        bounds=tuple(network.segments.total_bounds), crs=read.crs,
    )  # fmt: skip
    roads = network.segments
    lines = roads.geometry.to_numpy()
    cliffs = read.features.geometry[read.feature_tags.holds({"natural": ("cliff",)})]
    around = shapely.union_all(shapely.buffer(cliffs.to_numpy(), 20.0, quad_segs=32))
    table = pd.DataFrame(roads[["area", "bridge", "tunnel", "road_class", "length_m"]])
    table["by_cliff_m"] = shapely.length(shapely.intersection(lines, around))
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    table["height_m"] = land.sample(shapely.get_coordinates(middle))
    table = table.join(slopes.quantities(network, land, RULES))
    table["touch"] = 0.0
    for least, touch in sorted(STEPS.items()):
        table.loc[table["drop_pct"] >= least, "touch"] = touch
    return table[~(table["bridge"].astype(bool) | table["tunnel"].astype(bool))], land


def test_terrain_alone_finds_half_of_the_rural_road_beside_mapped_cliffs(
    alpine: tuple[pd.DataFrame, Any],
) -> None:
    rural = alpine[0].query("area == 'rural'")
    near, length = rural["by_cliff_m"], rural["length_m"]
    assert near.sum() > 150
    assert near[rural["touch"] > 0].sum() >= 0.5 * near.sum()
    assert length[rural["touch"] > 0].sum() <= 0.15 * length.sum()
    valley = rural["height_m"] < 480
    assert length[valley].sum() > 50_000
    assert length[valley & (rural["touch"] > 0)].sum() <= 0.005 * length[valley].sum()


def test_main_roads_of_the_valley_are_gentle_and_mountain_roads_are_steep(
    alpine: tuple[pd.DataFrame, Any],
) -> None:
    table, land = alpine
    assert land.resolution_m == pytest.approx(92.6, abs=0.5)
    known = table[table["grade_pct"].notna()]
    steep, length = known["grade_pct"] > 6, known["length_m"]
    valley = known["road_class"].isin(["primary", "secondary"]) & (known["height_m"] < 480)
    assert length[valley].sum() > 40_000
    assert length[valley & steep].sum() <= 0.05 * length[valley].sum()
    mountain = known["height_m"] > 1000
    assert length[mountain & steep].sum() >= 0.5 * length[mountain].sum()
    assert length[known["grade_pct"] > 25].sum() <= 0.01 * length.sum()
    rural = table["area"] == "rural"
    unknown = table["grade_pct"].isna()
    assert table["length_m"][rural & unknown].sum() <= 0.2 * table["length_m"][rural].sum()
