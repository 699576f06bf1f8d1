"""Whether the resources of a brigade fit together: shifts, officers, posts and breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from riskmap.calendars import DAYS
from riskmap.on_duty import Resources, Task, Team
from riskmap.staff import (
    DAY,
    Break,
    Limits,
    Post,
    Rota,
    Shift,
    Vehicle,
    Window,
    clock,
    listed,
    written,
)
from riskmap.values import At


def crew(rota: Rota, garage: Mapping[str, Vehicle], limits: Limits, at: At) -> None:
    """
    Check that the officers of a rota fill its vehicles, or make a team.

    Raises
    ------
    RiskmapError
        Too few officers.
    """
    aboard = sum(garage[name].officers for name in rota.vehicles)
    said = f"squadron '{rota.squadron}' has {rota.officers} officers in shift '{rota.shift}'"
    if aboard > rota.officers:
        raise at.error(
            f"{said} {at.place}, but its vehicles {listed(rota.vehicles)} need {aboard}; name "
            "fewer vehicles or more officers"
        )
    if not aboard and rota.officers < limits.officers_post:
        raise at.error(
            f"{said} {at.place}; a team has at least {limits.officers_post}: add one, or state "
            "officers_post in [limits]"
        )


def check(resources: Resources, top: At) -> None:
    """
    Check what only shows when all tables are known.

    Raises
    ------
    RiskmapError
        An officer or vehicle in two shifts that overlap, more officers on duty than there are,
        posts at hours without a shift, posts that need more teams than there are, and breaks for
        which there is no time.
    """
    _apart(resources, top)
    _no_more_than_there_are(resources, top)
    for post in resources.posts:
        _within_shifts(post, resources, top)
    for shift in resources.shifts:
        for before, today, after in product(DAYS, repeat=3):
            _enough(shift, (before, today, after), resources, top)
        for rest in resources.breaks:
            if shift.name in rest.shifts:
                _in_turn(rest, shift, resources, top)


# --- shifts that overlap -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Turn:
    """A rota with its window, counted from the day that is looked at."""

    rota: Rota
    window: Window

    def __str__(self) -> str:
        return f"'{self.rota.shift}' {written(self.window)}"

    def meets(self, other: _Turn) -> bool:
        return self.window[0] < other.window[1] and other.window[0] < self.window[1]


def _turns(resources: Resources, today: str, before: str) -> list[_Turn]:
    """Those that begin on a day, then those of the day before that pass midnight."""
    found = []
    for kind, earlier in ((today, 0.0), (before, DAY)):
        for rota in resources.rotas:
            first, last = resources.shift(rota.shift).window
            if kind in rota.days and last > earlier:
                found.append(_Turn(rota, (first - earlier, last - earlier)))
    return found


def _apart(resources: Resources, top: At) -> None:
    """Refuse an officer or a vehicle that would be in two shifts at a time."""
    for today, before in product(DAYS, repeat=2):
        turns = _turns(resources, today, before)
        for number, one in enumerate(turns):
            for other in turns[number + 1 :]:
                if not one.meets(other):
                    continue
                for what, key in (("officer", "officer_ids"), ("vehicle", "vehicles")):
                    both = set(getattr(one.rota, key)) & set(getattr(other.rota, key))
                    if both:
                        raise top.error(
                            f"{what} '{min(both)}' works shifts {one} and {other}, which overlap; "
                            "take it out of one [[rota]], or mend the times"
                        )


def _no_more_than_there_are(resources: Resources, top: At) -> None:
    for today, before in product(DAYS, repeat=2):
        turns = _turns(resources, today, before)
        for squadron in resources.squadrons:
            own = [turn for turn in turns if turn.rota.squadron == squadron.id]
            for turn in own:
                at = max(turn.window[0], 0.0)
                there = [other for other in own if other.window[0] <= at < other.window[1]]
                count = sum(other.rota.officers for other in there)
                if count > squadron.officers:
                    shifts = " and ".join(dict.fromkeys(map(str, there)))
                    raise top.error(
                        f"squadron '{squadron.id}': shifts {shifts} overlap and take {count} of "
                        f"its {squadron.officers} officers; take fewer in one [[rota]], or mend "
                        "the times"
                    )


# --- posts -------------------------------------------------------------------------------------


def _within_shifts(post: Post, resources: Resources, top: At) -> None:
    """Refuse hours in which nobody is on duty; of the days around any kind may be."""
    for kind in post.days:
        on = []
        for rota in resources.rotas:
            if post.shifts and rota.shift not in post.shifts:
                continue
            if post.squadron and rota.squadron != post.squadron:
                continue
            first, last = resources.shift(rota.shift).window
            on += [(first + later, last + later) for later in (-DAY, DAY)]
            if kind in rota.days:
                on.append((first, last))
        for hours in post.hours:
            alone = _uncovered(hours, on)
            if alone is not None:
                who = f" of squadron '{post.squadron}'" if post.squadron else ""
                raise top.error(
                    f"post '{post.id}' is to be staffed {written(hours)} on days of kind '{kind}', "
                    f"but no shift{who} is on duty at {clock(alone)}; mend its hours or days, or "
                    "add a [[rota]]"
                )


def _uncovered(hours: Window, on: list[Window]) -> float | None:
    """First minute of some hours that lies in none of the windows."""
    at, last = hours
    for begin, end in sorted(on):
        if begin <= at < end:
            at = end
    return at if at < last else None


def _enough(
    shift: Shift, kinds: tuple[str, str, str], resources: Resources, top: At
) -> None:
    """Refuse posts that together need more teams than a shift has."""
    teams, cars, _ = resources.crews(shift.name, kinds[1])
    tasks = resources.tasks(shift, kinds)
    if not tasks or not teams + cars:
        return
    for at in sorted({task.from_min for task in tasks}):
        now = [task for task in tasks if task.from_min <= at < task.to_min]
        for whose, wanted, there in _shares(now, teams, resources):
            need = sum(_teams(task.post, resources.limits) for task in wanted)
            if need > len(there):
                have = sum(team.officers for team in there)
                officers = sum(task.post.officers for task in wanted)
                raise top.error(
                    f"posts {listed(task.post.id for task in wanted)} need {officers} officers in "
                    f"{need} teams at {clock(at)} in shift '{shift.name}' on days of kind "
                    f"'{kinds[1]}'; {whose}has {have} in {len(there)} beside its patrols: add "
                    "officers to a [[rota]], let a vehicle not patrol, or take a post out"
                )


def _shares(
    tasks: list[Task], teams: tuple[Team, ...], resources: Resources
) -> Iterator[tuple[str, list[Task], list[Team]]]:
    """What each squadron must staff alone, then what all must."""
    for squadron in resources.squadrons:
        wanted = [task for task in tasks if task.post.squadron == squadron.id]
        own = [team for team in teams if team.squadron == squadron.id]
        yield f"squadron '{squadron.id}' ", wanted, own
    yield "it ", tasks, list(teams)


def _teams(post: Post, limits: Limits) -> int:
    """Teams that have the officers of a post."""
    return -(-post.officers // limits.officers_post)


# --- breaks ------------------------------------------------------------------------------------


def _in_turn(rest: Break, shift: Shift, resources: Resources, top: At) -> None:
    """Refuse a break that not every unit can have in its window."""
    if rest.at_once is None:
        return
    crews = [resources.crews(shift.name, kind) for kind in DAYS]
    units = max(len(teams) + len(cars) for teams, cars, _ in crews)
    turns = int((rest.latest_min - rest.earliest_min) // rest.minutes) + 1
    if turns * rest.at_once < units:
        window = written((rest.earliest_min, rest.latest_min + rest.minutes))
        raise top.error(
            f"break of {rest.minutes:g} minutes {window}: {units} units of shift '{shift.name}' "
            f"cannot have it {rest.at_once} at once; widen its window, or let "
            f"{-(-units // turns)} rest at once"
        )
