"""The hazard register (隐患台账): what was found, how far it is mended, and who did what.

One SQLite file. A change is in it whole or not at all, also after a loss of power; what was there
before stays in the history.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap import register_file
from riskmap.errors import RiskmapError
from riskmap.hazard import FIELDS, STATUSES, Hazard, as_row, day, same, words
from riskmap.photo import picture
from riskmap.places import WGS84


class Register:
    """
    A register in a file.

    Parameters
    ----------
    path
        The file; it is made when the first hazard is added.

    Raises
    ------
    RiskmapError
        From every method: a file that is no register or was written by a later version, a full
        disk, or one that stays locked by another program.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def add(
        self, hazard: Hazard, *, by: str, photo: bytes | None = None, at: dt.datetime | None = None
    ) -> int:
        """Enter a hazard and return its number."""
        jpeg = None if photo is None else picture(photo)
        with self._change(create=True) as db:
            number = _insert(db, hazard, by, _stamp(at), "added")
            if jpeg:
                _keep(db, number, by, _stamp(at), jpeg)
        return number

    def add_photo(
        self, number: int, photo: bytes, *, by: str, at: dt.datetime | None = None
    ) -> None:
        """Keep a photo of a hazard, made smaller and without what a camera writes beside it."""
        jpeg = picture(photo)
        with self._change() as db:
            _known(db, number)
            _keep(db, number, by, _stamp(at), jpeg)

    def change(
        self,
        number: int,
        *,
        by: str,
        seen: int | None = None,
        at: dt.datetime | None = None,
        **values: str | float | dt.date | None,
    ) -> None:
        """
        Change what is known of a hazard.

        Parameters
        ----------
        number
            Of the hazard.
        by
            Who changes it.
        seen
            `version` of the row that was looked at: if somebody changed it since, nothing happens
            and the error says who and when. None does not ask.
        at
            When; None is now.
        values
            Any field of `Hazard`.
        """
        with self._change() as db:
            before = _known(db, number, seen)
            own: dict[str, Any] = {name: before[name] for name in FIELDS}
            own |= {name: day(own[name]) for name in ("reported", "due")}
            checked = as_row(Hazard(**own | values))
            if checked["reported"] is None:
                raise RiskmapError(f"register: no. {number} needs the day on which it was found")
            _write(db, number, before, checked, (by, _stamp(at), "changed", ""))

    def step(
        self,
        number: int,
        status: str,
        *,
        by: str,
        remark: str = "",
        seen: int | None = None,
        at: dt.datetime | None = None,
    ) -> None:
        """Move a hazard to the next of `STATUSES`, or back to any before it; else as `change`."""
        if status not in STATUSES:
            raise RiskmapError(f"register: no status '{status}'; one of {', '.join(STATUSES)}")
        with self._change() as db:
            before = _known(db, number, seen)
            steps = STATUSES.index(status) - STATUSES.index(before["status"])
            if steps > 1:
                needed = STATUSES[STATUSES.index(before["status"]) + 1]
                raise RiskmapError(
                    f"register: no. {number} is {before['status']}; before {status} comes {needed}"
                )
            if steps:
                _write(db, number, before, {"status": status}, (by, _stamp(at), "step", remark))

    def undo(
        self, number: int, *, by: str, seen: int | None = None, at: dt.datetime | None = None
    ) -> None:
        """
        Take back the last change of a hazard (photos stay); of a new one, the hazard itself.

        One that was taken back is brought back. `seen` as in `change`.
        """
        with self._change() as db:
            before = _known(db, number, seen, gone=True)
            if before["removed"]:
                db.execute(
                    "UPDATE event SET undone = 0 "
                    "WHERE hazard = ? AND what IN ('added', 'imported')",
                    (number,),
                )
                _write(db, number, before, {"removed": 0}, (by, _stamp(at), "undone", ""))
                return
            last = db.execute(
                "SELECT * FROM event WHERE hazard = ? AND NOT undone "
                "AND what NOT IN ('undone', 'photo') ORDER BY id DESC LIMIT 1",
                (number,),
            ).fetchone()
            new = last["what"] in {"added", "imported"}
            back = {"removed": 1} if new else json.loads(last["before"])
            db.execute("UPDATE event SET undone = 1 WHERE id = ?", (last["id"],))
            _write(db, number, before, back, (by, _stamp(at), "undone", ""))

    def merge(
        self,
        found: Mapping[int, tuple[Hazard, str, int]],
        *,
        by: str,
        at: dt.datetime | None = None,
    ) -> pd.Series:
        """
        Take over a list of hazards, all or none.

        Parameters
        ----------
        found
            By row of the list: the hazard, its status ("" takes the first), and the number that
            the list gives it, 0 for none. One with the same layer, place, note and day within a
            metre of one that is known is the same, and so is one with its number and layer there.
        by, at
            As in `change`.

        Returns
        -------
        By row: the number that it has, negative where it was known already.
        """
        numbers = {}
        with self._change(create=True) as db:
            rows = db.execute("SELECT * FROM hazard WHERE NOT removed").fetchall()
            known: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
            by_number = {row["number"]: dict(row) for row in rows}
            for one in by_number.values():
                known.setdefault((one["layer"], one["place"], one["note"]), []).append(one)
            for row, (hazard, status, stated) in found.items():
                mine = as_row(hazard)
                like = known.setdefault((hazard.layer, hazard.place, hazard.note), [])
                there = [own | {"place": hazard.place, "note": hazard.note}
                         for own in (by_number.get(stated),) if own]  # fmt: skip
                alike = (one["number"] for one in (*there, *like) if same(mine, one))
                if number := next(alike, 0):
                    numbers[row] = -number
                    continue
                number = _insert(db, hazard, by, _stamp(at), "imported")
                if status and status != STATUSES[0]:
                    before = _known(db, number)
                    _write(db, number, before, {"status": status}, (by, _stamp(at), "step", ""))
                like.append(mine | {"number": number})
                numbers[row] = number
        return pd.Series(numbers, dtype=np.int64)

    def table(self, on: dt.date | None = None) -> gpd.GeoDataFrame:
        """
        List the hazards.

        Parameters
        ----------
        on
            Day on which the overdue ones are looked for; None is today.

        Returns
        -------
        By `number`: the fields of `Hazard` (days as dates, None where nobody said), `status`,
        `overdue` (to be mended before that day, and neither mended nor closed), `photos` (how
        many), `version` (for `seen`), `changed` and `changed_by`; points in WGS 84.
        """
        on = on or dt.datetime.now().astimezone().date()
        with self._reading() as db:
            rows = [] if db is None else [dict(row) for row in db.execute(
                "SELECT h.*, e.id AS version, e.at AS changed, e.by AS changed_by, "
                "(SELECT count(*) FROM photo p WHERE p.hazard = h.number) AS photos "
                "FROM hazard h JOIN event e ON e.id = "
                "(SELECT max(id) FROM event WHERE hazard = h.number) WHERE NOT h.removed "
                "ORDER BY h.number"
            )]  # fmt: skip
        columns = ["number", *FIELDS, "status", "version", "changed", "changed_by", "photos"]
        table = pd.DataFrame(rows, columns=columns)
        for name in ("reported", "due"):
            table[name] = pd.Series([day(row[name]) for row in rows], dtype=object)
        late = np.array([own is not None and own < on for own in table["due"]], dtype=bool)
        table.insert(columns.index("version"), "overdue", late & table["status"].isin(STATUSES[:2]))
        place = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float))
        return gpd.GeoDataFrame(table, geometry=place, crs=WGS84).set_index("number")

    def history(self, number: int) -> pd.DataFrame:
        """
        Say what happened to a hazard, the first change first.

        Returns
        -------
        `at` (UTC), `by`, `what` ("added", "imported", "changed", "step", "photo", "undone"),
        `remark`, `before` and `after` (the fields that changed), `undone`.
        """
        with self._reading() as db:
            if db is None:
                raise RiskmapError(f"register: {self.path} has no hazard {number}")
            _known(db, number, gone=True)
            rows = [dict(row) for row in db.execute(
                "SELECT at, by, what, remark, before, after, undone FROM event "
                "WHERE hazard = ? ORDER BY id", (number,),
            )]  # fmt: skip
        for row in rows:
            row |= {name: json.loads(row[name]) for name in ("before", "after")}
            row["undone"] = bool(row["undone"])
        return pd.DataFrame(rows)

    def photos(self, number: int) -> list[bytes]:
        """JPEG files of a hazard, the first one first."""
        with self._reading() as db:
            if db is None:
                return []
            rows = db.execute("SELECT jpeg FROM photo WHERE hazard = ? ORDER BY id", (number,))
            return [bytes(row["jpeg"]) for row in rows]

    def version(self) -> int:
        """Number of the last change; 0 before the first."""
        with self._reading() as db:
            if db is None:
                return 0
            return int(db.execute("SELECT max(id) FROM event").fetchone()[0] or 0)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Open for reading; None where there is no file yet."""
        if not self.path.exists():
            yield None
            return
        with register_file.opened(self.path) as db:
            yield db

    @contextmanager
    def _change(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        """One change: whole, and on the disk, or not at all."""
        if not self.path.exists():
            if not create:
                raise RiskmapError(f"{self.path}: there is no such register; enter a hazard first")
            register_file.begin(self.path)
        with register_file.opened(self.path) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise


def _insert(db: sqlite3.Connection, hazard: Hazard, by: str, at: str, what: str) -> int:
    row = as_row(hazard) | {"status": STATUSES[0]}
    now = dt.datetime.fromisoformat(f"{at}+00:00")
    row["reported"] = row["reported"] or now.astimezone().date().isoformat()
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    number = db.execute(
        f"INSERT INTO hazard ({names}) VALUES ({marks})",  # noqa: S608  # names of fields
        tuple(row.values()),
    ).lastrowid
    if number is None:
        message = "an insert has a row"
        raise AssertionError(message)
    _tell(db, number, (by, at, what, ""), {}, row)
    return number


def _write(
    db: sqlite3.Connection,
    number: int,
    before: Mapping[str, Any],
    values: Mapping[str, Any],
    said: tuple[str, str, str, str],
) -> None:
    """Put other values into a row and tell the history what was there."""
    new = {name: value for name, value in values.items() if value != before[name]}
    if not new:
        return
    sets = ", ".join(f"{name} = ?" for name in new)
    db.execute(
        f"UPDATE hazard SET {sets} WHERE number = ?",  # noqa: S608  # names of fields
        (*new.values(), number),
    )
    _tell(db, number, said, {name: before[name] for name in new}, new)


def _keep(db: sqlite3.Connection, number: int, by: str, at: str, jpeg: bytes) -> None:
    db.execute(
        "INSERT INTO photo (hazard, at, by, jpeg) VALUES (?, ?, ?, ?)", (number, at, by, jpeg)
    )
    _tell(db, number, (by, at, "photo", ""), {}, {})


def _tell(
    db: sqlite3.Connection,
    number: int,
    said: tuple[str, str, str, str],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    by, at, what, remark = said
    said = words("by", by), at, what, words("remark", remark)
    db.execute(
        "INSERT INTO event (hazard, by, at, what, remark, before, after) VALUES (?,?,?,?,?,?,?)",
        (number, *said, *(json.dumps(own, ensure_ascii=False) for own in (before, after))),
    )


def _known(
    db: sqlite3.Connection, number: int, seen: int | None = None, *, gone: bool = False
) -> dict[str, Any]:
    """A hazard as it is; `gone`: also one that was taken back."""
    own = min(max(number, 0), 2**62)  # SQLite knows no larger numbers
    row = db.execute("SELECT * FROM hazard WHERE number = ?", (own,)).fetchone()
    if row is None or (row["removed"] and not gone):
        raise RiskmapError(f"register: no hazard has the number {number}")
    last = db.execute(
        "SELECT id, at, by FROM event WHERE hazard = ? ORDER BY id DESC LIMIT 1", (number,)
    ).fetchone()
    if seen is not None and last["id"] != seen:
        raise RiskmapError(
            f"register: no. {number} was changed by {last['by']} at {last['at']} UTC meanwhile; "
            "look at it again"
        )
    return dict(row)


def _stamp(at: dt.datetime | None) -> str:
    return (at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
