"""Two plans side by side: what each brings, and where they differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmap import plan_sheet
from riskmap.deployment import Deployment
from riskmap.locale import Lang, text
from riskmap.roster import STANDING

HOUR = 60.0


def figures(plan: Deployment) -> dict[str, float]:
    """
    Figures of a plan.

    Returns
    -------
    `covered`, `by_posts`, `plain`: per cent of the shift's harm; `officers`, `teams`, `cars`;
    `standing_h`, `driving_h`: hours of units; `spots`: key pieces of road with a blind spot;
    `alone_min`: the longest that one of them is left alone in a peak.
    """
    table, seen = plan.roster, plan.certificate.table
    hours = (table["end_min"] - table["start_min"]) / HOUR
    return {
        "covered": 100.0 * plan.met.by_all, "by_posts": 100.0 * plan.met.by_posts,
        "plain": 100.0 * plan.top.by_all, "officers": plan.crew.officers,
        "teams": len(plan.crew.teams), "cars": len(plan.crew.cars),
        "standing_h": float(hours[table["kind"].isin(STANDING)].sum()),
        "driving_h": float(hours[table["kind"] == "drive"].sum()),
        "spots": int(plan.certificate.spots["segment_id"].nunique()),
        "alone_min": float(seen["alone_min"].max()) if len(seen) else 0.0,
    }  # fmt: skip


def compared(plan: Deployment, other: Deployment, lang: Lang) -> pd.DataFrame:
    """
    Lay the figures of two plans side by side.

    Returns
    -------
    `figure` in words, `this`, `other` and `difference`, this less the other.
    """
    one, two = figures(plan), figures(other)
    return pd.DataFrame({
        "figure": [text(f"compare.{name}", lang) for name in one],
        "this": np.round(list(one.values()), 1), "other": np.round(list(two.values()), 1),
        "difference": np.round(np.array(list(one.values())) - list(two.values()), 1),
    })  # fmt: skip


def places(plan: Deployment, other: Deployment, lang: Lang) -> pd.DataFrame:
    """
    Say where only one of two plans has units stand.

    Returns
    -------
    `where` ("this", "other" in words), `road`, `segment_id` and `hours`: how long units of that
    plan stand there in all; the longest first.
    """
    stood = [_stood(own) for own in (plan, other)]
    parts = []
    for own, name, less in ((plan, "this", stood[1]), (other, "other", stood[0])):
        hours = stood[0] if own is plan else stood[1]
        only = hours[~hours.index.isin(less.index)].sort_values(ascending=False)
        parts.append(pd.DataFrame({
            "where": text(f"compare.only_{name}", lang),
            "road": [plan_sheet.road(own, segment, lang) for segment in only.index],
            "segment_id": only.index, "hours": only.round(1).to_numpy(),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _stood(plan: Deployment) -> pd.Series:
    """Hours in which units stand on each segment."""
    table = plan.roster[plan.roster["kind"].isin(STANDING)]
    return ((table["end_min"] - table["start_min"]) / HOUR).groupby(table["segment_id"]).sum()
