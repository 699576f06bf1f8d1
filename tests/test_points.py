"""The brigade's own lists: CSV, GeoJSON and GeoPackage, merged with the map or instead of it."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from streets import CRS, extract, layer, source, street, thing

from riskmap import points, touch
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.relations import Features

LON, LAT = 117.2, 28.3
TOWN = extract([street((0, 0), (90, 0))], [thing((10, 10), amenity="school")])
PLACE = gpd.GeoSeries([shapely.Point(LON, LAT)], crs="EPSG:4326").to_crs(CRS).iloc[0]


def _school(*, overrides: bool = False) -> Layer:
    own = source(file="school.*", amount=2.0, overrides=overrides)
    return layer("school", sources=(source({"amenity": ("school",)}), own))


def _merged(folder: Path | None, rule: Layer | None = None) -> Features:
    rule = rule or _school()
    mapped = touch.features_of(rule, TOWN.features, TOWN.feature_tags)
    return points.merged(rule, mapped, folder, CRS)


def _own(found: Features) -> pd.DataFrame:
    return found.table[found.table["osm_id"].str.contains(":")]


def test_without_a_folder_or_a_list_the_map_stays(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        assert _merged(folder).table["osm_id"].tolist() == ["n1000"]


@pytest.mark.parametrize(
    "heading", ["lon,lat,name", "LON, Lat ,Name", "经度,纬度,名称", "\ufefflongitude,latitude,地点"]
)
def test_a_csv_is_read_by_its_headings_in_either_language(tmp_path: Path, heading: str) -> None:
    text = f"{heading}\n{LON},{LAT},一中\n"
    (tmp_path / "school.csv").write_text(text, encoding="utf-8")
    found = _merged(tmp_path)
    assert found.table["osm_id"].tolist() == ["n1000", "school.csv:2"]
    (row,) = _own(found).itertuples()
    assert (row.name, row.amount) == ("一中", 2.0)
    assert row.geometry.distance(PLACE) < 0.01
    assert found.tags.size == len(found.table)


def _as_geojson(path: Path, table: gpd.GeoDataFrame) -> None:
    path.write_text(table.to_json(), encoding="utf-8")


def _as_gpkg(path: Path, table: gpd.GeoDataFrame) -> None:
    table.to_file(path, driver="GPKG", layer="schools")
    table.iloc[:0].to_file(path, driver="GPKG", layer="another")


@pytest.mark.parametrize(("suffix", "save"), [("geojson", _as_geojson), ("gpkg", _as_gpkg)])
def test_points_lines_and_areas_are_read_in_their_own_coordinates(
    tmp_path: Path, suffix: str, save: object
) -> None:
    shapes = [PLACE, shapely.LineString([(0, 0), (50, 0)]), shapely.box(0, 0, 9, 9)]
    table = gpd.GeoDataFrame({"name": ["a", None, "c"]}, geometry=shapes, crs=CRS)
    save(tmp_path / f"school.{suffix}", table.to_crs("EPSG:4326"))  # type: ignore[operator]
    own = _own(_merged(tmp_path))
    assert own["name"].tolist() == ["a", "", "c"]
    for found, shape in zip(own.geometry, shapes, strict=True):
        assert found.geom_type == shape.geom_type
        assert found.hausdorff_distance(shape) < 0.01


def test_lists_of_several_formats_are_read_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "school.csv").write_text(f"lon,lat\n{LON},{LAT}\n", encoding="utf-8")
    table = gpd.GeoDataFrame({"name": ["b"]}, geometry=[PLACE], crs=CRS)
    _as_geojson(tmp_path / "school.geojson", table.to_crs("EPSG:4326"))
    assert _own(_merged(tmp_path))["osm_id"].tolist() == ["school.csv:2", "school.geojson:2"]


def test_a_list_that_overrides_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "school.csv").write_text(f"lon,lat\n{LON},{LAT}\n", encoding="utf-8")
    found = _merged(tmp_path, _school(overrides=True))
    assert found.table["osm_id"].tolist() == ["school.csv:2"]


def test_an_empty_list_overrides_nothing(tmp_path: Path) -> None:
    (tmp_path / "school.csv").write_text("lon,lat\n", encoding="utf-8")
    found = _merged(tmp_path, _school(overrides=True))
    assert found.table["osm_id"].tolist() == ["n1000"]


def test_places_without_geometry_are_left_out(tmp_path: Path) -> None:
    rows = [
        {"type": "Feature", "properties": {"name": "nowhere"}, "geometry": None},
        {
            "type": "Feature",
            "properties": {"name": "here"},
            "geometry": {"type": "Point", "coordinates": [LON, LAT, 55.0]},
        },
    ]
    text = json.dumps({"type": "FeatureCollection", "features": rows})
    (tmp_path / "school.geojson").write_text(text, encoding="utf-8")
    own = _own(_merged(tmp_path))
    assert own["name"].tolist() == ["here"]
    assert own["osm_id"].tolist() == ["school.geojson:3"]


def test_a_table_without_places_is_refused(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"name": ["a"]}), tmp_path / "school.gpkg", driver="GPKG")
    with pytest.raises(RiskmapError, match="holds no places"):
        _merged(tmp_path)


def test_a_list_is_only_opened_as_what_its_ending_says(tmp_path: Path) -> None:
    """GDAL would follow a driver's own file format to any other file."""
    (tmp_path / "secret.csv").write_text("lon,lat\n1,1\n", encoding="utf-8")
    text = (
        "<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>"
        f"{tmp_path / 'secret.csv'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    (tmp_path / "school.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(RiskmapError, match=r"school\.geojson: cannot be read"):
        _merged(tmp_path)
