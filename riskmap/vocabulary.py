"""The words of a layer file: one row each, with where it stands, what it takes and what it means.

The vocabulary is closed. Anything else in a file is refused with the word that was probably meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmap.values import (
    COUNT,
    FILE,
    FLAG,
    HOURS,
    NOT_NEGATIVE,
    NUMBER,
    OFFSETS,
    OSM,
    POSITIVE,
    SHARE,
    STEPS,
    TEXT,
    At,
    Kind,
    Read,
    between,
    choice,
    choices,
    meant,
    quantities,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

RELATIONS = ("near", "along", "inside", "own", "measure", "at_junction", "crosses")
DECAYS = ("triangular", "flat", "exponential")
COMBINES = ("max", "capped_sum", "log_sum")
FAMILIES = ("run_off_road", "head_on", "junction", "queue", "vulnerable", "rail")
TARGETS = ("likelihood", "severity", "flow", "speed")
GRADES = ("A", "B", "C", "D")
AREAS = ("rural", "urban")
CONTROLS = ("signals", "stop", "give_way", "roundabout", "none", "unknown")
DAYS = ("school", "workday", "weekend", "holiday", "eve", "first", "last")
LIGHTS = ("dawn", "day", "dusk", "dark")
FARM = ("planting", "harvest")
SEASONS = ("spring", "summer", "autumn", "winter")
WEATHERS = ("dry", "rain", "fog", "ice", "flood")
HOLIDAYS = (
    "new_year", "spring_festival", "qingming", "labour_day", "dragon_boat", "mid_autumn",
    "national_day",
)  # fmt: skip
MEASURES = ("radius_m", "width_m", "lanes", "grade_pct", "drop_pct")
"""Quantities of a piece of road that a layer can take steps of."""
ROAD_CLASSES = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
    "living_street", "service", "road",
    "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link",
)  # fmt: skip


@dataclass(frozen=True)
class Word:
    """
    One key of a layer file.

    `relations` are those that it goes with, () for all; `needed` those that cannot do without it,
    True for all. `default` is its value where the file leaves it out.
    """

    table: str
    key: str
    kind: Kind
    means: str
    needed: bool | tuple[str, ...] = False
    relations: tuple[str, ...] = ()
    default: Any = None

    def is_needed(self, relation: str) -> bool:
        """Whether a layer of this relation must have it."""
        return self.needed if isinstance(self.needed, bool) else relation in self.needed


@dataclass(frozen=True)
class Words:
    """The words of one kind of file, and where each of its tables stands, for the errors."""

    rows: tuple[Word, ...]
    headings: Mapping[str, str]


def read_table(
    value: Any, at: At, table: str, relation: str = "", among: Words | None = None
) -> dict[str, Any]:
    """
    Check one table of a file against the vocabulary and convert its values.

    Parameters
    ----------
    among
        The vocabulary of the file; None is that of layers.

    Returns
    -------
    Every word of the table, with its default where the file leaves it out.
    """
    if not isinstance(value, dict):
        raise at.error(f"{at.table} is {shown(value)}; write it as a table")
    among = among or Words(VOCABULARY, _HEADINGS)
    words = {word.key: word for word in among.rows if word.table == table}
    for key in value:
        if key not in words:
            raise at.error(f"unknown key {shown(key)} {at.place}; {_way_out(key, words, among)}")
        only = words[key].relations
        # without a known relation nothing can be said: that fault is found by itself
        if only and relation and relation not in only:
            raise at.error(
                f"'{key}' {at.place} does not go with relation '{relation}', "
                f"only with {' or '.join(only)}; leave it out"
            )
    found = {}
    for key, word in words.items():
        if key in value:
            found[key] = word.kind.read(value[key], At(at.file, at.table, key), word.kind.wants)
        elif word.is_needed(relation):
            raise at.error(
                f"missing {_named(word)} {at.place}; add {word.kind.wants}: {word.means}"
            )
        else:
            found[key] = word.default
    return found


def _named(word: Word) -> str:
    return {TABLE: f"[{word.key}]", TABLES: f"[[{word.key}]]"}.get(word.kind, f"key '{word.key}'")


def _way_out(key: str, words: Mapping[str, Word], among: Words) -> str:
    elsewhere = [word.table for word in among.rows if word.key == key]
    if elsewhere:
        return f"it belongs {among.headings[elsewhere[0]]}"
    return meant(key, words)


def _bilingual(value: Any, at: At, wants: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise at.unfit(value, f"write {wants}")
    return read_table(value, At(at.file).inside(f"{at.table} {at.key}".strip()), "text")


def _advice(value: Any, at: At, wants: str) -> tuple[dict[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise at.unfit(value, f"give {wants}")
    return tuple(
        read_table(item, at.inside(f"{at.key} {number}"), "text")
        for number, item in enumerate(value, 1)
    )


def _table(value: Any, at: At, wants: str) -> dict[str, Any]:
    if isinstance(value, list):
        raise at.unfit(value, f"write [{at.key}] with one bracket")
    if not isinstance(value, dict):
        raise at.unfit(value, f"give {wants}")
    return value


def _inner(table: str) -> Read:
    return lambda value, at, _wants: read_table(value, at.inside(at.key), table)


def _tables(value: Any, at: At, wants: str) -> list[Any]:
    if isinstance(value, dict):
        raise at.unfit(value, f"write [[{at.key}]] with two brackets")
    if not isinstance(value, list) or not value:
        raise at.unfit(value, f"give {wants}")
    return value


BILINGUAL = Kind("{ zh = …, en = … }", _bilingual)
ADVICE = Kind("a list of { zh = …, en = … }", _advice)
TABLE = Kind("a table", _table)
TABLES = Kind("one or more tables", _tables)
CLASSES = choices(ROAD_CLASSES, "road classes")
CONTROL = choices(CONTROLS, "controls")

QUANTITIES: Mapping[str, Kind] = {
    "approaches": between(0, 1000),
    "class_step": between(0, 10),
    "class_rank": between(0, 10),
    "centrality": between(0, 1),
    "entering_flow": between(0, 1e9),
    "control": CONTROL,
}
"""Junction quantities that a `network` source can ask for."""

_HEADINGS = {
    "layer": "at the top, before the first [table]",
    "text": "inside a text { zh = …, en = … }",
    "where": "inside where = { … } in [touch]",
    "relieved": "inside relieved = { … } in [touch]",
    "when": "inside when = { … } in [[effect]]",
    "touch": "in [touch]",
    "advice": "in [advice]",
    "scenario": "at the top of a scenario",
    "change": "in [layers.NAME] of a scenario",
    **{name: f"in [[{name}]]" for name in ("source", "effect", "active", "question", "example")},
}

_NEAR, _ALONG, _INSIDE, _OWN, _MEASURE, _JUNCTION, _CROSSES = ((name,) for name in RELATIONS)
_BESIDE = _NEAR + _ALONG
_ON_ROAD = _INSIDE + _OWN + _MEASURE

VOCABULARY: tuple[Word, ...] = (
    Word("layer", "title", BILINGUAL, "the name on the map", needed=True),
    Word("layer", "why", BILINGUAL, "why it is a risk", needed=True),
    Word("layer", "symbol", TEXT, "shape on the map", default="point"),
    Word("layer", "group", TEXT, "layers of one group compete: the strongest counts"),
    Word(
        "layer", "source", TABLES, "where it is; tables are alternatives",
        needed=_BESIDE + _INSIDE + _OWN + _JUNCTION + _CROSSES, default=[],
    ),
    Word("layer", "touch", TABLE, "how a road comes to carry it", needed=True),
    Word("layer", "effect", TABLES, "what it does to crashes", needed=True),
    Word("layer", "active", TABLES, "when it counts; left out: always", default=[]),
    Word("layer", "question", TABLES, "what to ask the brigade", relations=_CROSSES, default=[]),
    Word("layer", "example", TABLES, "a case and its touch, run as a test", needed=True),
    Word("layer", "advice", TABLE, "what can be done, and by whom", default={}),
    Word("text", "zh", TEXT, "the Chinese", needed=True),
    Word("text", "en", TEXT, "the English", needed=True),
    Word("source", "osm", OSM, "tags of the map, all of which must hold", default={}),
    Word(
        "source", "network", quantities(QUANTITIES),
        "what a junction is like", relations=_JUNCTION, default={},
    ),
    Word(
        "source", "prefer", OSM,
        "points with any of these tags on or in it stand for the whole",
        relations=_NEAR, default={},
    ),
    Word("source", "exclude", OSM, "objects with any of these tags are left out", default={}),
    Word(
        "source", "file", FILE,
        "the brigade's own list, beside the one that is named after the layer",
    ),
    Word("source", "min_area_m2", NOT_NEGATIVE, "areas that are smaller are left out", default=0.0),
    Word(
        "source", "amount", POSITIVE, "weight in a sum; the first source that fits gives it",
        relations=_NEAR, default=1.0,
    ),
    Word("source", "overrides", FLAG, "if its file finds any, only those count", default=False),
    Word("touch", "relation", choice(RELATIONS), "how road and risk meet", needed=True),
    Word("touch", "full_m", NOT_NEGATIVE, "touch is 1 up to here", relations=_BESIDE, default=0.0),
    Word(
        "touch", "reach_m", POSITIVE, "touch is 0 from here on",
        needed=_BESIDE + _JUNCTION, relations=_BESIDE + _JUNCTION, default=0.0,
    ),
    Word(
        "touch", "decay", choice(DECAYS), "how it falls between the two",
        relations=_BESIDE, default="triangular",
    ),
    Word(
        "touch", "combine", choice(COMBINES),
        "what several do: the nearest, a sum of amounts, or of the log of each source",
        relations=_NEAR, default="max",
    ),
    Word("touch", "cap", POSITIVE, "the sum at which touch is 1", relations=_NEAR),
    Word("touch", "where", Kind("a table", _inner("where")), "only such roads", default={}),
    Word(
        "touch", "measure", choice(MEASURES), "a quantity of the road itself",
        needed=_MEASURE, relations=_ALONG + _MEASURE,
    ),
    Word(
        "touch", "steps", STEPS, "its touch by size; min counts, max does not",
        needed=_MEASURE, relations=_ALONG + _MEASURE, default=(),
    ),
    Word(
        "touch", "unknown", SHARE, "share of roads at touch 1 where it is not known",
        needed=_MEASURE, relations=_ALONG + _MEASURE, default=0.0,
    ),
    Word(
        "touch", "beside_m", NOT_NEGATIVE,
        "a listed point so far beside a road counts as on it; left out: 15, 0 for crosses",
        relations=_ON_ROAD + _CROSSES,
    ),
    Word("touch", "minor", CLASSES, "one road is of these …", relations=_JUNCTION, default=()),
    Word("touch", "major", CLASSES, "… and one of these", relations=_JUNCTION, default=()),
    Word("touch", "control", CONTROL, "only such junctions", relations=_JUNCTION, default=()),
    Word(
        "touch", "relieved", Kind("a table", _inner("relieved")), "what makes it less bad",
        relations=_BESIDE,
    ),
    Word("where", "area", choice(AREAS), "inside or outside towns"),
    Word("where", "bridge", FLAG, "on a bridge"),
    Word("where", "tunnel", FLAG, "in a tunnel"),
    Word("where", "oneway", FLAG, "one direction only"),
    Word("where", "road_class", CLASSES, "classes of road"),
    Word("relieved", "osm", OSM, "tags of what relieves", needed=True),
    Word("relieved", "within_m", POSITIVE, "how near it must be", needed=True),
    Word("relieved", "factor", POSITIVE, "multiplies the effect's factor", needed=True),
    Word("relieved", "unknown", SHARE, "share that has it where the map shows none", needed=True),
    Word("relieved", "grade", choice(GRADES), "how good the evidence is", needed=True),
    Word("relieved", "source", TEXT, 'where the number comes from; "judgement"', needed=True),
    Word("effect", "family", choice((*FAMILIES, "all")), "which crashes", needed=True),
    Word("effect", "on", choice(TARGETS), "what the factor multiplies", needed=True),
    Word("effect", "factor", POSITIVE, "at touch 1", needed=True),
    Word("effect", "grade", choice(GRADES), "how good the evidence is", needed=True),
    Word("effect", "source", TEXT, 'where the number comes from; "judgement"', needed=True),
    Word(
        "effect", "when", Kind("a table", _inner("when")), "only features with these tags",
        relations=_BESIDE + _OWN + _CROSSES,
    ),
    Word(
        "effect", "unknown", SHARE, "share of which it holds where the tag is absent",
        relations=_BESIDE + _OWN + _CROSSES,
    ),
    Word("when", "osm", OSM, "tags of the feature itself", needed=True),
    Word(
        "active", "days", choices(DAYS, "day types"),
        "school days are workdays, public holidays weekends; eve, first and last day of a break; "
        "left out: every day", default=(),
    ),
    Word(
        "active", "hours", HOURS,
        "left out: all day", default=(),
    ),
    Word("active", "light", choices(LIGHTS, "lights"), "by the sun; left out: any", default=()),
    Word("active", "season", choices(SEASONS, "seasons"), "left out: any", default=()),
    Word("active", "farm", choices(FARM, "farm seasons"), "left out: any", default=()),
    Word("active", "weather", choices(WEATHERS, "weathers"), "left out: any", default=()),
    Word("active", "holiday", choices(HOLIDAYS, "holidays"), "left out: any day", default=()),
    Word(
        "active", "offset_days", OFFSETS,
        "days before its first and after its last day off that count too", default=(0, 0),
    ),
    Word("question", "osm", OSM, "lines that cross a road on the ground", needed=True),
    Word("question", "text", BILINGUAL, "the question", needed=True),
    Word("example", "touch", SHARE, "the touch to expect", needed=True),
    Word(
        "example", "distance_m", NOT_NEGATIVE, "how far the feature is from the road",
        needed=(*_BESIDE, *_CROSSES),
    ),
    Word("example", "amount", COUNT, "how many of the first source; left out: 1", relations=_NEAR),
    Word("example", "share", SHARE, "how much of the road is inside", _INSIDE, _INSIDE),
    Word("example", "osm", OSM, "tags of the road", _OWN, _OWN),
    Word("example", "value", NUMBER, "the quantity of the road", _MEASURE, _ALONG + _MEASURE),
    Word("example", "area", choice(AREAS), "area of the road", relations=_BESIDE + _ON_ROAD),
    Word(
        "example", "bridge", FLAG, "the road is on a bridge",
        relations=_BESIDE + _ON_ROAD + _CROSSES,
    ),
    Word("example", "tunnel", FLAG, "the road is in a tunnel", relations=_BESIDE + _ON_ROAD),
    Word("example", "oneway", FLAG, "one direction only", relations=_BESIDE + _ON_ROAD),
    Word(
        "example", "road_class", choice(ROAD_CLASSES), "class of the road",
        relations=_BESIDE + _ON_ROAD,
    ),
    Word(
        "example", "classes", choices(ROAD_CLASSES, "road classes", again=True),
        "classes of the approaches, one each", needed=_JUNCTION, relations=_JUNCTION,
    ),
    Word("example", "control", choice(CONTROLS), "control there", relations=_JUNCTION),
    Word("example", "approaches", COUNT, "left out: one per class", relations=_JUNCTION),
    Word("example", "centrality", SHARE, "rank among all junctions", relations=_JUNCTION),
    Word("example", "class_step", COUNT, "left out: from the classes", relations=_JUNCTION),
    Word("advice", "police", ADVICE, "by the traffic police", default=()),
    Word("advice", "agency", ADVICE, "by the road agency and others", default=()),
    Word("advice", "education", ADVICE, "by talking to people", default=()),
    Word("advice", "public", ADVICE, "by road users; the travel notice says it", default=()),
    Word("scenario", "title", BILINGUAL, "its name on the page", needed=True),
    Word("scenario", "why", BILINGUAL, "what it asks or does", needed=True),
    Word("scenario", "layers", TABLE, "what changes, a table for each layer", needed=True),
    Word(
        "change", "scale", POSITIVE, "power on the layer's factors; 2 doubles their logs",
        default=1.0,
    ),
    Word("change", "off", FLAG, "the layer does not count", default=False),
    Word("change", "effect", TABLES, "more effects, where the layer touches", default=[]),
)  # fmt: skip
