"""`riskmap deploy`: what is asked on the command line, and what is answered."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from riskmap import (
    brigade,
    campaigns,
    cli_duty,
    cli_terms,
    crew,
    deployment,
    plan_checks,
    plan_sheet,
    squadron_sheets,
    staffing,
    today,
)
from riskmap.cli_notes import cuts, tell_cut
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text

if TYPE_CHECKING:
    import pandas as pd

    from riskmap.area import Area
    from riskmap.campaign import Campaign
    from riskmap.deployment import Crew, Deployment

DAY = "07:00-19:00"
"""The shift where none is named."""
_PLACE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


def run(
    options: argparse.Namespace, area: Area, progress: Callable[[str, float], None] | None
) -> int:
    """Plan a shift: print what it brings, write who stands where."""
    _check(options)
    lang: Lang = options.lang or ("en" if area.language == "en" else LANGUAGES[0])
    plan = planned(options, area, lang, progress)
    area = plan.area
    now = None
    if options.today:
        log = cli_duty.read([options.today], area, None, options.date)
        now = today.today(plan, log)
    more, said = _told(options, plan, lang)
    if now is not None:
        said.append(today.sentence(plan, now, lang))
    if options.by_squadron:
        squadron_sheets.check(plan, options.by_squadron)
    terms, books = cli_terms.of(options), []
    plan_sheet.write(plan, options.output, lang, more, said, **terms)
    if cuts(options):
        tell_cut(plan_sheet.posts(plan, lang), options, lang)
    if options.by_squadron:
        books = squadron_sheets.write(plan, options.by_squadron, lang, **terms)
    if options.json:
        seen = plan.certificate
        print(json.dumps({
            "sentences": said,
            "covered": plan.met.by_all, "covered_by_posts": plan.met.by_posts,
            "plain": plan.top.by_all, "gain": plan.gain,
            "today": None if now is None else {
                "covered": now.met.by_all, "covered_by_posts": now.met.by_posts,
                "officers": now.officers, "index": now.index, "planned_index": now.planned,
            },
            "no_blind_spot": None if seen.table.empty else seen.ok,
            "extra_teams": seen.extra_teams, "extra_by_squadron": dict(seen.extra_by),
            "hopeless": list(seen.hopeless),
            "key_roads": json.loads(seen.table.to_json(orient="records")),
            "roster": json.loads(plan.roster.to_json(orient="records")),
            **{key: json.loads(table.to_json(orient="records")) for key, table in more.items()},
        }, ensure_ascii=False))  # fmt: skip
        return 0
    print("\n".join(said))
    for path in (options.output, *books):
        print(path)
    return 0


def planned(
    options: argparse.Namespace,
    area: Area,
    lang: Lang,
    progress: Callable[[str, float], None] | None,
) -> Deployment:
    """Plan the shift that is asked for."""
    check_numbers(options)
    area, own = _crew(options, _limited(area, options.steps), lang)
    return deployment.deploy(
        area, own, campaign=_campaign(options.campaign, area), exact=options.exact,
        seed=options.seed, progress=progress,
    )


def _told(
    options: argparse.Namespace, plan: Deployment, lang: Lang
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Further tables of a plan, and all that is said of it."""
    own, more, said = plan.crew, {}, plan_sheet.sentences(plan, lang)
    if own.teams:
        more["staffing"] = plan_checks.staffing(plan)
        said += plan_checks.one_more(more["staffing"], lang)
    if own.teams and own.cars:
        more["together"] = plan_checks.together(plan, lang)
    if options.steady:
        more["steady"] = plan_checks.steady(plan, lang, draws=options.steady)
    if options.exact and own.teams and not math.isfinite(plan.standing.found.bound):
        said.append(text("deploy.unproven", lang))
    if options.resources:
        sums = squadron_sheets.totals(plan, lang)
        said += [squadron_sheets.sentence(plan, row, lang) for row in sums.itertuples()]
        more |= {"squadrons": sums, "units": squadron_sheets.units(plan, lang)}
    return more, said


def _check(options: argparse.Namespace) -> None:
    """Refuse what cannot be done, before anything takes its time."""
    if options.steady < 0:
        raise RiskmapError(f"--steady {options.steady}: must be 0 or more")
    check_numbers(options)


def check_numbers(options: argparse.Namespace) -> None:
    """Refuse numbers with which no plan can be made."""
    if options.seed < 0:
        raise RiskmapError(f"--seed {options.seed}: must be 0 or more")
    if options.steps is not None and options.steps < 1:
        raise RiskmapError(f"--steps {options.steps}: must be 1 or more")


def _limited(area: Area, steps: int | None) -> Area:
    """Give the area with another limit of the search for routes."""
    if steps is None:
        return area
    deploy = {**area.parameters["deploy"], "patrol_steps": steps}
    return replace(area, parameters={**area.parameters, "deploy": deploy})


def _crew(options: argparse.Namespace, area: Area, lang: Lang) -> tuple[Area, Crew]:
    """Who is on duty, by a file or by numbers, and the area with the limits of the file."""
    date = _date(options.date)
    if options.resources is None:
        return area, crew.simple(
            area, date, options.shift or DAY, posts=options.posts or 0, cars=options.patrols or 0,
            officers=2 if options.officers is None else options.officers,
            station=_place(options.station),
        )
    for name in ("posts", "patrols", "officers", "station"):
        if getattr(options, name) is not None:
            raise RiskmapError(f"--{name}: the file of --resources says it; leave one of them out")
    known = staffing.read_resources(
        options.resources, crs=options.points_crs, rules=area.parameters
    )
    names = [shift.name for shift in known.shifts]
    if options.shift is None and len(names) > 1:
        raise RiskmapError(f"--shift: is missing; {options.resources} has {', '.join(names)}")
    area = brigade.ruled(area, known)
    return area, brigade.crew(area, known, date, options.shift or names[0], lang)


def _campaign(given: str | None, area: Area) -> Campaign | None:
    """A campaign by its name, or a file."""
    if given is None:
        return None
    if given.endswith(".toml"):
        return campaigns.read_campaign(given, layers=area.layers)
    known = campaigns.read_campaigns(layers=area.layers)
    if given not in known:
        raise RiskmapError(
            f"--campaign {given}: no such campaign; one of {', '.join(known)}, or a file"
        )
    return known[given]


def _date(given: str) -> dt.date:
    try:
        date = dt.date.fromisoformat(given)
    except ValueError:
        raise RiskmapError(f"--date {given}: no date; write 2026-05-08") from None
    if date == dt.date.max:
        raise RiskmapError(f"--date {given}: no shift ends after the last of all days")
    return date


def _place(given: str | None) -> tuple[float, float] | None:
    if given is None:
        return None
    match = _PLACE.fullmatch(given)
    if match is None:
        raise RiskmapError(f"--station {given}: no place; write longitude,latitude")
    return float(match[1]), float(match[2])
