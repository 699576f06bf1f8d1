"""A list of one's own: roads taken from their cards, in order, kept in the session."""

from typing import TYPE_CHECKING

import geopandas as gpd
import streamlit as st

from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import chosen, ranking

if TYPE_CHECKING:
    from riskmap.area import Area

OWN, BEFORE = "own list", "own list before"
_UNDONE = 20
"""Steps that can be taken back."""


def roads(area: "Area") -> list[str]:
    """Segments of the area that are on the list, in order."""
    return [name for name in _all() if name in area.segments.index]


def add(segment_id: str) -> None:
    """Put a road at the end of the list; one that is on it stays where it is."""
    _keep(tuple(dict.fromkeys([*_all(), segment_id])))


def remove(segment_id: str) -> None:
    """Take a road off the list."""
    _keep(tuple(name for name in _all() if name != segment_id))


def back() -> None:
    """Take the last change back, if there is one."""
    if before := st.session_state.get(BEFORE):
        st.session_state.update({OWN: before[-1], BEFORE: before[:-1]})


def show(area: "Area", moment: When, lang: Lang) -> None:
    """Draw the list, what can be done with it, and its download."""
    ids, road = roads(area), chosen.road()
    off, undo, save = st.columns([0.4, 0.3, 0.3], vertical_alignment="center")
    off.button(
        text("own.remove", lang), on_click=remove, args=(road,), key="own remove",
        disabled=road not in ids, help=text("own.remove_help", lang), width="stretch",
    )  # fmt: skip
    undo.button(
        text("own.undo", lang), on_click=back, key="own undo",
        disabled=not st.session_state.get(BEFORE), width="stretch",
    )  # fmt: skip
    table = _listed(area.key, tuple(ids), moment, lang, area)
    ranking.show(
        area, table, "km", moment, lang, name="own-list", save=save, empty=text("own.empty", lang)
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _listed(
    key: str, ids: tuple[str, ...], moment: When, lang: Lang, _area: "Area"
) -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return _area.listed(ids, when=moment, lang=lang)


def _all() -> tuple[str, ...]:
    found: tuple[str, ...] = st.session_state.get(OWN, ())
    return found


def _keep(changed: tuple[str, ...]) -> None:
    # a second click before the page has answered the first changes nothing
    if changed == _all():
        return
    before = [*st.session_state.get(BEFORE, []), _all()][-_UNDONE:]
    st.session_state.update({OWN: changed, BEFORE: before})
