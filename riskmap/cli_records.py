"""`riskmap backtest` and `riskmap crashes`: what is asked, and what is answered."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap import (
    backtest,
    cli_terms,
    crashes,
    export,
    kde,
    osm,
    prone,
    record_files,
    study,
    verdict,
)
from riskmap.cli_manners import answer
from riskmap.cli_notes import tell_cut
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.record_cells import SEVERITIES
from riskmap.record_text import masked
from riskmap.spans import Span, years_of

if TYPE_CHECKING:
    from riskmap.area import Area


def run(
    options: argparse.Namespace, area: Area, progress: Callable[[str, float], None] | None
) -> int:
    """Hold years and squares out; write the table, the chart and the verdict."""
    if options.output:
        export.check_folder(options.output)
        if options.output.exists() and not options.output.is_dir():
            raise RiskmapError(f"{options.output}: is a file; name a folder for the three files")
    lang = language(options, area)
    if area.crashes is None:
        raise RiskmapError("backtest: needs crash records; add --crashes FILE")
    found = backtest.run(
        area.prior, area.network, area.crashes, train=years_of("--train", options.train),
        test=years_of("--test", options.test), replicates=options.replicates, progress=progress,
    )  # fmt: skip
    said = verdict.sentences(found, lang)
    written = []
    if options.output:
        written = verdict.write(found, options.output, lang, area=area.name)
    if options.json:
        print(json.dumps({
            "sentences": said, "table": json.loads(found.table.to_json(orient="records")),
            "rivals": json.loads(found.rivals.to_json(orient="records")),
            "spatial": json.loads(found.spatial.to_json(orient="records")),
            "learned": json.loads(found.learned.parameters.to_json(orient="records")),
        }, ensure_ascii=False))  # fmt: skip
        return 0
    print("\n".join(said))
    for path in written:
        print(path)
    return 0


def records(options: argparse.Namespace, area: Area) -> int:
    """Say what became of every crash record, and what was learned; or write a column mapping."""
    lang = language(options, area)
    known = area.crashes
    if known is None:
        raise RiskmapError("crashes: needs crash records; add --crashes FILE")
    terms = cli_terms.of(options)
    if options.output:
        export.write_report(known.report, options.output, **terms)
    if options.density:
        export.write_list(density(area, known), options.density, **terms)
    counted = known.table["outcome"].value_counts().reindex(crashes.OUTCOMES, fill_value=0)
    years = {str(year): share for year, share in known.years.items()}
    if options.json:
        learned = area.learned.parameters if area.learned else None
        print(json.dumps({
            "outcomes": counted.to_dict(), "years": years,
            "notes": [text(key, lang, **values) for key, values in known.notes],
            "report": json.loads(known.report.to_json(orient="records")),
            "learned": [] if learned is None else json.loads(learned.to_json(orient="records")),
        }, ensure_ascii=False))  # fmt: skip
        return 0
    for outcome, count in counted.items():
        print(f"{count:7d}  {text(f'crash.outcome.{outcome}', lang)}")
    if dropped := int((known.report["outcome"] == "dropped").sum()):
        print(f"{dropped:7d}  {text('crash.dropped', lang)}")
    for path in filter(None, (options.output, options.density)):
        print(path)
    return 0


def prone_sections(options: argparse.Namespace, area: Area) -> int:
    """List the sections that meet a rule for accident-prone sections."""
    lang = language(options, area)
    if area.crashes is None:
        raise RiskmapError("prone: needs crash records; add --crashes FILE")
    found = prone.sections(
        area.crashes, area.network, area.parameters, lang=lang, until=options.until
    )
    export.write_list(found, options.output, kind="prone", **cli_terms.of(options))
    tell_cut(found, options, lang)
    if options.json:
        print(found.drop(columns="geometry").to_json(orient="records", force_ascii=False))
        return 0
    print(text("prone.said", lang, count=len(found)))
    if uncounted := int(found["uncounted"].sum()):
        print(text("prone.uncounted", lang, count=uncounted, all=int(found["crashes"].sum())))
    print(options.output)
    return 0


def density(area: Area, known: crashes.Crashes) -> gpd.GeoDataFrame:
    """
    Density of the records along the roads, for the look of a map.

    Returns
    -------
    `segment_id`, `name`, `road_class`, `length_m`, `crashes_per_km_year` and the line, in WGS 84.
    """
    placed = known.table[known.table["outcome"].isin(crashes.PLACED)]
    width = area.parameters["kde"]["bandwidth_m"]
    found = kde.kde(area.network, placed["segment"].to_numpy(), bandwidth_m=width)
    segments = area.segments
    table = segments[["name", "road_class", "length_m", "geometry"]].to_crs(osm.WGS84)
    per_year = found.to_numpy() / (float(known.years.sum()) or 1.0)
    return gpd.GeoDataFrame(
        table.assign(crashes_per_km_year=per_year).rename_axis("segment_id").reset_index()
    )


def evaluate(options: argparse.Namespace, area: Area) -> int:
    """Say whether crashes changed at some sites, and by how much."""
    lang = language(options, area)
    if options.output:
        export.check_folder(options.output)
    before, after = (
        Span.of(f"--{name}", getattr(options, name)) for name in ("before", "after")
    )
    found = study.study(area, study.read_sites(options.sites, area), before=before, after=after)
    said = study.sentences(found, lang)
    numbers = {
        name: asdict(part) if part is not None else None
        for name, part in (("effect", found.effect), ("ring", found.ring), ("raw", found.raw),
                           ("comparison", found.change))
    }  # fmt: skip
    if options.output:
        export.write_report(
            pd.DataFrame([
                {"part": part, "figure": figure, "value": value}
                for part, table in numbers.items()
                for figure, value in (table or {}).items()
            ]),
            options.output,
        )
    if options.json:
        known = {part: table and _known(table) for part, table in numbers.items()}
        print(json.dumps({"sentences": said, **known}, ensure_ascii=False))
        return 0
    print("\n".join(said))
    if options.output:
        print(options.output)
    return 0


def _known(table: dict[str, Any]) -> dict[str, Any]:
    """Figures as JSON has them: it knows neither NaN nor infinity."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in table.items()
    }


def mapping(options: argparse.Namespace) -> int:
    """Write the column mapping of a file of records, for a planner to mend."""
    paths = record_files.files_of(options.file)
    kept = [path for path in map(record_files.beside, paths) if path.exists()]
    written = [masked(str(own)) for own in record_files.write_mappings(paths, SEVERITIES)]
    if written or options.json:
        answer(options, {"files": written}, *written)
    for path in kept:
        print(f"riskmap: {masked(str(path))}: is there already and stays", file=sys.stderr)
    return 0


def language(options: argparse.Namespace, area: Area) -> Lang:
    """Language asked for, else the project's."""
    lang: Lang = options.lang or ("en" if area.language == "en" else LANGUAGES[0])
    return lang
