"""The download of a list of roads: its format, headings, system, and whether pieces are joined."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import list_about, stretches
from riskmap.export import write_list
from riskmap.list_terms import HEADERS, SYSTEMS
from riskmap.locale import Lang, text
from riskmap.moments import When

if TYPE_CHECKING:
    from riskmap.area import Area, By

FORMATS = ("xlsx", "csv", "geojson", "gpkg", "kml", "kmz", "shp.zip", "parquet")
_SYSTEMS = {"wgs84": "download.gps", "gcj02": "download.amap", "bd09": "download.baidu"}


def ask(
    area: "Area",
    table: gpd.GeoDataFrame,
    by: "By",
    when: When,
    lang: Lang,
    *,
    name: str,
    more: Callable[[], None] | None = None,
) -> None:
    """Draw the choices and the button; the file is called `name`, and `more` draws what else is."""
    with st.popover(text("list.download", lang), width="stretch", disabled=table.empty):
        suffix = st.radio(text("list.format", lang), FORMATS, key="format", horizontal=True)
        headers, coords = _terms(suffix, lang)
        joined = st.toggle(
            text("download.joined", lang), key="joined", help=text("download.joined_help", lang)
        )
        key = "download.save_joined" if joined else "list.save"
        st.download_button(
            text(key, lang, count=len(table)),
            # a function: the file is written when someone wants it, not at every rerun
            partial(
                content, area, table, suffix, by=by, when=when, lang=lang, headers=headers,
                coords=coords, joined=joined,
            ),
            file_name=f"{name}.{suffix}",
            mime="application/octet-stream",
            on_click="ignore",
            key="download",
        )  # fmt: skip
        if suffix == "shp.zip":
            st.caption(text("download.shapefile", lang))
        if more is not None:
            more()


def _terms(suffix: str, lang: Lang) -> tuple[str, str]:
    """Ask for headings and system, as far as the format has room for another than its own."""
    words, systems = st.columns(2)
    names, wgs84 = HEADERS[:1], tuple(SYSTEMS)[:1]
    headers: str = words.selectbox(
        text("download.headers", lang),
        names if suffix == "shp.zip" else sorted(HEADERS, key=lambda known: known != lang),
        format_func=lambda known: text(f"download.{known}", lang),
        key=f"headers-{lang}-{suffix == 'shp.zip'}",
    )
    coords: str = systems.selectbox(
        text("download.coords", lang),
        wgs84 if suffix == "gpkg" else tuple(SYSTEMS),
        format_func=lambda known: text(_SYSTEMS[known], lang),
        key=f"coords-{suffix == 'gpkg'}",
    )
    return headers, coords


def content(
    area: "Area",
    table: gpd.GeoDataFrame,
    suffix: str,
    *,
    by: "By",
    when: When,
    lang: Lang,
    headers: str,
    coords: str,
    joined: bool,
) -> bytes:
    """Write a list as the command line does, in one of `FORMATS`: the file's content."""
    if joined:
        table = stretches.stretches(area, table, by=by, when=when, lang=lang)
    return _content(
        suffix,
        lambda path: list_about.write(
            area, table, path, by=by, when=when, lang=lang, headers=headers, coords=coords
        ),
    )


def written(
    table: gpd.GeoDataFrame,
    coverage: pd.DataFrame | None = None,
    *,
    headers: str = "names",
    kind: str = "",
) -> bytes:
    """Write a list of something else than an area's roads as a workbook: the file's content."""
    return _content(
        "xlsx", lambda path: write_list(table, path, coverage, headers=headers, kind=kind)
    )


def _content(suffix: str, write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"hotspots.{suffix}"
        write(path)
        return path.read_bytes()
