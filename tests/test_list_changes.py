"""Two lists compared: every format, and what a list may lack."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

import riskmap
from riskmap import list_changes
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.export import write_list
from riskmap.list_changes import CHANGES, COLUMNS, changes, read
from riskmap.locale import catalogue


@pytest.fixture(scope="module")
def lists(sample: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """
    Ten pieces, and a month later nine.

    Piece 0 is gone, piece 10 is new and the worst; 1 has a worse level, 2 a better one, 3 twice the
    harm, 4 half of it, 5 a hair more; the others are as they were.
    """
    found = riskmap.assess(sample).hotspots(top=11)
    found["level"] = "orange"
    old, new = found.iloc[:10].copy(), found.iloc[1:].iloc[[9, *range(9)]].copy()
    new["rank"] = range(1, 11)
    new.loc[1, "level"], new.loc[2, "level"] = "red", "blue"
    for row, times in ((3, 2.0), (4, 0.5), (5, 1.05)):
        new.loc[row, "harm_per_km"] *= times
    return old, new


WANTED = ["gone", "risen", "fallen", "risen", "fallen", *["same"] * 5, "new"]


@pytest.mark.parametrize(
    ("suffix", "terms"),
    [
        (".csv", {}), (".xlsx", {"headers": "zh"}), (".geojson", {"headers": "en"}),
        (".gpkg", {"headers": "zh"}), (".kml", {}), (".kmz", {}), (".csv", {"headers": "en"}),
    ],
)
def test_every_piece_is_new_gone_risen_fallen_or_the_same(
    lists: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    tmp_path: Path, suffix: str, terms: dict[str, str],
) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in ("old", "new")]
    for table, path in zip(lists, paths, strict=True):
        write_list(table, path, **terms)
    found = changes(*map(read, paths))
    assert tuple(found.columns) == (*COLUMNS, "geometry")
    old, new = lists
    ids = [*old["segment_id"], new["segment_id"].iloc[0]]
    change = found.set_index("segment_id")["change"]
    assert change.loc[ids].tolist() == WANTED
    assert found["change"].tolist() == sorted(WANTED, key=CHANGES.index)
    rows = found.set_index("segment_id").loc[ids]
    assert rows["rank_before"].tolist()[:10] == list(range(1, 11))
    assert rows["rank_after"].tolist()[1:] == [*range(2, 11), 1]
    assert rows["rank_before"].isna().tolist() == [False] * 10 + [True]
    assert rows["rank_after"].isna().tolist() == [True] + [False] * 10
    assert rows["level_after"].tolist()[1:4] == ["red", "blue", "orange"]
    assert rows["lon"].notna().all()


def test_a_shapefile_is_read_once_it_is_unpacked(
    lists: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    for table, name in zip(lists, ("old", "new"), strict=True):
        write_list(table, tmp_path / f"{name}.shp.zip")
        with zipfile.ZipFile(tmp_path / f"{name}.shp.zip") as archive:
            archive.extractall(tmp_path / name)
    found = changes(*(read(tmp_path / name / "riskmap.shp") for name in ("old", "new")))
    whole = changes(*(table.set_index("segment_id") for table in lists))
    assert found["change"].tolist() == whole["change"].tolist()
    assert sorted(found["change"]) == sorted(WANTED)
    np.testing.assert_allclose(found["harm_per_km_after"], whole["harm_per_km_after"])


def test_a_list_of_another_system_lies_where_it_lay(
    lists: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    there = lists[0].copy()
    there["lon"], there["lat"] = there["lon"] + 107.0, there["lat"] - 19.0
    write_list(there, tmp_path / "list.csv", coords="bd09", headers="zh")
    found = read(tmp_path / "list.csv")
    wanted = there.set_index("segment_id")[["lon", "lat"]]
    assert np.abs(found[["lon", "lat"]] - wanted).to_numpy().max() < 3e-6


def test_on_the_same_level_only_a_change_that_counts_is_one() -> None:
    def one(level: str, harm: float) -> pd.DataFrame:
        return pd.DataFrame(
            {"name": "A", "rank": 1.0, "level": level, "harm_per_km": harm, "lon": 1.0, "lat": 2.0},
            index=pd.Index(["w1"], name="segment_id"),
        )

    def change(*args: tuple[str, float], least: float = 10.0) -> str:
        old, new = (one(*arg) for arg in args)
        return str(changes(old, new, least_pct=least)["change"].iloc[0])

    assert change(("red", 1.0), ("red", 1.11)) == "risen"
    assert change(("red", 1.11), ("red", 1.0)) == "fallen"
    assert change(("red", 1.0), ("red", 1.09)) == "same"
    assert change(("red", 1.0), ("red", 1.09), least=5.0) == "risen"
    assert change(("red", 1.0), ("orange", 1.5)) == "fallen"
    assert change(("red", float("nan")), ("red", 1.5)) == "same"
    assert change(("", 1.0), ("red", 1.5)) == "risen"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,level\nA,red\n", "has no column segment_id"),
        ("segment_id,level\nw1,red\nw2,red\nw1,red\n", "row 4: segment 'w1' is there twice"),
        ("segment_id,level\nw1,crimson\n", "row 2: level 'crimson'"),
        ("segment_id,crs\nw1,Moon\n", "coordinate system 'Moon' is not known"),
    ],
)
def test_what_is_no_list_of_pieces_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RiskmapError, match=said):
        read(path)


@pytest.mark.parametrize("headers", ["names", "zh", "en"])
def test_levels_before_and_after_are_coloured_in_a_workbook(
    lists: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], tmp_path: Path, headers: str
) -> None:
    paths = [tmp_path / name for name in ("old.csv", "new.csv")]
    for table, path in zip(lists, paths, strict=True):
        write_list(table, path)
    write_list(changes(*map(read, paths)), tmp_path / "changes.xlsx", headers=headers)
    sheet = openpyxl.load_workbook(tmp_path / "changes.xlsx")["riskmap"]
    coloured = {
        COLUMNS[cell.column - 1] for row in sheet.iter_rows(min_row=2) for cell in row
        if cell.fill.fill_type == "solid"
    }  # fmt: skip
    assert coloured == {"level_before", "level_after"}


def test_of_an_empty_list_everything_is_new(
    lists: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    for table, name in ((lists[0].iloc[:0], "old.xlsx"), (lists[0], "new.csv")):
        write_list(table, tmp_path / name)
    found = changes(read(tmp_path / "old.xlsx"), read(tmp_path / "new.csv"))
    assert found["change"].tolist() == ["new"] * 10
    assert changes(read(tmp_path / "old.xlsx"), read(tmp_path / "old.xlsx")).empty
    nothing = str(tmp_path / "old.xlsx")
    assert main(["changes", nothing, nothing, "-o", str(tmp_path / "out.csv"), "--lang", "en"]) == 0
    assert "0 new, 0 risen, 0 the same, 0 fallen, 0 gone" in capsys.readouterr().out
    assert (tmp_path / "out.csv").read_text("utf-8-sig") == ",".join(COLUMNS) + "\n"


def test_the_command_writes_the_comparison_and_counts(
    lists: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    hostile = lists[1].copy()
    hostile.loc[6, "name"] = "=1+1"
    paths = [tmp_path / name for name in ("old.csv", "new.csv")]
    for table, path in zip((lists[0], hostile), paths, strict=True):
        write_list(table, path)
    target = tmp_path / "out.geojson"
    call = ["changes", *map(str, paths), "-o", str(target)]
    assert main([*call, "--lang", "en"]) == 0
    assert "1 new, 2 risen, 5 the same, 2 fallen, 1 gone" in capsys.readouterr().out
    assert main([*call, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(target), "new": 1, "risen": 2, "same": 5, "fallen": 2, "gone": 1,
    }  # fmt: skip
    rows = [one["properties"] for one in json.loads(target.read_text("utf-8"))["features"]]
    assert len(rows) == 11
    assert "=1+1" in {row["name"] for row in rows}
    for suffix in (".csv", ".xlsx", ".gpkg", ".kml", ".shp.zip", ".parquet"):
        assert main([*call[:3], "-o", str(tmp_path / f"out{suffix}"), "--lang", "zh"]) == 0


def test_a_broken_comparison_is_said_in_one_line_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.csv").write_text("segment_id\nw1\n", encoding="utf-8")
    old, target = str(tmp_path / "old.csv"), str(tmp_path / "out.csv")
    for call in (
        [old, str(tmp_path / "none.csv"), "-o", target],
        [old, old, "-o", str(tmp_path / "out.xsl")],
        [old, old, "-o", target, "--least", "-1"],
        [old, old, "-o", target, "--least", "nan"],
    ):
        assert main(["changes", *call]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]


def test_every_column_has_a_heading() -> None:
    assert all(f"heading.{name}" in catalogue() for name in COLUMNS)
    assert list_changes.LEAST_PCT == 10.0  # as the command's help says
