"""Campaign files → campaigns: the checks between their words, and the dates of their rounds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from riskmap.campaign import (
    Campaign,
    Duty,
    Outcome,
    Phase,
    Posts,
    Road,
    Round,
    Space,
    Time,
)
from riskmap.campaign_rounds import rounds
from riskmap.campaign_words import COUNTED, WEEKDAYS, each, read
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.layers import check_evidence, label, read_active, read_toml
from riskmap.resources import packaged
from riskmap.values import At, meant
from riskmap.vocabulary import DAYS

__all__ = ["Campaign", "read_campaign", "read_campaigns", "rounds"]

FOLDER = "campaigns"
"""Where campaigns lie: beside the layers that riskmap brings."""
WHOLE_DAY = ((0.0, 24.0),)


def read_campaigns(
    folder: str | Path | None = None, *, layers: Iterable[str] | None = None
) -> dict[str, Campaign]:
    """
    Read every campaign file of a folder.

    Parameters
    ----------
    folder
        Folder with `*.toml`. None reads the campaigns that travel with riskmap.
    layers
        Names of the layers that a campaign may name; None takes those that travel with riskmap.

    Returns
    -------
    Campaigns by name, sorted.

    Raises
    ------
    RiskmapError
        A folder that is missing or has no campaigns, a fault in any file, two of one title.

    Examples
    --------
    >>> from riskmap.campaigns import read_campaigns
    >>> read_campaigns()["speeding"].title["en"]
    'Speeding'
    """
    folder = packaged(FOLDER) if folder is None else Path(folder)
    if not folder.is_dir():
        raise RiskmapError(f"{folder}: no such folder; name the one that holds the campaign files")
    try:
        paths = sorted(p for p in folder.glob("*.toml") if not p.name.startswith("."))
    except OSError as fault:
        raise RiskmapError(f"{folder}: cannot be listed ({fault.strerror})") from fault
    if not paths:
        raise RiskmapError(
            f"{folder}: holds no campaign file (*.toml); copy one there from campaigns/"
        )
    known = _layers() if layers is None else tuple(layers)
    found: dict[str, Campaign] = {}
    for path in paths:
        own = read_campaign(path, layers=known)
        for other in found.values():
            _distinct(At(label(path)), own, other)
        found[own.name] = own
    return found


def read_campaign(path: str | Path, *, layers: Iterable[str] | None = None) -> Campaign:
    """
    Read one campaign file; `layers` as in `read_campaigns`.

    Raises
    ------
    RiskmapError
        With the file, the key, what is wrong with it, and the way out.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap.campaigns import read_campaign
    >>> path = riskmap.sample().parents[1] / "campaigns" / "fatigue.toml"
    >>> read_campaign(path).name
    'fatigue'
    """
    path = Path(path)
    at = At(label(path))
    if not path.stem.isidentifier():
        raise at.error(
            "cannot be the name of a campaign; name the file with letters, digits and _"
        )
    top = read(read_toml(path, at), at, "campaign")
    known = _layers() if layers is None else tuple(layers)
    check_evidence(at, top)
    effect = _effect(top, at)
    return Campaign(
        name=path.stem,
        title=top["title"],
        why=top["why"],
        grade=top["grade"],
        source=top["source"],
        activity=top["activity"],
        families=top["families"],
        roads=tuple(_road(here, row, known) for here, row in each(top["road"], at, "road")),
        active=read_active(at, top["active"]),
        effect=effect,
        space=_decay(top, at, "space", Space, effect),
        time=_decay(top, at, "time", Time, effect),
        posts=_posts(top["posts"], at.inside("[posts]")),
        duty=Duty(**read(top["duty"], at.inside("[duty]"), "duty")),
        phases=tuple(
            _phase(here, row, top["activity"]) for here, row in each(top["phase"], at, "phase")
        ),
    )


def _layers() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in packaged("layers").glob("*.toml")))


def _distinct(at: At, own: Campaign, other: Campaign) -> None:
    if own.name.casefold() == other.name.casefold():
        raise at.error(f"has the name of {other.name}.toml; names differ in more than capitals")
    for lang in ("zh", "en"):
        if own.title[lang] == other.title[lang]:
            raise at.error(
                f"'{lang}' in title is '{own.title[lang]}' as in {other.name}.toml; "
                "give it a title of its own"
            )


def _road(at: At, row: dict[str, Any], layers: tuple[str, ...]) -> Road:
    if not any(row[word] for word in ("layer", "road_class", "area")):
        raise at.error(f"{at.table} names no road; give it layer, road_class or area")
    if row["layer"] and row["layer"] not in layers:
        raise At(at.file, at.table, "layer").unfit(row["layer"], meant(row["layer"], layers))
    return Road(row["layer"] or "", row["road_class"] or (), row["area"] or "", row["weight"])


def _effect(top: dict[str, Any], at: At) -> Outcome | None:
    if top["effect"] is None:
        return None
    here = at.inside("[effect]")
    row = read(top["effect"], here, "effect")
    check_evidence(here, row)
    if top["activity"] not in COUNTED:
        raise here.error(
            f"[effect] does not go with activity '{top['activity']}': no effect of it on crashes "
            "was found, it is presence only; leave [effect] out"
        )
    if (row["low"] is None) != (row["high"] is None):
        given, absent = ("low", "high") if row["high"] is None else ("high", "low")
        raise here.error(f"'{given}' {here.place} needs '{absent}' beside it; add it")
    if row["low"] is not None and not row["low"] <= row["factor"] <= row["high"]:
        raise here.error(
            f"'factor' {here.place} is {row['factor']:g}, outside its interval {row['low']:g} to "
            f"{row['high']:g}; mend one of them"
        )
    return Outcome(**row)


def _decay(
    top: dict[str, Any], at: At, name: str, kind: Any, effect: Outcome | None  # noqa: ANN401  # Space or Time
) -> Any:  # noqa: ANN401  # as kind
    if top[name] is None:
        return None
    here = at.inside(f"[{name}]")
    if effect is None:
        raise here.error(f"[{name}] needs [effect] beside it: without one nothing fades; leave it")
    row = read(top[name], here, name)
    check_evidence(here, row)
    return kind(**row)


def _posts(value: Any, at: At) -> Posts:  # noqa: ANN401  # of TOML
    row = read(value, at, "posts")
    check_evidence(at, row)
    move, stay = row["move_after_min"], row["stay_min"]
    if move is not None and move < stay:
        raise at.error(
            f"'move_after_min' {at.place} is {move:g}, before stay_min = {stay:g}; exchange them"
        )
    return Posts(**row)


def _phase(at: At, row: dict[str, Any], activity: str) -> Phase:
    own = tuple(_round(here, one) for here, one in each(row["round"], at, "phase.round"))
    return Phase(row["title"], row["task"], row["activity"] or activity, own)


def _round(at: At, row: dict[str, Any]) -> Round:
    if not any(row[word] for word in row if word not in {"every_weeks", "offset_days"}):
        raise at.error(f"{at.table} names no day; give it first and last, weekday, holiday or days")
    if (row["first"] is None) != (row["last"] is None):
        given, absent = ("first", "last") if row["last"] is None else ("last", "first")
        raise at.error(f"'{given}' {at.place} needs '{absent}' beside it; add it")
    if row["offset_days"] is not None and not row["holiday"]:
        raise at.error(f"'offset_days' {at.place} needs 'holiday' beside it; add it")
    day = Active(
        days=row["days"] or DAYS,
        hours=WHOLE_DAY,
        holiday=row["holiday"],
        offset_days=row["offset_days"] or (0, 0),
        farm=row["farm"],
    )
    between = None if row["first"] is None else (row["first"], row["last"])
    weekday = tuple(WEEKDAYS.index(name) for name in row["weekday"])
    return Round(day, weekday, between, row["term_days"], row["every_weeks"])
