"""The page with a wall that asks a file for the time, and often: the script of a test's server."""

import datetime as dt
import os
import runpy
from pathlib import Path

from riskmap.pages import wall

ROOT = Path(__file__).parents[2]


def _instant() -> dt.datetime:
    return dt.datetime.fromisoformat(Path(os.environ["WALL_CLOCK"]).read_text(encoding="utf-8"))


wall.instant = _instant
wall.EVERY_S = 2
runpy.run_path(str(ROOT / "app.py"))
