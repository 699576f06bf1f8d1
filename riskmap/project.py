"""A project: one file that names what a brigade has."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskmap.errors import RiskmapError
from riskmap.office import NOBODY, Office, read_office

KEYS = (
    "name", "extract", "dem", "points", "points_crs", "register", "facts", "traffic", "crashes",
    "layers", "scenario", "calendar", "language", "baseline", "baseline_mvkm", "parameters",
    "documents",
)  # fmt: skip
BASELINES = ("baseline", "baseline_mvkm")
"""Tables of the least rate of each level: per km and year, and per million vehicle-km."""
OPTIONS = (
    "dem", "points", "points_crs", "register", "facts", "traffic", "crashes", "layers", "scenario",
    "calendar",
)  # fmt: skip
"""What can be given beside the project."""
SYSTEMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
"""Coordinate systems in which a brigade's lists may be."""
POINTS = Path("data") / "points"
"""Where the lists are looked for unless a project or an option says otherwise."""
CRASHES = Path("data") / "crashes"
"""Where a project's crash records are looked for unless it or an option says otherwise."""
FACTS = (".csv", ".xlsx", ".geojson", ".gpkg", ".shp", ".kml", ".kmz")
"""Endings of a file of facts, and of one of traffic."""
LANGUAGES = ("zh", "en")
REGISTER = "register.sqlite"
"""Where a project's hazard register is unless it or an option says otherwise."""
POSITIVE = (
    "length_m", "draws", "spacing", "trip_s", "cap", "per_mvkm", "kph", "aadt", "factor",
    "officers_post", "officers_car", "officers_motorcycle",
)  # fmt: skip
"""Constants that divide or multiply everything: 0 or less has no meaning."""
WHOLE = (
    "draws", "spacing", "seed", "year", "officers_post", "officers_car", "officers_motorcycle",
)  # fmt: skip
"""Constants that count."""

TEMPLATE = """\
# A riskmap project: what this brigade has. Paths are relative to this file.
name = {name}
extract = {extract}        # OpenStreetMap: .osm.pbf, .osm, .osm.gz or .osm.bz2
# dem = "n28e117.hgt"      # elevation: a GeoTIFF, an SRTM .hgt, or a folder of either
# points = "data/points"   # your own lists, e.g. congestion.csv; templates lie in data/templates
# points_crs = "gcj02"     # where they do not say: wgs84, gcj02 (Amap), bd09 (Baidu), cgcs2000
# register = "register.sqlite" # the hazard register; it is made when the first one is entered
# facts = "facts.csv"      # speed limit, lights, guard rail, width, traffic count of single roads
# traffic = "traffic.csv"  # your own hourly counts and congestion records
# crashes = "data/crashes" # crash records: a CSV, XLSX or Parquet file, or a folder of them
# layers = "layers"        # a folder of layer files instead of the ones that riskmap brings
# scenario = "guard_rails" # an overlay of effects, by name or path: a what-if or a campaign
# calendar = "calendar.toml" # school terms, farm seasons, holidays; template in data/templates
language = "zh"            # zh or en

# Least harm per km and year of each level: the worst 1, 5 and 20 % of road length when this file
# was written. Every hour and every later record is coloured against them; [baseline_mvkm] has the
# same per million vehicle-km. Delete both tables to take new ones.
[baseline]
{baseline}
{baseline_mvkm}
# Any constant of parameters.toml can be replaced here, e.g.
# [parameters.rate]
# per_mvkm = 0.25

# What documents say of you; what is missing is left as a line to write on.
# [documents]
# unit = "某县公安局交通警察大队"
# addressee = "某县交通运输局" # of a referral to one agency; else the agency of the road's class
# number = "2026-1"
# contact = "李警官"
# phone = "0701-1234567"
# templates = "templates"    # your own; `riskmap templates templates` copies ours there
# simulated = "事故记录"     # which data are simulated, if any: every document says so
"""


@dataclass(frozen=True)
class Project:
    """What to assess and how: paths that exist, and the whole table of parameters."""

    name: str
    extract: Path
    parameters: Mapping[str, Any]
    dem: Path | None = None
    points: Path | None = None
    points_crs: str | None = None
    register: Path | None = None
    facts: Path | None = None
    traffic: Path | None = None
    crashes: Path | None = None
    layers: Path | None = None
    scenario: str | None = None
    calendar: Path | None = None
    language: str = LANGUAGES[0]
    baseline: Mapping[str, float] | None = None
    baseline_mvkm: Mapping[str, float] | None = None
    home: Path = Path()
    office: Office = NOBODY


def open_project(
    source: str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    **options: str | Path | None,
) -> Project:
    """
    Open a project file, or make a project of an extract. Options come before the file.

    Parameters
    ----------
    source
        A project file (`.toml`) or an extract.
    parameters
        Values that replace constants, after those of the file.
    options
        Any of `OPTIONS`; None is not given.

    Raises
    ------
    TypeError
        An option that nobody knows.
    RiskmapError
        A file that is missing or wrong, with the key and the way out.
    """
    for option in set(options) - set(OPTIONS):
        message = f"unexpected option '{option}'{meant(option, OPTIONS)}"
        raise TypeError(message)
    source = Path(source)
    table: dict[str, Any] = {}
    extract, home = source, Path()
    if source.suffix.lower() == ".toml":
        table = read_toml(source)
        home = source.parent
        _check(source, table)
        extract = _existing(source, "extract", home / table["extract"])
    own = table.get("parameters", {})
    rules = _overlaid(constants(), own, f"{source}: [parameters]")
    rules = _overlaid(rules, parameters or {}, "parameters")

    def path(key: str) -> Path | None:
        given = options.get(key)
        return Path(given) if given else _given(source, table, key, home)

    def named(key: str) -> str | None:
        return str(options.get(key) or table.get(key) or "") or None

    records = home / CRASHES if table and (home / CRASHES).is_dir() else None
    lists = path("points") or (home / POINTS if (home / POINTS).is_dir() else None)
    system = named("points_crs")
    if system and system not in SYSTEMS:
        raise RiskmapError(f"{source}: points_crs = '{system}'{meant(system, SYSTEMS)}")
    return Project(
        name=table.get("name") or _stem(extract),
        extract=extract,
        parameters=rules,
        dem=_there(source, "dem", path("dem")),
        points=_folder(source, lists),
        points_crs=system,
        register=_made_later(options.get("register"), table, home),
        facts=_there(source, "facts", path("facts")) or _among(lists, "facts"),
        traffic=_there(source, "traffic", path("traffic")) or _among(lists, "traffic"),
        crashes=_there(source, "crashes", path("crashes")) or records,
        layers=path("layers"),
        scenario=named("scenario") if options.get("scenario") else _scenario(home, table),
        calendar=_there(source, "calendar", path("calendar")),
        language=table.get("language", LANGUAGES[0]),
        baseline=table.get("baseline"),
        baseline_mvkm=table.get("baseline_mvkm"),
        home=home,
        office=read_office(source, table.get("documents", {}), home),
    )


def constants() -> dict[str, Any]:
    """Every constant of the score as riskmap brings it: `parameters.toml`."""
    return read_toml(Path(__file__).with_name("parameters.toml"))


def template(
    name: str,
    extract: str,
    baseline: Mapping[str, float],
    given: Mapping[str, str] | None = None,
    baseline_mvkm: Mapping[str, float] | None = None,
) -> str:
    """Text of a new project file; `given` are `OPTIONS` to state in it, the others are comments."""
    per_mvkm = f"\n[baseline_mvkm]\n{_levels(baseline_mvkm)}\n" if baseline_mvkm else ""
    text = TEMPLATE.format(
        name=_quoted(name), extract=_quoted(extract), baseline=_levels(baseline),
        baseline_mvkm=per_mvkm,
    )  # fmt: skip
    for key, value in (given or {}).items():
        before, after = re.split(rf'^# {key} = "[^"]*"', text, flags=re.MULTILINE)
        text = f"{before}{key} = {_quoted(value)}{after}"
    return text


def _levels(baseline: Mapping[str, float]) -> str:
    return "\n".join(f"{level} = {value:.6g}" for level, value in baseline.items())


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file in UTF-8."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as fault:
        raise RiskmapError(f"{path}: no such file; make one with `riskmap init EXTRACT`") from fault
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise RiskmapError(f"{path}: cannot be read as TOML ({fault})") from fault


def _check(path: Path, table: Mapping[str, Any]) -> None:
    for key in table:
        if key not in KEYS:
            raise RiskmapError(f"{path}: unknown key '{key}'{meant(key, KEYS)}")
    if not isinstance(table.get("parameters", {}), dict):
        raise RiskmapError(f"{path}: parameters must be a table, [parameters.rate] and so on")
    for key in (key for key in KEYS if key not in {*BASELINES, "parameters", "documents"}):
        if not isinstance(table.get(key, ""), str):
            raise RiskmapError(f"{path}: {key} must be text in quotes")
    if not table.get("extract"):
        raise RiskmapError(f"{path}: names no extract; add extract = 'your.osm.pbf'")
    if table.get("language", "zh") not in LANGUAGES:
        raise RiskmapError(f"{path}: language must be one of {', '.join(LANGUAGES)}")
    for key in (key for key in BASELINES if key in table):
        check_baseline(path, key, table[key])


def check_baseline(path: Path, key: str, baseline: Any) -> None:  # noqa: ANN401  # of TOML
    """Refuse thresholds of levels that are none; `path` and `key` begin the message."""
    levels = ("red", "orange", "yellow")
    values = [baseline.get(level, 0) for level in levels] if isinstance(baseline, dict) else [0]
    numbers = all(_kind(value) == "a number" and value > 0 for value in values)
    if not numbers or set(baseline) != set(levels) or sorted(values, reverse=True) != values:
        raise RiskmapError(
            f"{path}: [{key}] needs red ≥ orange ≥ yellow > 0 and nothing else; delete it to "
            "take new levels"
        )


def _folder(path: Path, folder: Path | None) -> Path | None:
    if folder and not _existing(path, "points", folder).is_dir():
        raise RiskmapError(f"{path}: points = '{folder}' is no folder; name that of your lists")
    return folder


def _scenario(home: Path, table: Mapping[str, Any]) -> str | None:
    """Name of a scenario, or a path from the project's folder."""
    stated = table.get("scenario") or None
    return str(home / stated) if stated and stated.lower().endswith(".toml") else stated


def _among(lists: Path | None, key: str) -> Path | None:
    """Facts or traffic that lie among the lists, where nothing else names a file of them."""
    found = sorted(lists.glob(f"{key}.*")) if lists and lists.is_dir() else []
    found = [path for path in found if path.suffix.lower() in FACTS]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise RiskmapError(f"{lists}: holds {names}; keep one of them, or name it with --{key}")
    return found[0] if found else None


def _there(path: Path, key: str, target: Path | None) -> Path | None:
    return None if target is None else _existing(path, key, target)


def _made_later(option: str | Path | None, table: Mapping[str, Any], home: Path) -> Path | None:
    """The register: it is made when the first hazard is entered."""
    if option:
        return Path(option)
    return home / (table.get("register") or REGISTER) if table else None


def _given(path: Path, table: Mapping[str, Any], key: str, home: Path) -> Path | None:
    return _existing(path, key, home / table[key]) if table.get(key) else None


def _existing(path: Path, key: str, target: Path) -> Path:
    if not target.exists():
        raise RiskmapError(f"{path}: {key} = '{target}' does not exist; mend the path")
    return target


def _overlaid(
    base: Mapping[str, Any], own: Mapping[str, Any], where: str, *, positive: bool = False
) -> dict[str, Any]:
    """Tables of `base` with the values of `own` in their place."""
    result = dict(base)
    for key, value in own.items():
        if key not in base:
            raise RiskmapError(f"{where}: unknown key '{key}'{meant(key, base)}")
        known = base[key]
        if isinstance(known, Mapping) != isinstance(value, Mapping):
            raise RiskmapError(f"{where}: {key} must be {_kind(known)}")
        if isinstance(known, Mapping):
            above = positive or key in POSITIVE
            result[key] = _overlaid(known, value, f"{where}.{key}", positive=above)
        elif _kind(known) != _kind(value):
            raise RiskmapError(f"{where}: {key} must be {_kind(known)}, not {value!r}")
        elif wrong := _refused(key, known, value, positive=positive or key in POSITIVE):
            raise RiskmapError(f"{where}: {key} must be {wrong}, not {value!r}")
        else:
            result[key] = value
    return result


def _refused(key: str, known: object, value: Any, *, positive: bool) -> str:  # noqa: ANN401  # of TOML
    """Say what a value of the right kind must be and is not; "" if nothing."""
    if isinstance(known, list):
        kinds = {_kind(item) for item in known}
        alike = {_kind(item) for item in value} <= kinds
        return "" if alike else f"a list of {' or '.join(sorted(kinds))}"
    if _kind(value) != "a number":
        return ""
    if key in WHOLE and not isinstance(value, int):
        return "a whole number"
    if positive and not value > 0:
        return "above 0"
    return "" if math.isfinite(value) else "finite"


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return kinds.get(type(value), "a table")


def meant(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """Say what a word that is not known may have been meant for, to end a message."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(known)}"


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _quoted(value: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise RiskmapError(f"{value!r}: such a name cannot stand in a project file; rename it")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
