"""Plans of a session: the last one counts, those before it can be gone back to."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from riskmap import deployment
from riskmap.deployment import Crew, Deployment
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, header
from riskmap.roster import clock

if TYPE_CHECKING:
    from riskmap.area import Area

MOST = 6
"""Plans that are kept."""
OTHER = "duty other"


class Kept(NamedTuple):
    """A plan and its number in the session."""

    number: int
    plan: Deployment


def begin(area: "Area") -> None:
    """Forget the plans of another source, and those of roads that are no longer the same."""
    source = header.source()
    if st.session_state.get("duty of") != source:
        st.session_state.update({"duty of": source, "plans": [], "duty steady": {}})
    ids = area.segments.index
    st.session_state["plans"] = [
        one for one in plans()
        if one.plan.area.key == area.key or one.plan.area.segments.index.equals(ids)
    ]  # fmt: skip
    st.session_state["duty area"] = area.key


def plans() -> list[Kept]:
    """List those that are kept, the last one last."""
    found: list[Kept] = st.session_state["plans"]
    return found


def keep(plan: Deployment) -> None:
    """Make a plan the last one."""
    known = plans()
    number = known[-1].number + 1 if known else 1
    st.session_state["plans"] = [*known, Kept(number, plan)][-MOST:]


def back() -> None:
    """Forget the last one."""
    st.session_state["plans"] = plans()[:-1]


def again(crew: Crew) -> bool:
    """Plan the shift of the last plan again with other rules; say what is wrong with them."""
    last = plans()[-1].plan
    same = replace(last.crew, locked=crew.locked, forbidden=crew.forbidden)
    try:
        plan = deployment.deploy(last.area, same, aim=last.aim, start=last)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return False
    keep(plan)
    return True


def named(one: Kept, lang: Lang) -> str:
    """Tell a plan from the others."""
    crew = one.plan.crew
    return text(
        "duty.kept", lang, number=one.number, date=f"{crew.date:%m-%d}",
        first=clock(crew.first), teams=len(crew.teams), cars=len(crew.cars),
        covered=100 * one.plan.met.by_all,
    )  # fmt: skip


def other() -> Deployment | None:
    """Return the plan that the last one is compared with on the map, if it is of the same shift."""
    number, known = st.session_state.get(OTHER), plans()
    found = next((one.plan for one in known[:-1] if one.number == number), None)
    if found is None:
        return None
    shifts = {(own.crew.date, own.crew.first, own.crew.last) for own in (found, known[-1].plan)}
    return found if len(shifts) == 1 else None
