"""The page with a wall that asks a file for the time, and often: the app of a test's server."""

import datetime as dt
import os
from pathlib import Path

import streamlit as st

from riskmap.pages import wall
from riskmap.webmap import served

SCRIPT = Path(__file__).parents[2] / "riskmap" / "pages" / "start.py"


def _instant() -> dt.datetime:
    return dt.datetime.fromisoformat(Path(os.environ["WALL_CLOCK"]).read_text(encoding="utf-8"))


wall.instant = _instant
wall.EVERY_S = 2
app = st.App(SCRIPT, routes=served.routes())
