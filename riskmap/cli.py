"""The command line: calls, no formulas."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from riskmap import __version__
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, text
from riskmap.vocabulary import WEATHERS

if TYPE_CHECKING:
    from riskmap.area import Area, By
    from riskmap.layer import Layer
    from riskmap.moments import Moment

EXAMPLES = """\
examples:
  riskmap init county.osm.pbf -o area.toml
  riskmap hotspots area.toml -o hotspots.xlsx
  riskmap hotspots county.osm.pbf --at 2026-05-08T18:00 --by mvkm --top 20 -o friday.csv
  riskmap explain area.toml w1234.56-78.1
  riskmap map area.toml -o map.html
"""


GIVEN = (
    ("dem", "FILE", "elevation: a GeoTIFF, an SRTM .hgt, or a folder of either"),
    ("points", "DIR", "folder of the brigade's own lists (data/points)"),
    ("points_crs", "SYSTEM", "theirs where they do not say: wgs84, gcj02, bd09, cgcs2000"),
    ("facts", "FILE", "exact facts about roads"),
    ("traffic", "FILE", "the brigade's own hourly counts and congestion records"),
    ("layers", "DIR", "folder of layer files"),
    ("scenario", "NAME", "a what-if or a campaign, by name or file"),
)
"""What an area can be given besides its extract: option, value, help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0, or 2 with one line on standard error."""
    if isinstance(sys.stdout, TextIOWrapper):
        # a terminal that lacks a character shows another instead
        sys.stdout.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        if sys.stdout:
            sys.stdout.flush()
    except RiskmapError as fault:
        return _failed(str(fault))
    except BrokenPipeError:
        # whoever read along has seen enough
        _hush()
        return 0
    except OSError as fault:
        _hush()
        return _failed(f"{fault.filename or 'standard output'}: {fault.strerror}; mend that first")
    except MemoryError:
        return _failed("not enough memory; work on a smaller extract")
    except KeyboardInterrupt:
        return _failed("stopped; nothing was written")
    return code


def _failed(fault: str) -> int:
    """Say one line on standard error, whatever names and values stand in it."""
    _end_progress()
    if sys.stderr:
        print(f"riskmap: {' '.join(fault.splitlines())}", file=sys.stderr)
    return 2


def _hush() -> None:
    """Drop what is not printed yet: Python would try, and complain, again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; --help says the rest."""

    def error(self, message: str) -> NoReturn:
        sys.exit(_failed(f"{message}; see `{self.prog} --help`"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="riskmap",
        description="Where a county's roads are dangerous, when and why.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"riskmap {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = _command(commands, "init", _init, "write a project file for an extract")
    command.add_argument("extract", metavar="EXTRACT", help=".osm.pbf, .osm, .osm.gz or .osm.bz2")
    _output(command, "area.toml")

    command = _on_area(commands, "hotspots", _hotspots, "list the worst pieces of road")
    _moment(command)
    command.add_argument("--top", type=int, default=50, help="how many (50)")
    command.add_argument("--by", choices=["km", "mvkm", "total"], default="km", help="rank (km)")
    _output(command, "list.csv|xlsx|geojson|gpkg|kml|parquet")

    command = _on_area(commands, "score", _score, "score every piece of road")
    _moment(command)
    _output(command, "out.parquet|gpkg|csv|…")

    command = _on_area(commands, "explain", _explain, "say why a piece scores so", alone=False)
    command.add_argument("segment_id", metavar="SEGMENT_ID", help="from a list")
    _moment(command)

    command = commands.add_parser("layers", help="check layer files, or list layers")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="check|list")
    check = kinds.add_parser("check", help="check every layer file and run its examples")
    check.add_argument("folder", nargs="?", metavar="DIR", help="folder of layer files")
    check.set_defaults(run=_layers_check)
    _on_area(kinds, "list", _layers_list, "list the layers")

    command = _on_area(commands, "points", _points, "say what became of every row of the lists")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="report.csv")

    command = _on_area(commands, "map", _map, "write one self-contained HTML map")
    _moment(command)
    _output(command, "map.html")
    return parser


def _command(commands: Any, name: str, run: Any, help_: str) -> argparse.ArgumentParser:  # noqa: ANN401  # argparse names no type for its subparsers
    command: argparse.ArgumentParser = commands.add_parser(name, help=help_, description=help_)
    command.set_defaults(run=run)
    for option, metavar, said in GIVEN:
        command.add_argument(f"--{option.replace('_', '-')}", metavar=metavar, help=said)
    command.add_argument("--lang", choices=LANGUAGES, help="language (the project's, else zh)")
    return command


def _on_area(
    commands: Any, name: str, run: Any, help_: str, *, alone: bool = True  # noqa: ANN401  # as above
) -> argparse.ArgumentParser:
    command = _command(commands, name, run, help_)
    # where another word follows it, argparse could not tell which of the two is left out
    command.add_argument(
        "area", metavar="AREA", nargs="?" if alone else None, help="an extract or a project"
    )
    if alone:
        command.add_argument("--project", metavar="FILE", help="project file, instead of AREA")
    command.add_argument("--json", action="store_true", help="print JSON")
    return command


def _moment(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at", metavar="TIME", help="2026-05-01T18:00; without it the whole year")
    command.add_argument(
        "--weather", choices=WEATHERS, help="at that time; without it the season's mean"
    )


def _output(command: argparse.ArgumentParser, example: str) -> None:
    command.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help=example)


# --- commands ----------------------------------------------------------------------------------


def _init(options: argparse.Namespace) -> int:
    export, project = import_module("riskmap.export"), import_module("riskmap.project")
    target: Path = options.output
    if target.exists():
        raise RiskmapError(f"{target}: exists already; choose another name or remove it")
    export.check_folder(target)
    area = _assessed(options, options.extract)
    home = target.resolve().parent
    given = {key: getattr(options, key) for key, *_ in GIVEN if getattr(options, key)}
    for key, value in given.items():
        if Path(value).exists():  # a scenario may be a name
            given[key] = _beside(home, value)
    extract = _beside(home, options.extract)
    written = project.template(area.name, extract, area.thresholds, given)
    export.write_text(target, written)
    print(f"{target}: {area.name}, {_kilometres(area):.0f} km of road")
    return 0


def _beside(home: Path, path: str) -> str:
    """Path as a project in that folder writes it."""
    target = Path(path).resolve()
    return (target.relative_to(home) if target.is_relative_to(home) else target).as_posix()


def _hotspots(options: argparse.Namespace) -> int:
    return _write_list(options, options.top, options.by)


def _score(options: argparse.Namespace) -> int:
    return _write_list(options, None, "km")


def _write_list(options: argparse.Namespace, top: int | None, by: By) -> int:
    export = import_module("riskmap.export")
    export.check_target(options.output)
    area, lang = _assessed(options), _language(options)
    table = area.hotspots(top=top, by=by, moment=_moment_of(options, area), lang=lang)
    export.write_list(table, options.output, area.coverage_table(lang))
    first = table.iloc[0]
    summary = {
        "file": str(options.output), "rows": len(table), "area": area.name,
        "road_km": round(_kilometres(area), 1), "data_date": area.data_date,
        "worst": {"segment_id": first.segment_id, "name": first["name"], "level": first.level},
    }  # fmt: skip
    if options.json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        worst = f"{first.segment_id} {_plain(first['name'])}"
        print(f"{options.output}: {len(table)} × ≤100 m, {worst}")
    return 0


def _explain(options: argparse.Namespace) -> int:
    area, lang = _assessed(options), _language(options)
    moment = _moment_of(options, area)
    reasons = area.reasons(options.segment_id, moment)
    score = area.scores(moment).loc[options.segment_id]
    if options.json:
        rows = json.loads(reasons.to_json(orient="records", force_ascii=False))
        print(json.dumps({**score.to_dict(), "reasons": rows}, ensure_ascii=False))
        return 0
    segment = area.segments.loc[options.segment_id]
    against = score.harm_per_km / (area.model.harm().sum() / _kilometres(area))
    named = _plain(segment["name"] or segment["ref"])
    print(f"{options.segment_id}  {named}  {segment.road_class}")
    print(text("explain.score", lang, level=text(f"level.{score.level}", lang), times=against))
    print(text("explain.harm", lang, harm=score.harm_per_km, low=score.low, high=score.high))
    for row in reasons.itertuples():
        title = row.title_zh if lang == "zh" else row.title_en
        print(f"{row.share:8.1%}  {title}  {row.grade} {row.source}".rstrip())
    return 0


def _layers_check(options: argparse.Namespace) -> int:
    layers = import_module("riskmap.layers").read_layers(
        Path(options.folder) if options.folder else None
    )
    faults = [
        fault
        for layer in layers.values()
        for fault in import_module("riskmap.examples").faults(layer)
    ]
    if faults:
        raise RiskmapError("; ".join(faults))
    examples = sum(len(layer.examples) for layer in layers.values())
    print(f"{len(layers)} layers, {examples} examples: all right")
    return 0


def _layers_list(options: argparse.Namespace) -> int:
    if not options.area and not options.project:
        folder = Path(options.layers) if options.layers else None
        layers = import_module("riskmap.layers").read_layers(folder)
        rows = [_described(layer, _language(options)) for layer in layers.values()]
        if options.json:
            print(json.dumps(rows, ensure_ascii=False))
        else:
            print("\n".join("  ".join(row.values()) for row in rows))
        return 0
    area = _assessed(options)
    lang = _language(options)
    table = json.loads(area.coverage_table(lang).to_json(orient="records", force_ascii=False))
    for row in table:
        if row["about"] == "layer":
            row.update(_described(area.layers[row["name"]], lang))
    questions = area.questions.to_crs("EPSG:4326")
    if options.json:
        asked = json.loads(questions.to_json())["features"]
        print(json.dumps({"coverage": table, "questions": asked}, ensure_ascii=False))
        return 0
    columns = ("known_km", "assumed_km", "unknown_km", "touched_km", "features")
    for about in ("layer", "input"):
        heads = [text(f"data.column.{column}", lang) for column in columns]
        print("  ".join([*heads, text(f"data.{about}s", lang)]))
        for row in (row for row in table if row["about"] == about):
            cells = [f"{'' if row[c] is None else round(row[c], 1):>9}" for c in columns]
            words = (row["title"], row.get("family"), row.get("grade"))
            print("".join(cells), " ", "  ".join(word for word in words if word))
    for question in questions.itertuples():
        said = question.text_zh if lang == "zh" else question.text_en
        place = f"{question.geometry.x:.5f}, {question.geometry.y:.5f}"
        print(f"? {said}  {question.way_ids}  {place}")
    return 0


def _described(layer: Layer, lang: Any) -> dict[str, str]:  # noqa: ANN401  # Lang, from argparse
    return {
        "layer": layer.name,
        "title": layer.title[lang],
        "family": ", ".join(dict.fromkeys(effect.family for effect in layer.effects)),
        "grade": "".join(dict.fromkeys(effect.grade for effect in layer.effects)),
    }


def _points(options: argparse.Namespace) -> int:
    area, lang = _assessed(options), _language(options)
    table = area.report.drop(columns="why_en" if lang == "zh" else "why_zh")
    table = table.rename(columns={f"why_{lang}": "why"})
    if options.output:
        import_module("riskmap.export").write_report(table, options.output)
        print(f"{options.output}: {len(table)}")
    elif options.json:
        print(table.to_json(orient="records", force_ascii=False))
    elif table.empty:
        print(text("import.none", lang))
    else:
        for row in table.itertuples():
            outcome = text(f"import.outcome.{row.outcome}", lang)
            place = f"{row.file}:{row.row}" if row.row else row.file
            print(_plain(f"{place}  {row.layer}  {row.name}  {outcome}  {row.why}"))
    return 0


def _map(options: argparse.Namespace) -> int:
    export = import_module("riskmap.export")
    export.check_folder(options.output)
    area = _assessed(options)
    page = import_module("riskmap.webmap.folium_map").map_html(
        area, moment=_moment_of(options, area), lang=_language(options)
    )
    export.write_text(options.output, page)
    print(f"{options.output}: {len(page.encode()) / 1e6:.1f} MB")
    return 0


# --- shared ------------------------------------------------------------------------------------


def _assessed(options: argparse.Namespace, source: str | None = None) -> Area:
    source = source or options.area
    project = getattr(options, "project", None)
    if source and project:
        raise RiskmapError("AREA and --project: give one of them")
    if not source and not project:
        raise RiskmapError("AREA: name an extract or a project file")
    area = import_module("riskmap.assessment").assess(
        project or source,
        progress=_progress if _watched() else None,
        **{option: getattr(options, option) for option, *_ in GIVEN},
    )
    _end_progress()
    options.language = area.language
    for key, values in area.notes if sys.stderr else ():
        print(f"riskmap: {text(key, _language(options), **values)}", file=sys.stderr)
    for said in _import_notes(area, _language(options)) if sys.stderr else ():
        print(f"riskmap: {_plain(said)}", file=sys.stderr)
    return area


def _import_notes(area: Area, lang: Any) -> list[str]:  # noqa: ANN401  # Lang, from argparse
    """Say what is doubtful about whole lists, and how many of their rows were dropped."""
    report = area.report
    notes = report[report["outcome"] == "note"]
    said = [f"{file}: {why}" for file, why in zip(notes["file"], notes[f"why_{lang}"], strict=True)]
    rows = report[report["row"] > 0].groupby("file", sort=False)["outcome"]
    for file, outcomes in rows:
        dropped = int((outcomes == "dropped").sum())
        if dropped:
            key = "import.dropped" if len(outcomes) > 1 else "import.dropped_one"
            said.append(text(key, lang, file=file, dropped=dropped, rows=len(outcomes)))
    return said


def _language(options: argparse.Namespace) -> Any:  # noqa: ANN401  # Lang, from argparse
    return options.lang or getattr(options, "language", LANGUAGES[0])


def _moment_of(options: argparse.Namespace, area: Area) -> Moment | None:
    if options.at is None:
        if options.weather is not None:
            raise RiskmapError(f"--weather {options.weather}: of which hour? add --at TIME")
        return None
    moment: Moment = import_module("riskmap.moments").Moment.at(
        options.at, area.parameters, area.model.calendar.place, options.weather
    )
    if not moment.calendar_known and sys.stderr:
        years = import_module("riskmap.holidays").known()
        said = text("note.calendar", _language(options), first=min(years), last=max(years))
        print(f"riskmap: {said}", file=sys.stderr)
    return moment


def _kilometres(area: Area) -> float:
    return float(area.segments["length_m"].sum()) / 1000.0


def _watched() -> bool:
    return bool(sys.stderr) and sys.stderr.isatty()


def _plain(said: object) -> str:
    """Text of a map without what would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in str(said))


def _progress(stage: str, done: float) -> None:
    said = text(f"stage.{stage}", "en")
    print(f"\r\033[K{done:4.0%} {said}", end="", file=sys.stderr, flush=True)


def _end_progress() -> None:
    if _watched():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


