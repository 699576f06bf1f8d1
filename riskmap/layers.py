"""Layer files → layers.

`riskmap.vocabulary` checks every word by itself; here stand the checks between words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from riskmap.errors import RiskmapError
from riskmap.layer import (
    LISTED_M,
    Active,
    Effect,
    Example,
    Layer,
    Osm,
    Question,
    Relief,
    Source,
    Touch,
)
from riskmap.resources import packaged
from riskmap.values import At, overlap
from riskmap.vocabulary import DAYS, RELATIONS, read_table

__all__ = ["read_layer", "read_layers"]

JUDGEMENT = "judgement"
RESERVED = ("base", "base_junction", "base_rail", "cap")
"""Lines of the reasons that are no layers."""
_POINTED = ("near", "along", "at_junction", "crosses")
"""Relations that look for features themselves."""


def read_layers(folder: str | Path | None = None) -> dict[str, Layer]:
    """
    Read every layer file of a folder.

    Parameters
    ----------
    folder
        Folder with `*.toml`. None reads the layers that travel with riskmap.

    Returns
    -------
    Layers by name, sorted.

    Raises
    ------
    RiskmapError
        A folder that is missing or has no layers, a fault in any file, two layers of one name.

    Examples
    --------
    >>> from riskmap.layers import read_layers
    >>> read_layers()["school"].title["zh"]
    '校园周边路段'
    """
    folder = packaged("layers") if folder is None else Path(folder)
    if not folder.is_dir():
        raise RiskmapError(f"{folder}: no such folder; name the one that holds the layer files")
    try:
        paths = sorted(p for p in folder.glob("*.toml") if not p.name.startswith("."))
    except OSError as fault:
        raise RiskmapError(f"{folder}: cannot be listed ({fault.strerror})") from fault
    if not paths:
        raise RiskmapError(f"{folder}: holds no layer file (*.toml); copy one there from layers/")
    layers: dict[str, Layer] = {}
    for path in paths:
        layer = read_layer(path)
        for other in layers.values():
            _distinct(At(label(path)), layer, other)
        layers[layer.name] = layer
    return layers


def read_layer(path: str | Path) -> Layer:
    """
    Read one layer file.

    Raises
    ------
    RiskmapError
        With the file, the key, what is wrong with it, and the way out.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap.layers import read_layer
    >>> path = riskmap.sample().parents[1] / "layers" / "water.toml"
    >>> read_layer(path).group
    'roadside'
    """
    path = Path(path)
    at = At(label(path))
    if not path.stem.isidentifier() or path.stem in RESERVED:
        raise at.error(
            "cannot be the name of a layer; name the file with letters, digits and _, "
            f"other than {', '.join(RESERVED)}"
        )
    document = read_toml(path, at)
    # the relation decides which other words there may be
    relation = _relation(document)
    top = read_table(document, at, "layer", relation)
    touch = _touch(top["touch"], at.inside("[touch]"), relation)
    sources = _each(top, "source", at, relation)
    effects = _each(top, "effect", at, relation)
    examples = _each(top, "example", at, relation)
    for here, effect in effects:
        if effect.get("when") and touch.measure is not None:
            raise here.error(
                f"'when' {here.place} does not go with measure in [touch]; leave one of them out"
            )
    layer = Layer(
        name=path.stem,
        title=top["title"],
        why=top["why"],
        symbol=top["symbol"],
        group=top["group"],
        sources=tuple(_source(here, row, touch) for here, row in sources),
        touch=touch,
        effects=tuple(_effect(here, row, relation) for here, row in effects),
        active=read_active(at, top["active"]),
        examples=tuple(_example(here, row, relation) for here, row in examples),
        advice=read_table(top["advice"], at.inside("[advice]"), "advice"),
        questions=tuple(Question(**row) for _, row in _each(top, "question", at, relation)),
    )
    _once(at, layer)
    return layer


def wanted_tags(layers: Mapping[str, Layer] | Iterable[Layer]) -> dict[str, set[str] | None]:
    """
    List the tags that the layers need from an extract.

    Of tags that must all hold one is enough to find the object, which keeps its others.

    Returns
    -------
    Key → values to read; None reads every value.
    """
    wanted: dict[str, set[str] | None] = {}
    for layer in layers.values() if isinstance(layers, Mapping) else layers:
        asked: list[Osm] = []
        if layer.touch.relation != "own":  # the roads are read with all their tags
            asked += [source.osm for source in layer.sources if source.osm]
        asked += [{key: v} for source in layer.sources for key, v in source.prefer.items()]
        asked += [question.osm for question in layer.questions]
        asked += [layer.touch.relieved.osm] if layer.touch.relieved else []
        for osm in asked:
            key, values = min(osm.items(), key=lambda tag: "*" in tag[1])
            known = wanted.get(key, set())
            wanted[key] = None if "*" in values or known is None else known | set(values)
    return wanted


# --- one file ----------------------------------------------------------------------------------


def label(path: Path) -> str:
    """Folder and name of a file, for its errors."""
    path = path.absolute()
    return f"{path.parent.name}/{path.name}"


def read_toml(path: Path, at: At) -> dict[str, Any]:
    """
    Read a TOML file in UTF-8, with or without a byte order mark.

    Raises
    ------
    RiskmapError
        A file that is missing, unreadable, not UTF-8 or not TOML.
    """
    try:
        # Windows editors write a byte order mark
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        raise at.error(f"cannot be read ({fault.strerror}); check its path and rights") from fault
    except UnicodeDecodeError as fault:
        raise at.error("is not UTF-8; save it again with the encoding UTF-8") from fault
    except (ValueError, RecursionError) as fault:
        what = " ".join(str(fault).split())
        raise at.error(f"is not TOML: {what}; mend that line") from fault


def _relation(document: Mapping[str, Any]) -> str:
    """Return the relation, "" where it is missing or wrong: [touch] is refused for that later."""
    touch = document.get("touch")
    relation = touch.get("relation") if isinstance(touch, dict) else None
    return relation if isinstance(relation, str) and relation in RELATIONS else ""


def _each(
    top: Mapping[str, Any], name: str, at: At, relation: str
) -> list[tuple[At, dict[str, Any]]]:
    places = [at.inside(f"[[{name}]] {number}") for number in range(1, len(top[name]) + 1)]
    return [
        (here, read_table(row, here, name, relation))
        for here, row in zip(places, top[name], strict=True)
    ]


def _touch(table: Mapping[str, Any], at: At, relation: str) -> Touch:
    row = read_table(table, at, "touch", relation)
    if row["decay"] == "flat":
        if "full_m" in table:
            raise at.error(f"'full_m' {at.place} does not go with decay 'flat'; leave it out")
        row["full_m"] = row["reach_m"]
    if row["full_m"] > row["reach_m"]:
        raise at.error(
            f"'full_m' {at.place} is {row['full_m']:g}, beyond reach_m = {row['reach_m']:g}; "
            "touch falls from full_m to reach_m, so give a larger reach_m"
        )
    if row["combine"] == "max" and row["cap"] is not None:
        raise at.error(f"'cap' {at.place} does not go with combine 'max'; leave it out")
    if row["combine"] != "max" and row["cap"] is None:
        raise at.error(
            f"missing key 'cap' {at.place}; combine '{row['combine']}' needs the sum at which "
            "touch is 1"
        )
    _classes(row, at)
    _measure(table, row, at)
    if row["beside_m"] is None:
        row["beside_m"] = 0.0 if relation in {"", *_POINTED} else LISTED_M
    relieved = row["relieved"]
    if relieved:
        check_evidence(at.inside("relieved"), relieved)
        relieved = Relief(**relieved)
    where = {name: value for name, value in row["where"].items() if value is not None}
    cap = 1.0 if row["cap"] is None else row["cap"]
    return Touch(**{**row, "relieved": relieved, "where": where, "cap": cap})


def _classes(row: Mapping[str, Any], at: At) -> None:
    if bool(row["minor"]) != bool(row["major"]):
        given, absent = ("minor", "major") if row["minor"] else ("major", "minor")
        raise at.error(f"'{given}' {at.place} needs '{absent}' beside it; add the other classes")
    both = [name for name in row["minor"] if name in row["major"]]
    if both:
        raise at.error(f"'{both[0]}' {at.place} is both minor and major; leave it in one of them")


def _measure(table: Mapping[str, Any], row: Mapping[str, Any], at: At) -> None:
    if (row["measure"] is None) != (not row["steps"]):
        given, absent = ("steps", "measure") if row["steps"] else ("measure", "steps")
        raise at.error(f"'{given}' {at.place} needs '{absent}' beside it; add it")
    if row["measure"] is None and "unknown" in table:
        raise at.error(f"'unknown' {at.place} goes with measure only; leave it out")


def _source(at: At, row: dict[str, Any], touch: Touch) -> Source:
    kinds = [name for name in ("osm", "network", "file") if row[name]]
    if not kinds:
        raise at.error(f"{at.table} is empty; give it osm, network or file")
    if len(kinds) > 1:
        raise at.error(
            f"{at.table} has both {kinds[0]} and {kinds[1]}; "
            "make them two [[source]] tables: tables are alternatives"
        )
    for word in ("min_area_m2", "prefer", "exclude"):
        if row[word] and not row["osm"]:
            raise at.error(f"'{word}' {at.place} goes with osm only; leave it out")
    if row["overrides"] and not row["file"]:
        raise at.error(f"'overrides' {at.place} goes with file only; leave it out")
    if row["amount"] != 1 and touch.combine == "max":
        raise at.error(
            f"'amount' {at.place} does nothing with combine 'max'; "
            "leave it out, or combine by capped_sum or log_sum"
        )
    return Source(**row)


def read_effect(at: At, value: Mapping[str, Any], relation: str) -> Effect:
    """Check and convert one effect of a layer of this relation."""
    return _effect(at, read_table(value, at, "effect", relation), relation)


def _effect(at: At, row: dict[str, Any], relation: str) -> Effect:
    check_evidence(at, row)
    whole = row["on"] in {"flow", "speed"}
    if whole and row["family"] != "all":
        raise at.error(
            f"'family' {at.place} is '{row['family']}'; {row['on']} acts on every family: "
            "give 'all'"
        )
    if not whole and row["family"] == "all":
        raise at.error(
            f"'family' {at.place} is 'all'; that goes with flow and speed only: name one family"
        )
    if row["family"] == "rail" and relation != "crosses":
        raise at.error(
            f"'family' {at.place} is 'rail', but the relation is '{relation}'; "
            "use relation 'crosses', or name another family"
        )
    if (row["when"] is None) != (row["unknown"] is None):
        given, absent = ("when", "unknown") if row["unknown"] is None else ("unknown", "when")
        raise at.error(
            f"'{given}' {at.place} needs '{absent}' beside it; "
            "add the tags, and the share of which they are assumed where absent"
        )
    when = None if row["when"] is None else row["when"]["osm"]
    return Effect(**{**row, "when": when})


def check_evidence(at: At, row: Mapping[str, Any]) -> None:
    """Refuse a judgement that is not graded D, and a grade D that names a source."""
    judged = row["source"].lower() == JUDGEMENT
    if row["grade"] == "D" and row["source"] != JUDGEMENT:
        raise At(at.file, at.table, "source").unfit(
            row["source"], f'grade D is a judgement: write source = "{JUDGEMENT}", or grade it A–C'
        )
    if row["grade"] != "D" and judged:
        raise At(at.file, at.table, "grade").unfit(
            row["grade"], "a judgement is grade D; name a source, or grade it D"
        )


def read_active(at: At, tables: Sequence[Any]) -> tuple[Active, ...]:
    """Check and convert the [[active]] tables of a file."""
    places = [at.inside(f"[[active]] {number}") for number in range(1, len(tables) + 1)]
    found = tuple(
        _active(here, read_table(row, here, "active"))
        for here, row in zip(places, tables, strict=True)
    )
    # tables that differ in light, season, weather or holiday may share hours
    alike: dict[Active, list[Active]] = {}
    for active in found:
        alike.setdefault(replace(active, days=(), hours=()), []).append(active)
    for own in alike.values():
        for day in DAYS:
            if overlap(hour for one in own if day in one.days for hour in one.hours):
                raise at.error(f"two [[active]] tables overlap on day '{day}'; join their hours")
    return found


def _active(at: At, row: dict[str, Any]) -> Active:
    if not any(row[word] for word in row if word != "offset_days"):
        raise at.error(f"{at.table} is empty; give it days or hours, or leave it out: always")
    if row["offset_days"] != (0, 0) and not row["holiday"]:
        raise at.error(f"'offset_days' {at.place} needs 'holiday' beside it; add it")
    return Active(
        **{**row, "days": row["days"] or DAYS, "hours": row["hours"] or ((0.0, 24.0),)}
    )


def _example(at: At, row: dict[str, Any], relation: str) -> Example:
    if relation == "at_junction" and row["distance_m"]:
        raise At(at.file, at.table, "distance_m").unfit(
            row["distance_m"], "examples of at_junction stand on the junction: leave it out"
        )
    given = {key: value for key, value in row.items() if key != "touch" and value is not None}
    return Example(given, row["touch"])


def _once(at: At, layer: Layer) -> None:
    seen: list[tuple[str, str, Osm | None]] = []
    for number, effect in enumerate(layer.effects, 1):
        this = (effect.family, effect.on, effect.when)
        if this in seen:
            raise at.error(
                f"[[effect]] {seen.index(this) + 1} and {number} act on the same "
                f"({effect.family}, {effect.on}); make them one"
            )
        seen.append(this)


def _distinct(at: At, layer: Layer, other: Layer) -> None:
    if layer.name.casefold() == other.name.casefold():
        raise at.error(f"has the name of {other.name}.toml; names differ in more than capitals")
    for lang in ("zh", "en"):
        if layer.title[lang] == other.title[lang]:
            raise at.error(
                f"'{lang}' in title is '{layer.title[lang]}' as in {other.name}.toml; "
                "give it a title of its own"
            )
