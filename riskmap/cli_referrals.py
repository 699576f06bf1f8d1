"""`riskmap referrals`: what is asked on the command line, and what is answered."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from riskmap import cli_terms, export, list_terms, referrals
from riskmap.cli_notes import tell_cut
from riskmap.cli_records import language
from riskmap.locale import text

if TYPE_CHECKING:
    from riskmap.area import Area


def run(options: argparse.Namespace, area: Area) -> int:
    """List the hazards for the road agencies."""
    lang = language(options, area)
    found = referrals.referrals(area, lang=lang, most=options.most)
    terms = cli_terms.of(options)
    export.write_list(
        list_terms.titled(found, area.layers, **terms), options.output, area.coverage_table(lang),
        kind="referrals", **terms,
    )  # fmt: skip
    tell_cut(found, options, lang)
    if options.json:
        print(found.drop(columns="geometry").to_json(orient="records", force_ascii=False))
        return 0
    if found.empty:
        share = area.parameters["referrals"]["share"]
        print(text("referrals.none", lang, share=100 * share))
    else:
        print(text("referrals.said", lang, count=len(found)))
    print(options.output)
    return 0
