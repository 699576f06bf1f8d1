"""`riskmap outlook`: what is asked on the command line, and what is answered."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import TYPE_CHECKING

import pandas as pd

from riskmap import briefing, cli_terms, diversions, holiday_plan, outlook_book
from riskmap.cli_notes import tell_cut
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang
from riskmap.moments import Period
from riskmap.outlook import outlook

if TYPE_CHECKING:
    from riskmap.area import Area


def run(options: argparse.Namespace, area: Area) -> int:
    """Assess a period of an area: print the sentences, write the tables."""
    lang: Lang = options.lang or ("en" if area.language == "en" else LANGUAGES[0])
    period = period_of(options, area)
    found = outlook(area, period, against=options.against, top=options.top, lang=lang)
    said = briefing.sentences(found, lang)
    more = {}
    if options.holiday:
        more["positions"] = holiday_plan.positions(area, period, lang=lang)
        ways = diversions.plan(area, period, lang)
        more["diversions"] = pd.DataFrame(ways.drop(columns=ways.geometry.name))
    if options.output:
        outlook_book.write(found, options.output, lang, more, **cli_terms.of(options))
        tell_cut(found.roads, options, lang)
    if options.json:
        print(json.dumps({
            "period": period.label,
            "harm": found.harm,
            "normal": found.normal,
            "sentences": said,
            "roads": json.loads(found.roads.drop(columns="geometry").to_json(orient="records")),
            **{key: json.loads(table.to_json(orient="records")) for key, table in more.items()},
        }, ensure_ascii=False))  # fmt: skip
        return 0
    print("\n".join(said))
    if options.output:
        print(options.output)
    return 0


def period_of(options: argparse.Namespace, area: Area) -> Period:
    """Give the period that is asked for."""
    asked = bool(options.first) + bool(options.last)
    if options.year is not None and not options.holiday:
        raise RiskmapError(f"--year {options.year}: of which holiday? add --holiday NAME")
    if options.holiday and not asked:
        now = dt.datetime.now().astimezone().year
        year = now if options.year is None else options.year
        return holiday_plan.period_of(area, options.holiday, year, options.weather)
    if options.holiday:
        raise RiskmapError("--holiday and --from: name a holiday or give its dates, not both")
    if asked < 2:  # noqa: PLR2004  # both ends
        raise RiskmapError("which period? give --from DATE --to DATE, or --holiday NAME")
    return area.period(options.first, options.last, options.weather)
