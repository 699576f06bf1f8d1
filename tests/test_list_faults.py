"""Where a list cannot be written: one clear line, and nothing partial."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from list_readers import hard_list

from riskmap import export
from riskmap.errors import RiskmapError
from riskmap.export import WRITERS, write_list, write_text


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    return hard_list(sample)


def test_an_unknown_format_names_the_known_ones(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match=r"unknown format '.xls'.*did you mean '.xlsx'"):
        write_list(table, tmp_path / "list.xls")


def test_a_folder_that_is_missing_or_a_file_is_said(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(RiskmapError, match="there is no folder"):
        write_list(table, tmp_path / "nowhere" / "list.csv")
    with pytest.raises(RiskmapError, match="is a folder"):
        write_text(tmp_path, "x")


def test_a_name_too_long_and_a_pipe_are_said_in_one_line(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(RiskmapError, match="File name too long"):
        write_list(table, tmp_path / f"{'a' * 300}.csv")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(RiskmapError, match="is a device or a pipe"):
        write_text(pipe, "x")
    assert pipe.is_fifo()


CLOSED_FOLDER = """
import os, sys
from riskmap.errors import RiskmapError
from riskmap.export import check_target
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    check_target(sys.argv[1])
except RiskmapError as fault:
    print(fault)
    sys.exit(2)
"""


@pytest.mark.parametrize("mode", [0o000, 0o555])
def test_a_folder_without_the_right_to_write_is_said_in_one_line(
    tmp_path: Path, mode: int
) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_FOLDER, str(folder / "list.csv")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    folder.chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("\n") == 1


def test_a_list_longer_than_a_sheet_is_refused_not_cut(
    table: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", len(table))
    with pytest.raises(RiskmapError, match="a sheet holds"):
        write_list(table, tmp_path / "list.xlsx")
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import pickle, resource, sys
from riskmap.errors import RiskmapError
from riskmap.export import write_list
table = pickle.load(open(sys.argv[1], "rb"))
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    write_list(table, sys.argv[2])
except RiskmapError as fault:
    print(fault)
    sys.exit(2)
"""


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    table.to_pickle(tmp_path / "table.pickle")
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / f"list{suffix}"
    target.write_bytes(b"the old list")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "table.pickle"), str(target)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("\n") == 1
    assert str(target) in done.stdout
    assert [path.name for path in folder.iterdir()] == [target.name]
    assert target.read_bytes() == b"the old list"


@pytest.mark.parametrize("name", [".~lock.list.csv#", "~$list.csv"])
def test_a_file_that_an_office_program_has_open_is_not_replaced(
    table: gpd.GeoDataFrame, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")
    (tmp_path / name).write_text("somebody")
    with pytest.raises(RiskmapError, match="open in another program") as said:
        write_list(table, path)
    assert name in str(said.value)
    assert path.read_text() == "old"
    assert {one.name for one in tmp_path.iterdir()} == {"list.csv", name}


def test_a_file_that_is_opened_elsewhere_during_the_work_is_not_replaced(
    table: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lock = tmp_path / "list.csv", tmp_path / ".~lock.list.csv#"
    path.write_text("old")
    as_csv = export.as_csv

    def slowly(rows: pd.DataFrame) -> bytes:
        lock.write_text("somebody")
        return as_csv(rows)

    monkeypatch.setattr(export, "as_csv", slowly)
    with pytest.raises(RiskmapError, match="open in another program"):
        write_list(table, path)
    assert path.read_text() == "old"
    assert {one.name for one in tmp_path.iterdir()} == {"list.csv", lock.name}


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_file_that_the_system_will_not_replace_stays_and_the_reason_is_said(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"list{suffix}"
    path.write_text("old")

    def locked(self: Path, target: Path) -> None:  # as on Windows
        raise PermissionError(errno.EACCES, "Permission denied", str(self), None, str(target))

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(RiskmapError, match="is it open in another program") as said:
        write_list(table, path)
    assert "\n" not in str(said.value)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_of_another_file_or_of_no_database_stops_nothing(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    for name in (".~lock.other.csv#", "list.csv-wal"):
        (tmp_path / name).write_text("")
    write_list(table, tmp_path / "list.csv")
    longest = tmp_path / f"{'a' * 251}.csv"
    write_list(table, longest)
    assert longest.exists()


def test_the_device_that_is_always_full_is_refused_as_what_it_is(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    for suffix in WRITERS:
        link = tmp_path / f"list{suffix}"
        link.symlink_to("/dev/full")
        with pytest.raises(RiskmapError, match="is a device or a pipe"):
            write_list(table, link)
        assert Path("/dev/full").is_char_device()
