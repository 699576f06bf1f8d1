"""Deployment: what a plan covers beside a plain list of the worst roads, by number of teams.

The same teams, the same Friday, the same station (where most of the year's harm is in reach): a
plan by maximal covering and its bound, and one team all shift on each of the worst segments by harm
per km. Harm covered is counted by the minute from the rosters of both, ways and breaks taken off.
Then a brigade of teams and cars: how long a plan takes, and another after a dragged post; what
posts and patrols do alone and together.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

import riskmap  # noqa: E402  # of this tree
from riskmap import crew, deployment, plan_checks  # noqa: E402  # of this tree
from riskmap.area import Area  # noqa: E402  # of this tree
from riskmap.deployment import Crew, Deployment  # noqa: E402  # of this tree


def measured(area: Area, date: dt.date, shift: str, teams: list[int]) -> None:
    """Print a row for each number of teams."""
    print(f"{area.name}: {len(area.segments):,} segments, {date:%A} {shift}")
    print("teams  plan  list  more   gap    again s  plan s  proven s")
    for number in teams:
        own = crew.simple(area, date, shift, posts=number)
        plan, planned, again = _planned(area, own)
        standing = plan.standing
        start = time.perf_counter()
        proven = deployment.deploy(area, own, exact=True).standing.found
        took = time.perf_counter() - start
        gap = 1.0 - standing.found.value / proven.bound
        print(
            f"{number:5d} {plan.met.by_all:5.0%} {plan.top.by_all:5.0%} {plan.gain:+5.0%} "
            f"{gap:6.2%} {again:8.1f} {planned:7.1f} {took:9.1f}"
        )
    print()


def brigade(area: Area, date: dt.date, shift: str, teams: int, cars: int) -> None:
    """Print what a brigade of teams and cars of two officers each takes and brings."""
    plan, planned, again = _planned(area, crew.simple(area, date, shift, posts=teams, cars=cars))
    print(
        f"{2 * (teams + cars)} officers, {teams} teams and {cars} cars: planned in {planned:.1f} s,"
        f" again after a dragged post in {again:.1f} s; plain list {plan.top.by_all:.0%}"
    )
    print(plan_checks.together(plan, "en").to_string(index=False), end="\n\n")


def _planned(area: Area, own: Crew) -> tuple[Deployment, float, float]:
    """A plan, how many seconds it takes, and how many another after its first post was dragged."""
    start = time.perf_counter()
    plan = deployment.deploy(area, own)
    planned = time.perf_counter() - start
    standing = plan.standing
    used = int(standing.sites.node[standing.team[0, 0]])
    free = np.setdiff1d(standing.sites.node, standing.sites.node[standing.team])
    start = time.perf_counter()
    deployment.deploy(area, deployment.moved(own, used, int(free[0])), start=plan)
    return plan, planned, time.perf_counter() - start


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="*", type=Path, help="none: the sample")
    parser.add_argument("--date", type=dt.date.fromisoformat, default=dt.date(2026, 5, 8))
    parser.add_argument("--shift", default="07:00-19:00")
    parser.add_argument("--teams", type=int, nargs="*", default=[5, 10, 20, 40])
    parser.add_argument("--cars", type=int, default=12, help="of the brigade, beside 8 teams")
    options = parser.parse_args()
    for extract in options.extract or [riskmap.sample()]:
        area = riskmap.assess(extract)
        measured(area, options.date, options.shift, options.teams)
        brigade(area, options.date, options.shift, 8, options.cars)


if __name__ == "__main__":
    main()
