"""The words of a campaign file, in the manner of `riskmap.vocabulary`; the tables are closed."""

from __future__ import annotations

from typing import Any

from riskmap.values import (
    COUNT,
    FEWER,
    MONTH_DAY,
    NOT_NEGATIVE,
    OFFSETS,
    PART,
    POSITIVE,
    TEXT,
    WHOLE,
    At,
    Kind,
    choice,
    choices,
    meant,
    shown,
)
from riskmap.vocabulary import (
    ADVICE,
    AREAS,
    BILINGUAL,
    CLASSES,
    DAYS,
    FAMILIES,
    FARM,
    GRADES,
    HOLIDAYS,
    TABLE,
    TABLES,
    VOCABULARY,
    Word,
    Words,
    read_table,
)

ACTIVITIES = ("checkpoint", "speed", "presence", "education", "escort")
"""What officers do: stop and check, measure speed, be seen, talk to people, lead them across."""
COUNTED = ("checkpoint", "speed")
"""Activities of which some have a measured effect on crashes; of the others none was found."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _families(value: Any, at: At, wants: str) -> dict[str, float]:  # noqa: ANN401  # of TOML
    if not isinstance(value, dict) or not value:
        raise at.unfit(value, f"give {wants}")
    here = at.inside("[families]")
    for name in value:
        if name not in FAMILIES:
            raise here.error(f"unknown family {shown(name)} {here.place}; {meant(name, FAMILIES)}")
    return {
        name: PART.read(weight, At(at.file, here.table, name), PART.wants)
        for name, weight in value.items()
    }


_FAMILIES = Kind("one or more of " + ", ".join(FAMILIES) + ", each with its weight", _families)

_OWN: tuple[Word, ...] = (
    Word("campaign", "title", BILINGUAL, "its name on the page and on duty sheets", needed=True),
    Word("campaign", "why", BILINGUAL, "why it is done", needed=True),
    Word("campaign", "grade", choice(GRADES), "how good the evidence for the why is", needed=True),
    Word("campaign", "source", TEXT, 'where it comes from; "judgement"', needed=True),
    Word("campaign", "activity", choice(ACTIVITIES), "what officers do", needed=True),
    Word(
        "campaign", "families", _FAMILIES,
        "which crashes it aims at; the weight, above 0 to 1, is the share of them: a judgement",
        needed=True,
    ),
    Word("campaign", "road", TABLES, "where; the table that gives most counts", needed=True),
    Word("campaign", "active", TABLES, "at what hours of what days", needed=True),
    Word("campaign", "effect", TABLE, "what it does to crashes; left out: presence only"),
    Word("campaign", "space", TABLE, "how the effect falls along the road"),
    Word("campaign", "time", TABLE, "how long the effect lasts"),
    Word("campaign", "posts", TABLE, "how the officers stand", needed=True),
    Word("campaign", "duty", TABLE, "what the duty sheet says", needed=True),
    Word("campaign", "phase", TABLES, "what is done one after another", needed=True),
    Word("road", "layer", TEXT, "by how much this layer touches the road"),
    Word("road", "road_class", CLASSES, "only such classes of road"),
    Word("road", "area", choice(AREAS), "only inside or outside towns"),
    Word("road", "weight", PART, "how much such roads matter", default=1.0),
    Word("effect", "factor", FEWER, "what is left of the crashes aimed at", needed=True),
    Word("effect", "low", FEWER, "lower end of its interval"),
    Word("effect", "high", FEWER, "upper end of its interval"),
    Word("effect", "grade", choice(GRADES), "how good the evidence is", needed=True),
    Word("effect", "source", TEXT, 'where the number comes from; "judgement"', needed=True),
    Word("space", "halving_m", POSITIVE, "metres of road over which it halves", needed=True),
    Word("space", "grade", choice(GRADES), "how good the evidence is", needed=True),
    Word("space", "source", TEXT, 'where the number comes from; "judgement"', needed=True),
    Word(
        "time", "lasts_days", COUNT, "days after the last of a run of days; 0: no longer",
        needed=True,
    ),
    Word("time", "least_days", WHOLE, "a shorter run of days leaves nothing behind", default=1),
    Word("time", "grade", choice(GRADES), "how good the evidence is", needed=True),
    Word("time", "source", TEXT, 'where the number comes from; "judgement"', needed=True),
    Word("posts", "officers", WHOLE, "officers of one team", needed=True),
    Word("posts", "stay_min", POSITIVE, "least minutes at a place", needed=True),
    Word("posts", "move_after_min", POSITIVE, "then the team moves on; left out: it need not"),
    Word("posts", "apart_m", NOT_NEGATIVE, "least distance between two teams", default=0.0),
    Word("posts", "grade", choice(GRADES), "how good the evidence is", needed=True),
    Word("posts", "source", TEXT, 'where the numbers come from; "judgement"', needed=True),
    Word("duty", "watch", ADVICE, "what to watch for", needed=True),
    Word("duty", "act", ADVICE, "what to do", needed=True),
    Word("duty", "partners", ADVICE, "who else takes part", default=()),
    Word("phase", "title", BILINGUAL, "its name", needed=True),
    Word("phase", "task", BILINGUAL, "what is done in it", needed=True),
    Word("phase", "activity", choice(ACTIVITIES), "left out: that of the campaign"),
    Word("phase", "round", TABLES, "on what days; tables are alternatives", needed=True),
    Word("round", "first", MONTH_DAY, "first day, of every year"),
    Word("round", "last", MONTH_DAY, "last day; before the first: over the new year"),
    Word(
        "round", "days", choices(DAYS, "day types"),
        "school days are workdays, public holidays weekends; eve, first and last day of a break",
        default=(),
    ),
    Word("round", "weekday", choices(WEEKDAYS, "weekdays"), "of mon to sun", default=()),
    Word("round", "holiday", choices(HOLIDAYS, "holidays"), "days around these", default=()),
    Word(
        "round", "offset_days", OFFSETS,
        "from so many days before its first day off to so many after its last; left out: [0, 0]",
    ),
    Word("round", "term_days", OFFSETS, "days around the first day of a school term"),
    Word("round", "farm", choices(FARM, "farm seasons"), "in these seasons", default=()),
    Word("round", "every_weeks", WHOLE, "every week, or one of so many", default=1),
)  # fmt: skip

WORDS = Words(
    (*_OWN, *(word for word in VOCABULARY if word.table in {"text", "active"})),
    {
        "campaign": "at the top, before the first [table]",
        "text": "inside a text { zh = …, en = … }",
        "road": "in [[road]]", "active": "in [[active]]",
        "effect": "in [effect]", "space": "in [space]", "time": "in [time]",
        "posts": "in [posts]", "duty": "in [duty]", "phase": "in [[phase]]",
        "round": "in [[phase.round]]",
    },
)  # fmt: skip
"""All that a campaign file may say."""


def read(value: Any, at: At, table: str) -> dict[str, Any]:  # noqa: ANN401  # of TOML
    """
    Check one table of a campaign file and convert its values.

    Raises
    ------
    RiskmapError
        A word that is not known or missing, or a value that it cannot take.
    """
    return read_table(value, at, table, among=WORDS)


def each(tables: list[Any], at: At, name: str) -> list[tuple[At, dict[str, Any]]]:
    """Check the tables of one name, each with its place; `name` as the file writes it."""
    table = name.rpartition(".")[2]
    places = [at.inside(f"[[{name}]] {number}") for number in range(1, len(tables) + 1)]
    return [(here, read(row, here, table)) for here, row in zip(places, tables, strict=True)]
