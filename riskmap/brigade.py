"""A brigade's resources on the roads of an area: the crew of one of its shifts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from riskmap import sites, staffing_places
from riskmap.area import Area
from riskmap.crew import busiest
from riskmap.deployment import Crew
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES
from riskmap.on_duty import Duty, Resources, Team
from riskmap.roster import Rest, Unit
from riskmap.standing import Task

CAR = "car"
"""What brings a team to its post that has no vehicle in the file."""


def ruled(area: Area, resources: Resources) -> Area:
    """Give the area with the limits of a brigade in place of its parameters."""
    return replace(area, parameters=resources.limits.over(area.parameters))


def crew(
    area: Area, resources: Resources, date: dt.date, shift: str, lang: str | None = None
) -> Crew:
    """
    Say who is on duty in a shift, where, and what is settled beforehand.

    Parameters
    ----------
    area
        Its roads and calendar; from `ruled` if the file states limits of its own.
    resources
        From `staffing.read_resources`.
    date
        On which the shift begins.
    shift
        Its name in the file.
    lang
        Of the names of its posts; None is the area's.

    Returns
    -------
    Units with their squadron, vehicle, station and breaks; squadrons without a station begin where
    most harm of their area is in reach. Posts that need more than one team stand at as many nodes
    beside each other.

    Raises
    ------
    RiskmapError
        A shift that there is not or in which nobody works, a place too far from every road, on none
        where one may stand, or where a forbidden place allows no post.
    """
    duty = resources.on(date, shift, calendar=area.model.almanac.calendar)
    nowhere = area.parameters["sites"]["nowhere"]
    where = staffing_places.placed(resources, area.network, nowhere=nowhere)
    areas = {name: inside for name, inside in where.areas.items() if not inside.all()}
    rests = tuple(
        Rest(rest.minutes, rest.earliest_min, rest.latest_min, rest.at_station, rest.at_once)
        for rest in duty.breaks
    )
    stations = dict(where.stations)
    for team in (*duty.teams, *duty.cars):
        if team.squadron not in stations:
            stations[team.squadron] = busiest(area, areas.get(team.squadron))

    def unit(team: Team) -> Unit:
        return Unit(
            team.name, team.squadron, team.officers, team.vehicle or CAR, stations[team.squadron],
            duty.from_min, duty.to_min, rests, team.ids,
        )  # fmt: skip

    return Crew(
        date, duty.from_min, duty.to_min, tuple(unit(team) for team in duty.teams),
        tuple(unit(team) for team in duty.cars),
        tuple(_tasks(area, resources, duty, where, lang or area.language)),
        forbidden=tuple(int(node) for node in where.forbidden), areas=areas,
        names=_names(resources),
    )  # fmt: skip


def _names(resources: Resources) -> dict[str, dict[str, str]]:
    """What squadrons are called, by id and language; of two with one name the id is told too."""
    names = {
        own.id: {"zh": own.zh or own.en, "en": own.en or own.zh} for own in resources.squadrons
    }
    for lang in LANGUAGES:
        told = Counter(own[lang] for own in names.values())
        for key, own in names.items():
            if told[own[lang]] > 1:
                own[lang] = f"{own[lang]} ({key})".strip() if own[lang] else key
    return names


def _tasks(
    area: Area, resources: Resources, duty: Duty, where: staffing_places.OnRoads, lang: str
) -> Iterator[Task]:
    xy = area.network.nodes[["x", "y"]].to_numpy()
    worth = area.model.harm().to_numpy()
    taken: dict[str, list[int]] = {}
    barred = set(where.forbidden.tolist())
    for task in duty.tasks:
        post = task.post
        teams = -(-post.officers // resources.limits.officers_post)
        spot = where.posts[post.id].node
        if post.id not in taken:
            x, y = (float(value) for value in xy[spot])
            near = sites.around(area.network, x, y, 20 * teams)
            open_ = [spot, *sites.sites(area, worth, near).node.tolist()]
            others = {node for own in taken.values() for node in own} | barred
            taken[post.id] = [n for n in dict.fromkeys(open_) if n not in others][:teams]
            if len(taken[post.id]) < teams:
                raise RiskmapError(
                    f"post '{post.id}': {post.officers} officers in {teams} teams; beside it there "
                    f"is room for {len(taken[post.id])}: ask for fewer officers"
                )
        name = (post.en if lang == "en" else post.zh) or post.en or post.id
        for number, node in enumerate(taken[post.id], 1):
            yield Task(
                name if teams == 1 else f"{name} {number}/{teams}", node, task.from_min,
                task.to_min, "school" if post.school else "post", post.squadron, post.locked,
            )  # fmt: skip
