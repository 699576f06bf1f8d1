"""The file of a register: made whole, opened safely, its faults in one line."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from riskmap.errors import RiskmapError
from riskmap.hazard import STATUSES

WAIT_S = 10.0
"""How long a change waits for another one."""
APPLICATION, VERSION = 0x72697368, 1
"""What the file says that it is."""

_SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE hazard (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  layer TEXT NOT NULL, place TEXT NOT NULL, lon REAL NOT NULL, lat REAL NOT NULL,
  note TEXT NOT NULL, reported_by TEXT NOT NULL, reported TEXT NOT NULL, due TEXT,
  status TEXT NOT NULL CHECK (status IN {STATUSES}),
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hazard INTEGER NOT NULL REFERENCES hazard (number),
  at TEXT NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, remark TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX event_of ON event (hazard);
CREATE TABLE photo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hazard INTEGER NOT NULL REFERENCES hazard (number),
  at TEXT NOT NULL, by TEXT NOT NULL, jpeg BLOB NOT NULL
) STRICT;
"""


def begin(path: Path) -> None:
    """Make an empty register beside its place, then put it there unless somebody else has."""
    with _faults(path):
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".register") as folder:
                made = Path(folder) / "new"
                with closing(_connected(made)) as db:
                    db.execute("PRAGMA journal_mode = WAL")
                    db.executescript(_SCHEMA)
                _put(made, path)
        except OSError as fault:
            raise RiskmapError(f"{path}: cannot be opened or written ({fault.strerror})") from fault


def _put(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            made.replace(path)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Open a register.

    Raises
    ------
    RiskmapError
        A file that is none or was written by a later version, a full disk, or one that stays locked
        by another program.
    """
    with _faults(path), closing(_connected(path)) as db:
        kind, version = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if kind != APPLICATION:
            raise RiskmapError(f"{path}: is a database, but no register")
        if version > VERSION:
            raise RiskmapError(f"{path}: written by a later riskmap; update this one")
        db.execute("PRAGMA foreign_keys = ON")
        yield db


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Say in one line what SQLite complains of."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        if "locked" in str(fault):
            raise RiskmapError(
                f"{path}: another program has it open and keeps it locked; close it there"
            ) from fault
        raise RiskmapError(f"{path}: cannot be opened or written ({fault})") from fault
    except sqlite3.DatabaseError as fault:
        raise RiskmapError(f"{path}: is no register, or damaged ({fault})") from fault
