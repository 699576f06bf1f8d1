"""Who is on duty in a shift: teams, cars, breaks, and posts that must be staffed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskmap import calendars
from riskmap.calendars import DAYS, Calendar
from riskmap.errors import RiskmapError
from riskmap.staff import (
    DAY,
    Break,
    Forbidden,
    Limits,
    Post,
    Rota,
    Shift,
    Squadron,
    Station,
    Vehicle,
)
from riskmap.values import meant

AFOOT = "-A"
"""Between a squadron's id and the number of a team without a vehicle of the file."""


@dataclass(frozen=True)
class Team:
    """
    Officers who are together all shift.

    `vehicle` is of `VEHICLES`, "" where the file gives them none; `ids` are those of its officers,
    as far as they are stated. It begins and ends at `station`.
    """

    name: str
    squadron: str
    officers: int
    station: Station | None
    vehicle: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A post that must be staffed between two minutes of a shift."""

    post: Post
    from_min: float
    to_min: float


@dataclass(frozen=True)
class Duty:
    """
    Who is on in a shift of a date.

    `teams` stand at posts, `cars` patrol; `spare` officers are left over by the rule of two.
    Minutes are after 00:00 of `date`, those of breaks and tasks too.
    """

    date: dt.date
    shift: str
    from_min: float
    to_min: float
    teams: tuple[Team, ...]
    cars: tuple[Team, ...]
    spare: int
    breaks: tuple[Break, ...]
    tasks: tuple[Task, ...]

    @property
    def officers(self) -> int:
        """How many are on duty."""
        return sum(team.officers for team in (*self.teams, *self.cars)) + self.spare


@dataclass(frozen=True)
class Resources:
    """What a brigade has, and what it must keep to; see `staffing.read_resources`."""

    squadrons: tuple[Squadron, ...]
    vehicles: tuple[Vehicle, ...]
    shifts: tuple[Shift, ...]
    rotas: tuple[Rota, ...]
    breaks: tuple[Break, ...]
    posts: tuple[Post, ...]
    forbidden: tuple[Forbidden, ...]
    limits: Limits

    def squadron(self, own: str) -> Squadron:
        """Squadron of an id."""
        return next(found for found in self.squadrons if found.id == own)

    def shift(self, name: str) -> Shift:
        """
        Shift of a name.

        Raises
        ------
        RiskmapError
            A name that there is not.
        """
        names = [shift.name for shift in self.shifts]
        if name not in names:
            raise RiskmapError(f"shift '{name}': there is none; {meant(name, names)}")
        return self.shifts[names.index(name)]

    def on(self, date: dt.date, shift_name: str, *, calendar: Calendar | None = None) -> Duty:
        """
        Say who is on duty in a shift.

        Parameters
        ----------
        date
            On which it begins.
        shift_name
            Which.
        calendar
            Of the brigade; None takes what riskmap brings. It is asked only where something in the
            file depends on the kind of day.

        Raises
        ------
        RiskmapError
            A shift that there is not, in which nobody works that day, or a year whose public
            holidays are not known.
        """
        shift = self.shift(shift_name)
        kinds = self._kinds(date, shift, calendar)
        teams, cars, spare = self.crews(shift_name, kinds[1])
        if not teams and not cars:
            raise RiskmapError(
                f"shift '{shift_name}': nobody works it on {date}, a day of kind '{kinds[1]}'; add "
                "that kind to a [[rota]], or ask for another shift"
            )
        breaks = [own.within(shift) for own in self.breaks if shift_name in own.shifts]
        return Duty(
            date, shift_name, *shift.window, teams, cars, spare,
            tuple(own for own in breaks if own), self.tasks(shift, kinds),
        )  # fmt: skip

    def _kinds(
        self, date: dt.date, shift: Shift, calendar: Calendar | None
    ) -> tuple[str, str, str]:
        """
        Kinds of the day before, of the date and of the day after.

        Only those that count are asked for: the next year's holidays may not be known yet.
        """
        some = [own for own in self.posts if set(own.days) != set(DAYS)]
        rotas = [own for own in self.rotas if set(own.days) != set(DAYS)]
        over = [own for own in some if any(last > DAY for _, last in own.hours)]
        after = shift.to_min > DAY and any(own.hours for own in some)
        found = []
        for later, counts in ((-1, over), (0, some or rotas), (1, after)):
            if counts:
                calendar = calendar or calendars.read(None)
                day = date + dt.timedelta(days=later)
                (kind,) = calendar.kinds(np.array([day], dtype="datetime64[D]"))
                found.append(DAYS[kind])
            else:
                found.append(DAYS[0])
        return found[0], found[1], found[2]

    def crews(self, shift: str, kind: str) -> tuple[tuple[Team, ...], tuple[Team, ...], int]:
        """
        Group the officers of a shift on a kind of day.

        Vehicles take their officers first, the others make teams of `officers_post`; who is left
        over joins one of them.

        Returns
        -------
        Teams that stand, teams that patrol, and officers too few for another team.
        """
        teams: list[Team] = []
        cars: list[Team] = []
        spare = 0
        on = [rota for rota in self.rotas if rota.shift == shift and kind in rota.days]
        for squadron in dict.fromkeys(rota.squadron for rota in on):
            found, left = self._grouped([rota for rota in on if rota.squadron == squadron])
            patrols = {vehicle.id for vehicle in self.vehicles if vehicle.patrols}
            teams += [team for team in found if team.name not in patrols]
            cars += [team for team in found if team.name in patrols]
            spare += left
        return tuple(teams), tuple(cars), spare

    def _grouped(self, rotas: Sequence[Rota]) -> tuple[list[Team], int]:
        """Group what one squadron sends, and count who is left over."""
        squadron = self.squadron(rotas[0].squadron)
        left = sum(rota.officers for rota in rotas)
        ids = [number for rota in rotas for number in rota.officer_ids]
        if len(ids) < left:  # who of the others comes is not said
            ids = []
        driven = {name for rota in rotas for name in rota.vehicles}
        sizes = [(own.id, own.kind, own.officers) for own in self.vehicles if own.id in driven]
        left -= sum(size for *_, size in sizes)
        count = left // self.limits.officers_post
        for number in range(count):
            size = left // count + (number < left % count)
            sizes.append((f"{squadron.id}{AFOOT}{number + 1}", "", size))
        teams, first = [], 0
        for name, kind, size in sizes:
            own = tuple(ids[first : first + size])
            teams.append(Team(name, squadron.id, size, squadron.station, kind, own))
            first += size
        return teams, 0 if count else left

    def tasks(self, shift: Shift, kinds: tuple[str, str, str]) -> tuple[Task, ...]:
        """List what must be staffed in a shift: of the day before, its own and the day after."""
        found = []
        for post in self.posts:
            if post.shifts and shift.name not in post.shifts:
                continue
            if not post.hours and kinds[1] in post.days:
                found.append(Task(post, *shift.window))
            for kind, later in zip(kinds, (-DAY, 0.0, DAY), strict=True):
                for first, last in post.hours if kind in post.days else ():
                    begin = max(first + later, shift.from_min)
                    end = min(last + later, shift.to_min)
                    if begin < end:
                        found.append(Task(post, begin, end))
        return tuple(sorted(found, key=lambda task: (task.from_min, task.post.id)))
