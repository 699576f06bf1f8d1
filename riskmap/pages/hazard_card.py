"""One hazard of the register, what was done about it, and the form for a new one."""

import datetime as dt
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import hazard_lists
from riskmap.coords import to_wgs84
from riskmap.errors import RiskmapError
from riskmap.hazard import LONGEST, STATUSES, Hazard
from riskmap.hazard_lists import LAYER
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame, upload
from riskmap.places import WGS84
from riskmap.register import Register

if TYPE_CHECKING:
    from riskmap.area import Area

PHOTOS = ("jpg", "jpeg", "png", "webp")


def who() -> str:
    """Name of the one who uses the page, as it was typed in."""
    return str(st.session_state.get("hazard who", "")).strip()


def title(area: "Area", layer: str, lang: Lang) -> str:
    """Title of a layer, or its name where it is not there."""
    return area.layers[layer].title[lang] if layer in area.layers else layer


def show(
    area: "Area", register: Register, table: gpd.GeoDataFrame, number: int | None, lang: Lang
) -> None:
    """Draw the chosen hazard; without one the form for a new one."""
    st.text_input(
        text("register.who", lang), frame.remembered("hazard who", ""), max_chars=80,
        key="hazard who", help=text("register.who_is", lang),
    )  # fmt: skip
    if fault := st.session_state.pop("hazard fault", ""):
        st.error(figures.plain(fault))
    if said := st.session_state.pop("hazard said", ""):
        st.success(figures.plain(said))
    if number is None:
        _form(area, register, lang)
    else:
        _card(area, register, table.loc[number], lang)


def report_on(area: "Area", segment_id: str) -> None:
    """Put the middle of a piece of road into the form."""
    road = area.segments.loc[[segment_id]]
    place = road.geometry.interpolate(0.5, normalized=True).to_crs(WGS84).iloc[0]
    name = str(road["name"].iloc[0] or road["ref"].iloc[0])
    st.session_state["hazard place"] = (round(place.x, 6), round(place.y, 6), name)
    # the fields of the place are other ones now; what else was typed stays
    st.session_state["hazard places"] = st.session_state.get("hazard places", 0) + 1


def _close() -> None:
    st.session_state["hazard chosen"] = None


def _anew() -> None:
    """Begin the form anew: its fields have the names of the next one."""
    st.session_state["hazard form"] = st.session_state.get("hazard form", 0) + 1


def _form(area: "Area", register: Register, lang: Lang) -> None:
    lon, lat, place = st.session_state.get("hazard place", (None, None, ""))
    run = f"{st.session_state.get('hazard form', 0)}-{lang}"
    there = f"{run}-{st.session_state.get('hazard places', 0)}"
    names = list(area.layers)
    with st.form(key=f"hazard {run}", enter_to_submit=False):
        st.subheader(text("register.new", lang))
        layer = st.selectbox(
            text("register.column.layer", lang), names,
            index=names.index(LAYER) if LAYER in names else 0,
            format_func=lambda own: title(area, own, lang), key=f"hazard kind {run}",
        )  # fmt: skip
        x, y, system = st.columns([0.34, 0.33, 0.33])
        given = [
            part.number_input(
                text(f"register.column.{name}", lang), -most, most, value, format="%.6f",
                step=1e-4, key=f"hazard {name} {there}",
            )
            for part, name, most, value in ((x, "lon", 180.0, lon), (y, "lat", 90.0, lat))
        ]  # fmt: skip
        systems = {name: code for name, code in upload.SYSTEMS.items() if code}
        crs = systems[system.selectbox(
            text("register.system", lang), list(systems), key=f"hazard system {run}",
            format_func=lambda own: text(f"records.systems.{own}", lang),
        )]  # fmt: skip
        words = {
            name: st.text_input(
                text(f"register.column.{name}", lang), first, max_chars=200,
                key=f"hazard {name} {own}",
            )
            for name, first, own in (("place", place, there), ("reported_by", "", run))
        }
        words["note"] = st.text_area(
            text("register.column.note", lang), max_chars=LONGEST, height=70,
            key=f"hazard note {run}",
        )  # fmt: skip
        found, until = st.columns(2)
        days = [
            part.date_input(
                text(f"register.column.{name}", lang), first, format="YYYY-MM-DD",
                key=f"hazard {name} {run}",
            )
            for part, name, first in (
                (found, "reported", dt.datetime.now().astimezone().date()), (until, "due", None),
            )
        ]  # fmt: skip
        with st.container(key="upload_photo"):
            upload.look(lang)
            photo = st.file_uploader(
                text("register.photo", lang, megabytes=upload.MEGABYTES), PHOTOS,
                max_upload_size=upload.MEGABYTES, key=f"hazard photo {run}",
            )  # fmt: skip
        if not st.form_submit_button(text("register.enter", lang), type="primary"):
            return
    if None in given or not who():
        st.error(text("register.who_first" if None not in given else "register.where", lang))
        return
    try:
        lon, lat = (round(float(part), 7) for part in to_wgs84(given[0], given[1], crs))
        number = register.add(
            Hazard(layer, lon, lat, reported=_day(days[0]), due=_day(days[1]), **words),
            by=who(), photo=photo.getvalue() if photo else None,
        )  # fmt: skip
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    for name in ("hazard place", "hazard road"):
        st.session_state.pop(name, None)
    st.session_state["hazard said"] = text("register.entered", lang, number=number)
    _anew()
    st.rerun()


def _day(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


def _card(area: "Area", register: Register, row: "pd.Series[object]", lang: Lang) -> None:
    number = int(str(row.name))
    status = str(row["status"])
    late = f' <span class="mark">{text("register.late", lang)}</span>' if row["overdue"] else ""
    facts = {
        "place": row["place"] or text("word.unknown", lang),
        "lon": f"{row['lon']:.6f}",
        "lat": f"{row['lat']:.6f}",
        "note": row["note"],
        "reported_by": row["reported_by"] or text("word.unknown", lang),
        "reported": row["reported"],
        "due": row["due"] or text("register.no_due", lang),
    }
    body = "".join(
        f"<tr><td>{text(f'register.column.{name}', lang)}</td><td>{escape(str(value))}</td></tr>"
        for name, value in facts.items()
    )
    head, cross = st.columns([0.92, 0.08])
    cross.button("✕", help=text("register.close", lang), key="hazard close", type="tertiary",
                 on_click=_close)  # fmt: skip
    head.html(
        f'<div class="rm" id="rm-hazard"><h3>{number} · '
        f"{escape(title(area, str(row['layer']), lang))}</h3>"
        f"<p><b>{text(f'register.status.{status}', lang)}</b>{late}</p>"
        f"<table>{body}</table></div>"
    )
    for jpeg in register.photos(number):
        st.image(jpeg, width=320)
    remark = f"hazard remark {row['version']}"
    st.text_input(text("register.remark", lang), max_chars=200, key=remark)
    at = STATUSES.index(status)
    seen = int(str(row["version"]))
    parts = st.columns(3)
    for part, to in zip(parts, (at + 1, at - 1), strict=False):
        if 0 <= to < len(STATUSES):
            part.button(
                text(f"register.{'to' if to > at else 'back'}", lang,
                     status=text(f"register.status.{STATUSES[to]}", lang)),
                type="primary" if to > at else "secondary", disabled=not who(), width="stretch",
                on_click=_do, args=(lambda to=to: register.step(
                    number, STATUSES[to], by=who(), seen=seen,
                    remark=str(st.session_state.get(remark, ""))),),
                key=f"hazard {number} to {to}",
            )  # fmt: skip
    parts[2].button(
        text("register.undo", lang), disabled=not who(), width="stretch", on_click=_do,
        args=(lambda: register.undo(number, by=who(), seen=seen),), key=f"hazard {number} undo",
    )  # fmt: skip
    if not who():
        st.caption(text("register.who_first", lang))
    _edit(register, row, lang)
    st.html(_history(register, number, lang))


def _edit(register: Register, row: "pd.Series[object]", lang: Lang) -> None:
    """Offer to change what is most often known later."""
    number, seen = int(str(row.name)), int(str(row["version"]))
    with st.expander(text("register.edit", lang)), st.form(key=f"hazard edit {number} {seen}"):
        place = st.text_input(text("register.column.place", lang), str(row["place"]), max_chars=200)
        note = st.text_area(
            text("register.column.note", lang), str(row["note"]), max_chars=LONGEST, height=70
        )
        due = st.date_input(
            text("register.column.due", lang), _day(row["due"]), format="YYYY-MM-DD"
        )
        if st.form_submit_button(text("register.keep", lang), disabled=not who()):
            _do(lambda: register.change(
                number, by=who(), seen=seen, place=place, note=note, due=_day(due)
            ))  # fmt: skip
            st.rerun()


def _do(change: Callable[[], None]) -> None:
    """Make a change; what hinders it is told when the room is drawn again."""
    try:
        change()
    except RiskmapError as fault:
        st.session_state["hazard fault"] = str(fault)


def _history(register: Register, number: int, lang: Lang) -> str:
    known = register.history(number)
    told = map(escape, hazard_lists.told(known, lang))
    lines = [f"<li><s>{line}</s></li>" if undone else f"<li>{line}</li>"
             for line, undone in zip(told, known["undone"], strict=True)][::-1]  # fmt: skip
    return (
        f'<div class="rm"><h4>{text("register.history", lang)}</h4><ul>{"".join(lines)}</ul></div>'
    )
