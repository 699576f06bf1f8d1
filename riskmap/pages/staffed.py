"""The brigade's resources file on the page: hand it in, choose one of its shifts."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from riskmap import staffing
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, upload

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.staffing import Resources

TYPES = ("toml", "xlsx")
TEMPLATE = Path(__file__).parents[2] / "data" / "templates" / "resources.xlsx"
KEPT = "duty staff"


def resources(area: "Area", lang: Lang) -> "Resources | None":
    """Draw the place to hand the file in; give what the last good one says, None without any."""
    with st.popover(text("duty.file", lang)), st.container(key="upload"):
        upload.look(lang)
        given = st.file_uploader(
            text("duty.file_is", lang), TYPES, max_upload_size=upload.MEGABYTES, key="duty file"
        )
        st.download_button(
            text("duty.template", lang), TEMPLATE.read_bytes, file_name=TEMPLATE.name,
            on_click="ignore", key="duty template",
        )  # fmt: skip
    if given is None:
        st.session_state.pop(KEPT, None)
        return None
    known = st.session_state.get(KEPT)
    if known is None or known[0] != (given.file_id, area.key):
        try:
            found = _read(area, given.name, given.getvalue())
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            return None
        st.session_state[KEPT] = known = ((given.file_id, area.key), found)
    own: Resources = known[1]
    return own


def _read(area: "Area", name: str, content: bytes) -> "Resources":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"resources{Path(name).suffix.lower()}"
        path.write_bytes(content)
        try:
            return staffing.read_resources(path, crs=None, rules=area.parameters)
        except RiskmapError as fault:
            raise RiskmapError(str(fault).replace(str(path), name)) from None
