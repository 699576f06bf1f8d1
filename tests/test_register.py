"""The register of hazards keeps what was entered, and who did what."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from riskmap.errors import RiskmapError
from riskmap.hazard import STATUSES, Hazard
from riskmap.photo import SIDE
from riskmap.register import Register
from riskmap.register_file import APPLICATION

POTHOLE = Hazard(
    "hazard", 9.52, 47.14, place="Landstrasse", note="坑槽", reported_by="101",
    reported=dt.date(2026, 5, 1), due=dt.date(2026, 5, 10),
)  # fmt: skip


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "register.sqlite")


def photo(size: tuple[int, int] = (3000, 2000), kind: str = "JPEG") -> bytes:
    picture, file = Image.new("RGB", size, (200, 30, 30)), BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    picture.save(file, kind, exif=exif)
    return file.getvalue()


def test_a_register_that_nobody_began_is_empty_and_makes_no_file(register: Register) -> None:
    assert register.table().empty
    assert not register.path.exists()


def test_what_is_entered_is_read_again(register: Register) -> None:
    number = register.add(POTHOLE, by="zhang")
    row = register.table(dt.date(2026, 5, 9)).loc[number]
    assert {name: row[name] for name in POTHOLE.__dataclass_fields__} == POTHOLE.__dict__
    assert (row["status"], row["overdue"], row["photos"]) == ("found", False, 0)
    assert (row.geometry.x, row.geometry.y) == (POTHOLE.lon, POTHOLE.lat)


def test_a_hazard_is_overdue_until_it_is_mended(register: Register) -> None:
    number, late = register.add(POTHOLE, by="zhang"), dt.date(2026, 5, 11)
    assert not register.table(POTHOLE.due).loc[number, "overdue"]
    for status, overdue in (("verified", True), ("mended", False), ("found", True)):
        register.step(number, status, by="li")
        assert register.table(late).loc[number, "overdue"] == overdue


def test_a_step_cannot_be_left_out_but_be_gone_back(register: Register) -> None:
    number = register.add(POTHOLE, by="zhang")
    with pytest.raises(RiskmapError, match="before mended comes verified"):
        register.step(number, "mended", by="li")
    for status in (*STATUSES, "verified"):
        register.step(number, status, by="li", remark="seen")
    assert register.table().loc[number, "status"] == "verified"
    told = register.history(number)
    assert told["what"].tolist() == ["added"] + ["step"] * 4
    assert told["after"].iloc[-1] == {"status": "verified"}
    assert told["before"].iloc[-1] == {"status": "closed"}
    with pytest.raises(RiskmapError, match="no status 'gone'; one of found, verified"):
        register.step(number, "gone", by="li")


def test_changes_are_taken_back_one_after_the_other(register: Register) -> None:
    number = register.add(POTHOLE, by="zhang")
    register.change(number, by="li", note="larger", lon=9.53, due=None)
    register.step(number, "verified", by="li")
    register.undo(number, by="wang")
    row = register.table().loc[number]
    assert (row["status"], row["note"], row["due"]) == ("found", "larger", None)
    register.undo(number, by="wang")
    row = register.table().loc[number]
    assert (row["note"], row["lon"], row["due"]) == ("坑槽", 9.52, POTHOLE.due)
    assert register.history(number)["undone"].tolist() == [False, True, True, False, False]
    register.undo(number, by="wang")
    assert register.table().empty
    # nothing is lost: its history stays, and it can be brought back
    assert len(register.history(number)) == 6
    with pytest.raises(RiskmapError, match="no hazard has the number 1"):
        register.step(number, "verified", by="wang")
    for notes in (["坑槽"], [], ["坑槽"]):
        register.undo(number, by="wang")
        assert register.table()["note"].tolist() == notes


def test_what_is_not_there_is_not_made_by_a_step(register: Register) -> None:
    with pytest.raises(RiskmapError, match="no such register; enter a hazard first"):
        register.step(1, "verified", by="li")
    assert not register.path.exists()
    register.add(POTHOLE, by="zhang")
    with pytest.raises(RiskmapError, match="no hazard has the number 9"):
        register.step(99_999_999_999_999_999_999, "verified", by="li")
    with pytest.raises(RiskmapError, match="by is no text in UTF-8"):
        register.step(1, "verified", by="\udcff")
    assert register.table().loc[1, "status"] == "found"


def test_of_two_editors_the_second_is_told_of_the_first(register: Register) -> None:
    number = register.add(POTHOLE, by="zhang")
    seen = register.table().loc[number, "version"]
    register.change(number, by="li", seen=seen, note="deeper")
    with pytest.raises(RiskmapError, match=r"no. 1 was changed by li at .* UTC meanwhile"):
        register.step(number, "verified", by="wang", seen=seen)
    with pytest.raises(RiskmapError, match="meanwhile"):
        register.undo(number, by="wang", seen=seen)
    assert register.table().loc[number, ["note", "status"]].tolist() == ["deeper", "found"]


def test_nothing_changes_where_nothing_is_changed(register: Register) -> None:
    number = register.add(POTHOLE, by="zhang")
    register.change(number, by="li", note=POTHOLE.note)
    register.step(number, "found", by="li")
    assert len(register.history(number)) == 1


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"lon": 200.0}, "longitude 200.0, latitude 47.14 is no place on earth"),
        ({"lat": float("nan")}, "is no place on earth"),
        ({"layer": ""}, "needs a layer"),
        ({"note": "x" * 2001}, "note has more than 2,000 characters"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    register: Register, own: dict[str, object], said: str
) -> None:
    number = register.add(POTHOLE, by="zhang")
    with pytest.raises(RiskmapError, match=said):
        Hazard(**POTHOLE.__dict__ | own)
    with pytest.raises(RiskmapError, match=said):
        register.change(number, by="li", **own)
    assert register.table().loc[number, "changed_by"] == "zhang"


def test_a_photo_is_kept_small_and_without_its_camera(register: Register) -> None:
    number = register.add(POTHOLE, by="zhang", photo=photo())
    register.add_photo(number, photo((40, 30), "PNG"), by="li")
    kept = [Image.open(BytesIO(own)) for own in register.photos(number)]
    assert [own.size for own in kept] == [(SIDE, round(SIDE * 2 / 3)), (40, 30)]
    assert not any(b"SecretCamera" in own for own in register.photos(number))
    assert register.table().loc[number, "photos"] == 2
    register.undo(number, by="wang")  # of the hazard: photos are no changes
    assert register.table().empty


def test_what_a_camera_or_a_program_wrote_beside_a_photo_is_not_kept(register: Register) -> None:
    file = BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG", comment=b"zhang 13800000000")
    number = register.add(POTHOLE, by="zhang", photo=file.getvalue())
    assert b"zhang" in file.getvalue()
    assert b"zhang" not in register.photos(number)[0]


def test_a_photo_with_too_many_pixels_is_refused(register: Register) -> None:
    file = BytesIO()
    Image.new("1", (20_000, 10_000)).save(file, "PNG")
    with pytest.raises(RiskmapError, match="more than 80 million pixels"):
        register.add(POTHOLE, by="zhang", photo=file.getvalue())


@pytest.mark.parametrize("own", [b"", b"<svg onload=alert(1)>", photo()[:900], b"GIF89a" * 9])
def test_what_is_no_photo_is_refused_and_nothing_is_entered(
    register: Register, own: bytes
) -> None:
    with pytest.raises(RiskmapError, match="no JPEG, PNG or WebP picture, or damaged"):
        register.add(POTHOLE, by="zhang", photo=own)
    assert register.table().empty


def test_a_list_is_taken_over_once(register: Register) -> None:
    other = Hazard("cliff", 9.6, 47.2, reported=dt.date(2026, 4, 1))
    rows = {2: (POTHOLE, "", 0), 3: (other, "mended", 0), 4: (POTHOLE, "", 0)}
    found = register.merge(rows, by="li")
    assert found.to_dict() == {2: 1, 3: 2, 4: -1}
    assert register.table()["status"].tolist() == ["found", "mended"]
    assert register.merge({2: (other, "found", 0)}, by="li").to_dict() == {2: -2}
    assert register.table()["status"].tolist() == ["found", "mended"]


def test_a_list_without_days_is_taken_over_once_too(register: Register) -> None:
    bare = Hazard("hazard", 9.5, 47.1, note=" deep ")
    beside = Hazard("hazard", 9.500004, 47.1, note="deep")
    assert register.merge({2: (bare, "", 0)}, by="li").to_dict() == {2: 1}
    assert register.merge({2: (bare, "", 0), 3: (beside, "", 0)}, by="li").to_dict() == {
        2: -1, 3: -1,
    }  # fmt: skip
    # its number tells, whatever a spreadsheet made of its words
    other = Hazard("hazard", 9.5, 47.1, note="'deep")
    assert register.merge({2: (other, "", 1), 3: (other, "", 7)}, by="li").to_dict() == {
        2: -1, 3: 2,
    }  # fmt: skip


def test_ten_writers_at_once_lose_nothing(register: Register) -> None:
    def write(writer: int) -> None:
        own = Register(register.path)
        for turn in range(10):
            own.add(Hazard("hazard", 9.5, 47.1, note=f"{writer}.{turn}"), by=str(writer))

    # nobody has made the file yet
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(10)))
    assert len(set(register.table()["note"])) == 100
    assert {path.name for path in register.path.parent.iterdir()} == {register.path.name}


WRITER = """
import sys
from riskmap.hazard import Hazard
from riskmap.register import Register
register, turn = Register(sys.argv[1]), 0
while True:
    number = register.add(Hazard("hazard", 9.5, 47.1, note=str(turn)), by="x")
    register.step(number, "verified", by="x")
    print(turn, flush=True)
    turn += 1
"""


def test_a_kill_loses_nothing_that_was_told_to_be_in(register: Register) -> None:
    told = -1
    for life in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(register.path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            first = int(writer.stdout.readline())
            time.sleep(0.2 + 0.07 * life)
            os.kill(writer.pid, signal.SIGKILL)
            told = max([first, *map(int, writer.stdout.read().split())])
        table = register.table()
        # all that was told, and at most one more that was on its way
        mine = table.iloc[-(told + 2) :]
        assert set(map(str, range(told + 1))) <= set(mine["note"])
        assert (table["status"] == "verified").sum() >= len(table) - life - 1
        assert len(register.history(int(table.index[-1])))
        with sqlite3.connect(register.path) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert told > 0


def test_a_full_disk_keeps_what_was_there(register: Register) -> None:
    register.add(POTHOLE, by="zhang")
    code = (
        "import resource, sys\n"
        "from riskmap.hazard import Hazard\n"
        "from riskmap.register import Register\n"
        "own = Register(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "for turn in range(300):\n"
        "    own.add(Hazard('hazard', 9.5, 47.1, note='x' * 2000), by='x')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(register.path)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert "cannot be opened or written" in done.stderr.splitlines()[-1]
    assert register.table().loc[1, "note"] == POTHOLE.note
    assert register.add(POTHOLE, by="zhang") > 1


def test_a_file_of_something_else_is_refused_and_stays(register: Register) -> None:
    register.path.write_bytes(b"not a database at all" * 99)
    with pytest.raises(RiskmapError, match="is no register, or damaged"):
        register.add(POTHOLE, by="zhang")
    register.path.unlink()
    with sqlite3.connect(register.path) as db:
        db.execute("CREATE TABLE other (x)")
    before = register.path.read_bytes()
    for change in (register.table, lambda: register.add(POTHOLE, by="zhang")):
        with pytest.raises(RiskmapError, match="is a database, but no register"):
            change()
    assert register.path.read_bytes() == before
    register.path.unlink()
    with sqlite3.connect(register.path) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(RiskmapError, match="written by a later riskmap"):
        register.table()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    register = Register(tmp_path / "none" / "register.sqlite")
    with pytest.raises(RiskmapError, match=r"register.sqlite: cannot be opened or written"):
        register.add(POTHOLE, by="zhang")


def test_names_are_kept_as_they_were_written(register: Register) -> None:
    odd = "<img src=x onerror=alert(1)> '; DROP TABLE hazard; -- 😀 \u202e"
    number = register.add(Hazard("hazard", 9.5, 47.1, note=odd, place=odd), by=odd)
    row = register.table().loc[number]
    assert (row["note"], row["place"], row["changed_by"]) == (odd, odd, odd)
