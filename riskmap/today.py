"""Today's roster beside a plan: what the same shift covers as it is worked now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmap import duty, duty_log
from riskmap.area import Area
from riskmap.covered import Covered, covered
from riskmap.deployment import Crew, Deployment
from riskmap.duty_log import DutyLog
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text

POST_MIN = 30.0
"""Minutes from which a stay is a post: its effect was found for posts of half an hour and more."""
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Today:
    """
    A shift as it is worked today.

    `met` is the harm that it covers, measured as that of a plan; `officers` how many are on the
    road in the mean; `index` its duty match (`duty.DutyMatch`), and `planned` that of the plan;
    `days`: by how many days its dates were moved to those of the plan.
    """

    met: Covered
    officers: float
    index: float
    planned: float
    days: int


def today(plan: Deployment, log: DutyLog) -> Today:
    """
    Measure duty of the same shift, or of another day's, as the plan is.

    Parameters
    ----------
    plan
        From `deployment.deploy`.
    log
        From `duty_files.read_duty`. If nobody is on duty in it in the shift, its first day is laid
        on that of the plan.

    Raises
    ------
    RiskmapError
        Nobody on a road in these hours.
    """
    area, crew = plan.area, plan.crew
    table, days = _laid(log, crew)
    roster = _stays(table, area)
    period = crew.period(area)
    found, own = (
        duty.duty_match(one, area, period)
        for one in (
            DutyLog(table, log.report), duty_log.of_roster(plan.roster, area, crew.date)
        )
    )  # fmt: skip
    met = covered(roster, area.network, plan.demand, area.parameters["sites"])
    hours = (crew.last - crew.first) / 60.0
    return Today(met, float(found.hours["road"]) / hours, found.index, own.index, days)


def sentence(plan: Deployment, found: Today, lang: Lang) -> str:
    """Say what today's roster covers beside the plan."""
    said = text(
        "deploy.today", lang, officers=found.officers, today=100 * found.met.by_all,
        posts=100 * found.met.by_posts, plan=100 * plan.met.by_all, index=found.index,
        planned=found.planned,
    )  # fmt: skip
    return said + text("deploy.today_moved", lang, days=found.days) if found.days else said


def _laid(log: DutyLog, crew: Crew) -> tuple[pd.DataFrame, int]:
    """Cut a log to the shift, its first day laid on that of the shift where it has to be."""
    table, report = log.table, log.report
    midnight = np.datetime64(crew.date, "s")
    first, last = (midnight + np.timedelta64(round(60 * at), "s") for at in (crew.first, crew.last))
    days = 0
    part = _cut(table, first, last)
    if not (part["state"] == "road").any() and len(table):
        begins = table["start"].to_numpy("datetime64[D]").min()
        days = int((np.datetime64(crew.date, "D") - begins) / DAY)
        moved = {name: table[name] + pd.Timedelta(days=days) for name in ("start", "end")}
        part = _cut(table.assign(**moved), first, last)
    if not (part["state"] == "road").any():
        raise RiskmapError(
            f"--today: nobody is on a road between {crew.first / 60:.0f} and {crew.last / 60:.0f} "
            f"h{_why(report)}; give a log of this shift, or of the same hours of another day"
        )
    return part, days


def _why(report: pd.DataFrame) -> str:
    """What became of the first row that was dropped."""
    lost = report[report["outcome"] == "dropped"]
    if lost.empty:
        return ""
    first = lost.iloc[0]
    return f" ({len(lost)} of {len(report)} rows dropped; row {first['row']}: {first['why_en']})"


def _cut(table: pd.DataFrame, first: np.datetime64, last: np.datetime64) -> pd.DataFrame:
    start, end = table["start"].clip(lower=first), table["end"].clip(upper=last)
    return table.assign(start=start, end=end)[(end > start).to_numpy()].reset_index(drop=True)


def _stays(table: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Rows of a roster: where a unit stays long enough to be a post, or a patrol's stop."""
    road = table[(table["state"] == "road").to_numpy()].sort_values(["unit", "start"])
    follows = (
        (road["unit"] == road["unit"].shift()) & (road["segment"] == road["segment"].shift())
        & (road["start"] <= road["end"].shift())
    )  # fmt: skip
    own = road.assign(stay=(~follows).cumsum()).groupby("stay").agg(
        segment=("segment", "first"), start=("start", "min"), end=("end", "max")
    )
    minutes = ((own["end"] - own["start"]) / pd.Timedelta(minutes=1)).to_numpy()
    least = area.parameters["patrols"]["stay_min"][0]
    kind = np.where(minutes >= POST_MIN, "post", np.where(minutes >= least, "stop", "drive"))
    edges, segments = area.network.edges, area.segments
    edge = segments["edge"].to_numpy()[own["segment"]]
    nearer = segments["piece"].to_numpy()[own["segment"]] <= edges["pieces"].to_numpy()[edge] / 2.0
    node = np.where(nearer, edges["u"].to_numpy()[edge], edges["v"].to_numpy()[edge])
    midnight = table["start"].min().normalize()
    first, last = (
        ((own[name] - midnight) / pd.Timedelta(minutes=1)).to_numpy() for name in ("start", "end")
    )
    return pd.DataFrame({
        "kind": kind, "start_min": first, "end_min": last,
        "nodes": area.network.nodes["node_id"].to_numpy()[node].astype(str),
        "segment_id": segments.index[own["segment"]],
    })  # fmt: skip
