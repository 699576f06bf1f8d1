"""What a plan says of its campaign: when it is on, what it may claim, how it stands, with whom."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist

from riskmap import campaign_rounds
from riskmap.deployment import Deployment
from riskmap.locale import Lang, text
from riskmap.roster import clock


def when(plan: Deployment, lang: Lang) -> list[str]:
    """Say whether the date is one of the campaign's, when in the shift it is on, and with whom."""
    campaign, date = plan.aim.campaign, plan.crew.date
    if campaign is None:
        return []
    title, day = campaign.title[lang], f"{date:%Y-%m-%d}"
    found = campaign_rounds.phases(campaign, date, plan.area.model.almanac.calendar)
    said = [
        text("deploy.phase", lang, title=title, phase=phase.title[lang], task=phase.task[lang])
        for phase in found
    ] or [text("deploy.no_round", lang, title=title, date=day)]
    if plan.campaign is None:
        hours = "; ".join(dict.fromkeys(campaign_rounds.clock(table) for table in campaign.active))
        return [*said, text("deploy.no_hours", lang, title=title, hours=hours)]
    windows = plan.aim.windows
    if sum(b - a for a, b in windows) < plan.crew.last - plan.crew.first:
        hours = ", ".join(f"{clock(a)}–{clock(b)}" for a, b in windows)
        said.append(text("deploy.beside", lang, hours=hours))
    if (partners := _partners(plan, lang)):
        said.append(f"{partners}{text('deploy.stop', lang)}")
    return said


def claimed(plan: Deployment, lang: Lang) -> list[str]:
    """Say what the campaign's effect is where a post is, and where teams are not as it asks."""
    campaign = plan.campaign
    if campaign is None:
        return []
    said = [campaign.claim(lang)]
    if campaign.effect is not None:
        share = 100 * (1.0 - campaign.effect.factor) * plan.met.by_posts
        said.append(text(
            "deploy.saves_for", lang, covered=100 * plan.met.by_posts, share=share
        ))  # fmt: skip
    asked, standing = campaign.posts, plan.standing
    least = min((unit.officers for unit in plan.crew.teams), default=asked.officers)
    if least < asked.officers:
        said.append(text("deploy.few", lang, asked=asked.officers, least=least))
    xy = plan.area.network.nodes[["x", "y"]].to_numpy()[standing.sites.node]
    middle = (standing.edges[1:] + standing.edges[:-1]) / 2.0
    near = min(
        (
            pdist(xy[taken]).min()
            for taken, at in zip(standing.found.taken.T, middle, strict=True)
            if taken.sum() > 1 and plan.aim.on(at - 1.0, at + 1.0)
        ),
        default=np.inf,
    )
    if near < asked.apart_m:
        said.append(text("deploy.near", lang, asked=asked.apart_m, near=near))
    return said


def acts(plan: Deployment, lang: Lang) -> str:
    """What the campaign has its units watch for and do, and who takes part."""
    if plan.campaign is None:
        return ""
    duty = plan.campaign.duty
    parts = [item[lang] for item in (*duty.watch, *duty.act)]
    return "; ".join([*parts, *filter(None, [_partners(plan, lang)])])


def _partners(plan: Deployment, lang: Lang) -> str:
    """Who takes part beside the police."""
    names = plan.campaign.duty.partners if plan.campaign else ()
    if not names:
        return ""
    return text("deploy.partners", lang, names="; ".join(own[lang] for own in names))
