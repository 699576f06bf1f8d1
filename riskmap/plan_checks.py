"""What one team more would bring, and how steady posts are where the factors may be off."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskmap import plan_sheet, posts
from riskmap.aims import aim
from riskmap.covered import Demand
from riskmap.deployment import Deployment, deploy
from riskmap.families import FREQUENCY
from riskmap.locale import Lang, text
from riskmap.risk import Model
from riskmap.roster import clock

Ints = NDArray[np.int64]

SAME_M = 300.0
"""Posts so near each other stand in the same place: they share most of their effect."""


def staffing(plan: Deployment) -> pd.DataFrame:
    """
    Say what 1 to twice as many teams would cover.

    Returns
    -------
    `teams`, `officers`, `share_of_harm` covered by posts all through their blocks, `more` than with
    a team less, `planned` where the plan is. Ways and breaks are not taken off, and posts are taken
    one after the other (`posts.greedy`), so that the figures compare numbers of teams.
    """
    instance = plan.standing.instance
    harm = np.column_stack([plan.demand.between(*ends) for ends in pairwise(plan.standing.edges)])
    instance = replace(instance, demand=harm, stay=0.0, keys=())
    most = 2 * max(len(plan.crew.teams), 1)
    values = [posts.greedy(instance, block, most) for block in range(instance.blocks)]
    size = min(len(value) for value in values)
    total = np.sum([value[:size] for value in values], axis=0) / max(plan.demand.total, 1e-300)
    each = max((unit.officers for unit in plan.crew.teams), default=0)
    teams = np.arange(1, size)
    return pd.DataFrame({
        "teams": teams, "officers": teams * each, "share_of_harm": total[1:].round(4),
        "more": np.diff(total).round(4), "planned": teams == len(plan.crew.teams),
    })  # fmt: skip


def one_more(table: pd.DataFrame, lang: Lang) -> list[str]:
    """Say what one team more brings by posts alone; `table` is what `staffing` returned."""
    last = table[table["planned"]].tail(1)
    following = table[table["teams"].isin(last["teams"] + 1)]
    return [
        text(
            "deploy.one_more", lang, teams=own.teams, officers=own.officers,
            share=100 * own.share_of_harm, each=more.officers - own.officers, more=100 * more.more,
        )
        for own, more in zip(last.itertuples(), following.itertuples(), strict=False)
    ]  # fmt: skip


def together(plan: Deployment, lang: Lang) -> pd.DataFrame:
    """
    Say what posts and patrols each cover alone, and what both do that were planned together.

    Returns
    -------
    `plan`, `by_posts` and `by_all`: shares of the shift's harm.
    """
    alone = {
        "posts": deploy(plan.area, replace(plan.crew, cars=()), aim=plan.aim),
        "patrols": deploy(plan.area, replace(plan.crew, teams=(), tasks=()), aim=plan.aim),
        "both": plan,
    }
    return pd.DataFrame([
        {"plan": text(f"deploy.together.{name}", lang), "by_posts": round(found.met.by_posts, 4),
         "by_all": round(found.met.by_all, 4)}
        for name, found in alone.items()
    ])  # fmt: skip


def steady(plan: Deployment, lang: Lang, *, draws: int = 20, seed: int = 0) -> pd.DataFrame:
    """
    Plan the posts again with other factors, drawn from what is known of each.

    Parameters
    ----------
    plan
        From `deployment.deploy`.
    lang
        Of the name of a road that has none.
    draws
        How often; each takes about as long as the plan did.
    seed
        The same seed draws the same.

    Returns
    -------
    One row per team and block: `unit`, `from`, `to`, `road`, `segment_id`, and `share`: of the
    draws, in how many a post stands in the same place (within 300 m) then.
    """
    random = np.random.default_rng(seed)
    area, crew, standing = plan.area, plan.crew, plan.standing
    near = _near(plan)
    count = np.zeros(standing.team.shape)
    for _ in range(draws):
        drawn = replace(area, model=_drawn(area.model, random))
        own = aim(drawn, crew.period(area), plan.aim.campaign, first=crew.first, last=crew.last)
        demand = Demand.of(own.sent, crew.first, crew.last)
        harm = np.column_stack([
            demand.between(a, b) for a, b in pairwise(standing.edges)
        ])
        found = posts.fast(replace(standing.instance, demand=harm))
        for team, block in np.argwhere(standing.team >= 0):
            others = near[int(standing.team[team, block])]
            count[team, block] += found.taken[others, block].any()
    teams, blocks = np.nonzero(standing.team >= 0)
    segments = area.segments.index[standing.sites.segment[standing.team[teams, blocks]]]
    ends = [clock(edge) for edge in standing.edges]
    return pd.DataFrame({
        "unit": [standing.units[team].name for team in teams],
        "from": [ends[block] for block in blocks], "to": [ends[block + 1] for block in blocks],
        "road": [plan_sheet.road(plan, segment, lang) for segment in segments],
        "segment_id": segments, "share": count[teams, blocks] / draws,
    })  # fmt: skip


def by_stay(plan: Deployment, steady: pd.DataFrame) -> list[float | None]:
    """
    Say how steady each row of `plan_sheet.posts` is, in per cent; None where it is no team's.

    `steady` is what `steady` returned.
    """
    edges = plan.standing.edges
    share = steady.set_index(["unit", "from"])["share"]
    rows = plan.roster[plan.roster["segment_id"] != ""]
    block = np.searchsorted(edges, (rows["start_min"] + rows["end_min"]) / 2.0, "right") - 1
    begins = np.array([clock(edge) for edge in edges], dtype=object)[block]
    at = pd.MultiIndex.from_arrays([rows["unit"], begins])
    found = share.reindex(at).to_numpy()
    return [None if np.isnan(own) else round(100.0 * float(own)) for own in found]


def _drawn(model: Model, random: np.random.Generator) -> Model:
    """A model whose factors on how often crashes happen are off by what their grades allow."""
    widths: dict[tuple[str, str], float] = {}
    for family in model.families:
        for term in family.terms:
            if term.effect.on in FREQUENCY:
                key = term.learned_as
                widths[key] = max(widths.get(key, 0.0), term.log_sd)
    deltas = {key: float(random.normal(0.0, sd)) for key, sd in sorted(widths.items())}
    return replace(model, families=tuple(family.shifted(deltas) for family in model.families))


def _near(plan: Deployment) -> list[Ints]:
    """Sites in the same place as each site."""
    xy = plan.area.network.nodes[["x", "y"]].to_numpy()[plan.standing.sites.node]
    tree = cKDTree(xy)
    return [np.array(found, dtype=np.int64) for found in tree.query_ball_point(xy, SAME_M)]
