"""The room of the hazard register (隐患台账): what was found, how far it is, the way in and out."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import hazard_lists
from riskmap.errors import RiskmapError
from riskmap.hazard import STATUSES
from riskmap.locale import Lang, text
from riskmap.pages import (
    figures,
    frame,
    hazard_card,
    header,
    list_download,
    projects,
    ranking,
    rows,
    upload,
)
from riskmap.register import Register
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

TYPES = ("csv", "xlsx", "geojson", "gpkg", "kml", "kmz")
SHOWN = ("number", "status", "overdue", "layer", "place", "note", "reported", "due", "photos")
WIDTHS = {"number": 45, "status": 60, "overdue": 65, "layer": 130, "place": 130, "note": 170,
          "reported": 90, "due": 90, "photos": 50}  # fmt: skip
_TABLE_PX = 250
MAP_HEIGHT = "calc(100vh - 29.3rem)"


def show() -> None:
    """Draw the room."""
    header.room(_room, "register")


def _room(area: "Area", lang: Lang) -> str:
    path = projects.register()
    if path is None:
        st.info(text("register.no_project", lang))
        return ""
    if st.session_state.get("hazards of") != path:
        # what was chosen in another register has a number here too
        st.session_state.update({"hazards of": path, "hazard chosen": None, "hazard road": None})
    try:
        register = Register(path)
        table = register.table()
        left, right = st.columns([0.62, 0.38], gap="medium")
        with left:
            _list(area, table, lang)
            _map(area, table, lang)
            _way_in(area, register, lang)
        with right:
            number = st.session_state.get("hazard chosen")
            hazard_card.show(area, register, table, number if number in table.index else None, lang)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault).replace(str(path), path.name)))
    return ""


def _list(area: "Area", table: gpd.GeoDataFrame, lang: Lang) -> None:
    """Draw the list; a click on a row chooses that hazard, whatever is listed later."""
    if table.empty:
        st.info(figures.plain(text("register.empty", lang)))
        return
    states, layer, late = st.columns([0.5, 0.32, 0.18], vertical_alignment="bottom")
    with states:
        status = st.pills(
            text("register.column.status", lang), STATUSES, selection_mode="multi",
            default=frame.remembered("hazard states", list(STATUSES[:3])), key="hazard states",
            format_func=lambda own: text(f"register.status.{own}", lang),
        )  # fmt: skip
    with layer:
        names = ["", *sorted(set(table["layer"]))]
        kind = st.selectbox(
            text("register.column.layer", lang), names, key=f"hazard layer-{lang}",
            format_func=lambda own: hazard_card.title(area, own, lang) or text(
                "register.all", lang),
        )  # fmt: skip
    with late:
        only = st.toggle(text("register.late", lang), key="hazard late")
    keep = table["status"].isin(status or STATUSES) & (table["overdue"] | (not only))
    found = table[keep & ((table["layer"] == kind) | (not kind))]
    st.caption(text("register.sum", lang, count=len(found), late=int(found["overdue"].sum())))
    listed = hazard_lists.listed(found, area.layers, lang)
    shown = pd.DataFrame(listed.drop(columns="geometry"))
    shown[text("register.column.photos", lang)] = found["photos"].to_numpy()
    heads = {text(f"register.column.{name}", lang): WIDTHS[name] for name in SHOWN}
    numbers = found.index.tolist()
    chosen = st.session_state.get("hazard chosen")
    # another list, or another row that is marked, is another table
    key = f"hazards-{lang}-{chosen}-{hash(tuple(numbers))}"

    def choose() -> None:
        rows = st.session_state[key].selection.rows
        st.session_state["hazard chosen"] = numbers[rows[0]] if rows else None

    st.dataframe(
        shown[list(heads)], hide_index=True, height=_TABLE_PX, row_height=30, placeholder="",
        on_select=choose, selection_mode="single-row", key=key,
        selection_default={"selection": {
            "rows": [numbers.index(chosen)] if chosen in numbers else []
        }},
        column_config={name: st.column_config.Column(width=px) for name, px in heads.items()},
    )  # fmt: skip
    st.download_button(
        text("register.save", lang, count=len(found)),
        lambda: list_download.written(listed),
        file_name=f"register-{dt.datetime.now().astimezone():%Y-%m-%d}.xlsx",
        on_click="ignore", key="hazards save",
    )  # fmt: skip


def _map(area: "Area", table: gpd.GeoDataFrame, lang: Lang) -> None:
    """Draw the map: a click on a road puts its middle into the form."""
    def pick(segment_id: str) -> None:
        if segment_id != st.session_state.get("hazard road"):
            st.session_state["hazard road"] = segment_id
            hazard_card.report_on(area, segment_id)

    risk_map(
        area, projects.tiles_of(area), ranking.scores(area, None), lang=lang,
        layers_on=sorted(set(table["layer"])),
        crashes_on=False, selected=st.session_state.get("hazard road"), height=MAP_HEIGHT,
        key="hazards map", clock=None, dark=frame.dark(), pick=pick,
    )  # fmt: skip


def _way_in(area: "Area", register: Register, lang: Lang) -> None:
    """Draw the import of a list: what becomes of every row is seen before anything is entered."""
    with st.expander(text("register.import", lang)), st.container(key="upload_hazards"):
        upload.look(lang)
        given = st.file_uploader(
            text("register.file", lang, megabytes=upload.MEGABYTES), TYPES,
            max_upload_size=upload.MEGABYTES,
            key=f"hazards file {st.session_state.get('hazard lists', 0)}",
        )  # fmt: skip
        if given is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"list{Path(given.name).suffix.lower()}"
            path.write_bytes(given.getvalue())
            try:
                found = hazard_lists.read(path, area.layers)
            except RiskmapError as fault:
                st.error(figures.plain(str(fault).replace(str(path), given.name)))
                return
        said = text("register.take", lang, count=len(found.hazards))
        by = hazard_card.who()
        if st.button(said, disabled=not (found.hazards and by), help=None if by else text(
                "register.who_first", lang), key="hazards take", type="primary"):  # fmt: skip
            hazard_lists.enter(found, register, by=by)
            st.session_state["hazard lists"] = st.session_state.get("hazard lists", 0) + 1
            st.rerun()
        titles = {"register": text("app.register", lang)}
        rows.show(found.report.assign(file=given.name), lang, key="hazard-rows", titles=titles)
