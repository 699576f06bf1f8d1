"""What each command does: it asks the package, prints, and writes files."""

from __future__ import annotations

import argparse
import json
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.cli_manners import answer, end_progress, watch
from riskmap.cli_notes import printable as _plain
from riskmap.cli_notes import tell_cut
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, text

if TYPE_CHECKING:
    from riskmap.area import Area, By
    from riskmap.layer import Layer
    from riskmap.moments import When

GIVEN = (
    ("dem", "FILE", "elevation: a GeoTIFF, an SRTM .hgt, or a folder of either"),
    ("points", "DIR", "folder of the brigade's own lists (data/points)"),
    ("points_crs", "SYSTEM", "theirs where they do not say: wgs84, gcj02, bd09, cgcs2000"),
    ("register", "FILE", "the hazard register"),
    ("facts", "FILE", "exact facts about roads"),
    ("traffic", "FILE", "hourly counts and congestion records"),
    ("crashes", "PATH", "crash records: a file, or a folder of them"),
    ("layers", "DIR", "folder of layer files"),
    ("scenario", "NAME", "a what-if or a campaign, by name or file"),
    ("calendar", "FILE", "school terms, farm seasons and public holidays"),
)
"""What an area can be given besides its extract: option, value, help."""
LETTERHEAD = (
    ("unit", "NAME", "who issues it"),
    ("addressee", "NAME", "to whom a referral goes, if all is for one agency"),
    ("contact", "NAME", "whom to ask"),
    ("phone", "NUMBER", "of the contact"),
    ("number", "TEXT", "number of the document; of several letters it is left blank"),
    ("simulated", "WHAT", "which of the data are simulated: it is said in the document"),
)
"""What stands on a document: option, value, help."""


def init(options: argparse.Namespace) -> int:
    """Write a project file for an extract."""
    export, project = import_module("riskmap.export"), import_module("riskmap.project")
    target: Path = options.output
    if target.exists():
        raise RiskmapError(f"{target}: exists already; choose another name or remove it")
    export.check_folder(target)
    area = _assessed(options, options.extract)
    home = target.resolve().parent
    given = {key: getattr(options, key) for key, *_ in GIVEN if getattr(options, key)}
    for key, value in given.items():
        # a scenario may be a name; a register need not be there yet
        if key == "register" or Path(value).exists():
            given[key] = _beside(home, value)
    extract = _beside(home, options.extract)
    written = project.template(area.name, extract, area.thresholds, given, area.thresholds_mvkm)
    export.write_text(target, written)
    length = _kilometres(area)
    return answer(
        options, {"file": str(target), "area": area.name, "road_km": round(length, 1)},
        f"{target}: {area.name}, {length:.0f} km of road",
    )  # fmt: skip


def fetch(options: argparse.Namespace) -> int:
    """Get an extract of a place from OpenStreetMap."""
    code = import_module("riskmap.cli_fetch").run(options, watch(options))
    end_progress()
    return int(code)


def doctor(options: argparse.Namespace) -> int:
    """Say whether all is there that riskmap needs."""
    return int(import_module("riskmap.cli_doctor").run(options))


def _beside(home: Path, path: str) -> str:
    """Path as a project in that folder writes it."""
    target = Path(path).resolve()
    return (target.relative_to(home) if target.is_relative_to(home) else target).as_posix()


def hotspots(options: argparse.Namespace) -> int:
    """List the worst pieces of road."""
    return _write_list(options, options.top, options.by, joined=options.stretches)


def score(options: argparse.Namespace) -> int:
    """Score every piece of road."""
    return _write_list(options, None, "km")


def _write_list(
    options: argparse.Namespace, top: int | None, by: By, *, joined: bool = False
) -> int:
    import_module("riskmap.cli_terms").check(options)
    area = _assessed(options)
    when = _when(options, area)
    write = import_module("riskmap.cli_lists").write
    return int(write(options, area, top=top, by=by, when=when, joined=joined))


def changes(options: argparse.Namespace) -> int:
    """Compare two lists."""
    return int(import_module("riskmap.cli_lists").changes(options))


def explain(options: argparse.Namespace) -> int:
    """Say why a piece scores so."""
    area, lang = _assessed(options), _language(options)
    when = _when(options, area)
    reasons = area.reasons(options.segment_id, when)
    score = area.scores(when).loc[options.segment_id]
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


def layers_check(options: argparse.Namespace) -> int:
    """Check every layer file and run its examples."""
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
    return answer(
        options, {"layers": len(layers), "examples": examples},
        f"{len(layers)} layers, {examples} examples: all right",
    )  # fmt: skip


def layers_list(options: argparse.Namespace) -> int:
    """List the layers."""
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


def points(options: argparse.Namespace) -> int:
    """Say what became of every row of the lists."""
    terms = import_module("riskmap.cli_terms").check(options)
    area, lang = _assessed(options), _language(options)
    table = area.report.drop(columns="why_en" if lang == "zh" else "why_zh")
    table = table.rename(columns={f"why_{lang}": "why"})
    if options.output:
        titled = import_module("riskmap.list_terms").titled(table, area.layers, **terms)
        import_module("riskmap.export").write_report(titled, options.output, **terms)
    if options.json:
        print(table.to_json(orient="records", force_ascii=False))
    elif options.output:
        print(f"{options.output}: {len(table)}")
    elif table.empty:
        print(text("import.none", lang))
    else:
        for row in table.itertuples():
            outcome = text(f"import.outcome.{row.outcome}", lang)
            place = f"{row.file}:{row.row}" if row.row else row.file
            print(_plain(f"{place}  {row.layer}  {row.name}  {outcome}  {row.why}"))
    return 0


def outlook(options: argparse.Namespace) -> int:
    """Compare a period with ordinary weeks."""
    import_module("riskmap.cli_terms").check(options)
    return int(import_module("riskmap.cli_outlook").run(options, _assessed(options)))


def calendar(options: argparse.Namespace) -> int:
    """Show the days of a year."""
    almanac = import_module("riskmap.cli_calendar")
    if options.area and options.project:
        raise RiskmapError("AREA and --project: give one of them")
    source = options.area or options.project
    calendar, language = almanac.calendar_of(source, options.calendar)
    year = date.today().year if options.year is None else options.year  # noqa: DTZ011  # of here
    table = almanac.year_of(calendar, year)
    if options.json:
        print(json.dumps(table, ensure_ascii=False))
    else:
        said = almanac.lines(table, options.lang or language or LANGUAGES[0])
        print("\n".join(_plain(line) for line in said))
    return 0


def campaigns(options: argparse.Namespace) -> int:
    """List campaigns, show one, or write when they are on."""
    return int(import_module("riskmap.cli_campaigns").run(options))


def register(options: argparse.Namespace) -> int:
    """Enter hazards and follow them."""
    return int(import_module("riskmap.cli_register").run(options))


def divert(options: argparse.Namespace) -> int:
    """Find the ways round the expected jams."""
    export, diversions = (import_module(f"riskmap.{name}") for name in ("export", "diversions"))
    terms = import_module("riskmap.cli_terms").check(options)
    area, lang = _assessed(options), _language(options)
    table = diversions.plan(area, _when(options, area), lang, jam=options.jam)
    titled = import_module("riskmap.list_terms").titled(table, area.layers, "kind", **terms)
    export.write_list(titled, options.output, kind="divert", **terms)
    tell_cut(table, options, lang)
    if options.json:
        print(table.drop(columns="geometry").to_json(orient="records", force_ascii=False))
    else:
        print(*map(_plain, diversions.said(table, lang)), sep="\n")
        print(f"{options.output}: {len(table)}")
    return 0


def deploy(options: argparse.Namespace) -> int:
    """Plan a shift."""
    import_module("riskmap.cli_terms").check(options)
    run = import_module("riskmap.cli_deploy").run
    return int(run(options, _assessed(options), watch(options)))


def duty(options: argparse.Namespace) -> int:
    """Lay logged duty beside the risk."""
    import_module("riskmap.cli_terms").check(options)
    return int(import_module("riskmap.cli_duty").run(options, _assessed(options)))


def referrals(options: argparse.Namespace) -> int:
    """List the hazards for the road agencies."""
    import_module("riskmap.cli_terms").check(options)
    return int(import_module("riskmap.cli_referrals").run(options, _assessed(options)))


def document(options: argparse.Namespace) -> int:
    """Write a document to print or to send."""
    documents = import_module("riskmap.cli_documents")
    documents.check(options)
    code = int(documents.run(options, _assessed(options), watch(options)))
    end_progress()
    return code


def templates(options: argparse.Namespace) -> int:
    """Copy the documents' templates out for editing."""
    return int(import_module("riskmap.cli_documents").templates(options))


def weather(options: argparse.Namespace) -> int:
    """Plan for bad weather."""
    export, badweather = (import_module(f"riskmap.{name}") for name in ("export", "badweather"))
    terms = import_module("riskmap.cli_terms").check(options)
    area, lang = _assessed(options), _language(options)
    at = area.moment(options.at, called="--at") if options.at else None
    table = badweather.plan(area, options.weather, at=at, top=options.top, lang=lang)
    export.write_list(
        table, options.output, area.coverage_table(lang), kind="weather", **terms
    )
    tell_cut(table, options, lang)
    if options.json:
        print(table.drop(columns="geometry").to_json(orient="records", force_ascii=False))
    else:
        print(*map(_plain, badweather.said(table, lang)), sep="\n")
        print(f"{options.output}: {len(table)}")
    return 0


def map_(options: argparse.Namespace) -> int:
    """Write one self-contained HTML map."""
    import_module("riskmap.export").check_folder(options.output)
    return int(import_module("riskmap.cli_map").run(options, _assessed(options), _when))


def year(options: argparse.Namespace) -> int:
    """Write a year against another as a workbook."""
    book = import_module("riskmap.cli_year")
    book.check(options)
    return int(book.run(options, _assessed(options)))


def backtest(options: argparse.Namespace) -> int:
    """Test the score on crashes that it has not seen."""
    area = _assessed(options)
    code = import_module("riskmap.cli_records").run(options, area, watch(options))
    end_progress()
    return int(code)


def crashes(options: argparse.Namespace) -> int:
    """Say what became of every crash record."""
    import_module("riskmap.cli_terms").check(options)
    return int(import_module("riskmap.cli_records").records(options, _assessed(options)))


def evaluate(options: argparse.Namespace) -> int:
    """Say whether crashes changed at some sites."""
    return int(import_module("riskmap.cli_records").evaluate(options, _assessed(options)))


def prone(options: argparse.Namespace) -> int:
    """List the sections that meet a rule for accident-prone sections."""
    import_module("riskmap.cli_terms").check(options)
    return int(import_module("riskmap.cli_records").prone_sections(options, _assessed(options)))


def columns(options: argparse.Namespace) -> int:
    """Write the column mapping of a file of crash records."""
    return int(import_module("riskmap.cli_records").mapping(options))


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
        progress=watch(options),
        **{option: getattr(options, option) for option, *_ in GIVEN},
    )
    end_progress()
    options.language = area.language
    import_module("riskmap.cli_notes").tell(area, _language(options))
    return area


def _language(options: argparse.Namespace) -> Any:  # noqa: ANN401  # Lang, from argparse
    return options.lang or getattr(options, "language", LANGUAGES[0])


def _when(options: argparse.Namespace, area: Area) -> When:
    """Hour or period that is asked about; None is the whole year."""
    if options.at and (options.first or options.last):
        raise RiskmapError("--at and --from: give an hour or a period, not both")
    if bool(options.first) != bool(options.last):
        raise RiskmapError("--from and --to go together; add the other")
    if options.at:
        return area.moment(options.at, options.weather, called="--at")
    if options.first:
        return area.period(options.first, options.last, options.weather)
    if options.weather is not None:
        raise RiskmapError(f"--weather {options.weather}: of which hour? add --at TIME")
    return None


def _kilometres(area: Area) -> float:
    return float(area.segments["length_m"].sum()) / 1000.0
