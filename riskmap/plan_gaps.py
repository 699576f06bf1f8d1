"""What a plan does not keep, in words: posts that must be staffed, and breaks of few at once."""

from __future__ import annotations

from riskmap.deployment import Deployment
from riskmap.locale import Lang, text
from riskmap.roster import Rest, Unit, clock
from riskmap.standing import Task

SHORT = 1.0
"""Minutes that nobody would call late, or a gap."""


def sentences(plan: Deployment, lang: Lang) -> list[str]:
    """Say which must-staff posts are staffed late or have a gap, and which breaks too many have."""
    crew, said = plan.crew, []
    for task in plan.standing.tasks:
        said += _staffed(plan, task, lang)
    units = (*crew.teams, *crew.cars)
    for rest in dict.fromkeys(rest for unit in units for rest in unit.rests):
        if rest.at_once is not None:
            said += _at_once(plan, rest, rest.at_once, units, lang)
    return said


def _staffed(plan: Deployment, task: Task, lang: Lang) -> list[str]:
    """When a post or guard comes too late, and from when to when nobody is there after that."""
    node = str(plan.area.network.nodes["node_id"].to_numpy()[task.node])
    first, last = max(task.first, plan.crew.first), min(task.last, plan.crew.last)
    table = plan.roster
    here = table[(table["kind"] == task.kind) & (table["nodes"] == node)
                 & (table["end_min"] > first) & (table["start_min"] < last)]  # fmt: skip
    if here.empty:
        at = text("deploy.never", lang)
        return [text("deploy.late", lang, name=task.name, due=clock(first), at=at)]
    here = here.sort_values("start_min")
    begins, until, said = here["start_min"].iloc[0], here["end_min"].cummax(), []
    if begins > first + SHORT:
        at = clock(begins)
        said.append(text("deploy.late", lang, name=task.name, due=clock(first), at=at))
    for unit, left, back in zip(
        here["unit"], until, [*here["start_min"].iloc[1:], last], strict=True
    ):
        if back - left >= SHORT:
            rests = table[(table["unit"] == unit) & (table["kind"] == "break")]
            away = ((rests["start_min"] < back) & (rests["end_min"] > left)).any()
            said.append(text(
                "deploy.gap_break" if away else "deploy.gap_post", lang, name=task.name,
                first=clock(left), last=clock(back),
            ))  # fmt: skip
    return said


def _at_once(
    plan: Deployment, rest: Rest, allowed: int, units: tuple[Unit, ...], lang: Lang
) -> list[str]:
    """Say when more units than may have a break, as the roster has it."""
    names = [unit.name for unit in units if rest in unit.rests]
    table = plan.roster[(plan.roster["kind"] == "break") & plan.roster["unit"].isin(names)]
    off = (table["end_min"] - table["start_min"] - rest.minutes).abs()
    within = table["start_min"].between(rest.earliest - SHORT, rest.latest + SHORT)
    own = table[within & (off < SHORT)]
    begins, ends = own["start_min"].to_numpy(float), own["end_min"].to_numpy(float)
    count = ((begins <= begins[:, None]) & (ends > begins[:, None] + SHORT)).sum(axis=1)
    if count.max(initial=0) <= allowed:
        return []
    return [text(
        "deploy.at_once", lang, minutes=rest.minutes, first=clock(rest.earliest),
        last=clock(rest.latest + rest.minutes), asked=allowed, most=int(count.max()),
        at=clock(begins[count.argmax()]),
    )]  # fmt: skip
