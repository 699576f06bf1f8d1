"""
The plan that is on the wall: in a project's folder, else with the server until it ends.

A plan is sensitive: neither place is ever served.
"""

import datetime as dt
from collections import OrderedDict
from pathlib import Path

import streamlit as st

from riskmap import posted
from riskmap.deployment import Deployment
from riskmap.errors import RiskmapError
from riskmap.pages import projects
from riskmap.posted import Posted

_KEPT = 16
"""Areas without a folder whose plan is kept."""


@st.cache_resource(show_spinner=False)
def _kept() -> "OrderedDict[str, Posted]":
    return OrderedDict()


def _file() -> Path | None:
    path = projects.project()
    return path.with_name(projects.WALL) if path else None


def put(plan: Deployment, key: str) -> None:
    """
    Put a plan up for the area of that key, in place of the one before it.

    Raises
    ------
    RiskmapError
        A folder that cannot be written.
    """
    shown, file = posted.posted(plan, dt.datetime.now(dt.UTC)), _file()
    if file is not None:
        try:
            posted.write(shown, file)
        except RiskmapError as fault:
            raise RiskmapError(str(fault).replace(str(file), projects.label(file))) from None
        return
    kept = _kept()
    kept[key] = shown
    kept.move_to_end(key)
    while len(kept) > _KEPT:
        kept.popitem(last=False)


def up(key: str) -> Posted | None:
    """
    Plan that is up.

    Raises
    ------
    RiskmapError
        A file that is damaged.
    """
    file = _file()
    return _kept().get(key) if file is None else posted.read(file)
