"""Hand crash records in: checked row by row, kept in the project without what names a person."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from riskmap import record_copy
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import account, figures, frame, projects
from riskmap.record_text import masked

if TYPE_CHECKING:
    from riskmap.area import Area

_LOOK = Path(__file__).with_name("upload.css")
TYPES = ("csv", "gz", "xlsx", "parquet")
MEGABYTES = 10
"""As `server.maxUploadSize`."""
SYSTEMS = {"stated": None, "gps": "wgs84", "amap": "gcj02", "baidu": "bd09", "national": "cgcs2000"}
"""Whose coordinates they are → system; what the file states itself comes first."""


def show(area: "Area", lang: Lang) -> None:
    """Draw the import: choose a file and its system, see what becomes of it, keep it."""
    project = projects.project()
    if project is not None:
        _kept(project, lang)
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left, st.container(key="upload"):
        look(lang)
        given = st.file_uploader(
            text("records.file", lang, megabytes=MEGABYTES),
            TYPES,
            max_upload_size=MEGABYTES,
            key=f"upload {st.session_state.get('uploads', 0)}",
        )
    with right:
        system = st.selectbox(
            text("records.system", lang),
            list(SYSTEMS),
            index=list(SYSTEMS).index(frame.remembered("upload system", "stated", SYSTEMS)),
            format_func=lambda name: text(f"records.systems.{name}", lang),
            key="upload system",
        )
    st.caption(figures.plain(text("records.private", lang)))
    if given is not None:
        _checked(area, project, given.name, given.getvalue(), system, lang)


def look(lang: Lang) -> None:
    """Dress uploaders in containers whose key begins with `upload`: Streamlit speaks English."""
    sheet = _LOOK.read_text(encoding="utf-8").replace("CHOOSE", text("records.choose", lang))
    st.html(f"<style>{sheet}</style>")


def _checked(
    area: "Area", project: Path | None, name: str, content: bytes, system: str, lang: Lang
) -> None:
    try:
        with st.spinner(text("records.checking", lang)):
            copy = _copied(area, name, content, SYSTEMS[system])
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    columns = text("import.joiner", lang).join(
        f"{heading} → {text(f'records.word.{word}', lang)}"
        for word, heading in copy.columns.items()
    )
    st.markdown(figures.plain(text("records.columns", lang, columns=columns)))
    if project is None:
        st.info(text("records.no_project", lang))
    elif not len(copy.found.table):
        st.warning(figures.plain(text("records.nothing", lang)))
    else:
        if twice := record_copy.again(copy, area.crashes):
            st.warning(figures.plain(text(
                "records.again", lang, count=twice, all=len(copy.found.table)
            )))  # fmt: skip
        there = copy.name in [path.name for path in _files(project)]
        st.button(
            text("records.replace" if there else "records.keep", lang, file=copy.name),
            type="primary",
            on_click=_keep,
            args=(copy, project),
            key="keep records",
        )
    account.show(copy.found, lang, key="checked")


def _copied(area: "Area", name: str, content: bytes, system: str | None) -> record_copy.Copy:
    """Check a file once, and not at every rerun; only this visitor's session holds it."""
    digest = hashlib.sha256(content).hexdigest()
    key = (area.key, name, digest, system)
    held: tuple[object, record_copy.Copy] | None = st.session_state.get("checked records")
    if held is None or held[0] != key:
        copy = record_copy.copied(
            name, content, area.network, system=system, rules=area.parameters
        )
        held = (key, copy)
        st.session_state["checked records"] = held
    return held[1]


def _keep(copy: record_copy.Copy, project: Path) -> None:
    try:
        record_copy.keep(copy, project)
    except RiskmapError as fault:
        st.session_state["records fault"] = str(fault).replace(str(project.parent), "")
        return
    _forget()
    st.session_state["kept records"] = st.session_state["records"] = "read"


def _remove(name: str, project: Path) -> None:
    record_copy.remove(name, project)
    _forget()


def _forget() -> None:
    """Empty the uploader: it must not hold records longer than they are looked at."""
    st.session_state.pop("checked records", None)
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def _kept(project: Path, lang: Lang) -> None:
    if fault := st.session_state.pop("records fault", ""):
        st.error(figures.plain(fault))
    for path in _files(project):
        name, drop = st.columns([0.8, 0.2], vertical_alignment="center")
        shown = masked(path.name)  # it may have been put there by hand
        name.markdown(figures.plain(text("records.kept", lang, file=shown)))
        with drop.popover(text("records.remove", lang), width="stretch"):
            st.button(
                text("records.remove_sure", lang, file=shown),
                on_click=_remove,
                args=(path.name, project),
                key=f"remove {path.name}",
            )


def _files(project: Path) -> list[Path]:
    try:
        return record_copy.kept(project)
    except RiskmapError:  # a project that names one file: keeping says so
        return []
