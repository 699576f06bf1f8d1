"""Examples that `--help` of each command shows; the tests read every one with the parser."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "fetch": ('fetch "Guixi, Jiangxi" -o county.osm.pbf',),
    "init": ("init county.osm.pbf -o area.toml",),
    "hotspots": (
        "hotspots area.toml -o hotspots.xlsx",
        "hotspots county.osm.pbf --at 2026-05-08T18:00 --by mvkm --top 20 -o friday.csv",
        "hotspots area.toml --stretches --headers zh -o stretches.xlsx",
        "hotspots area.toml -o - --format geojson > hotspots.geojson",
    ),
    "score": (
        "score area.toml -o all.parquet",
        "score area.toml --from 2026-05-01 --to 2026-05-05 -o holiday.gpkg",
    ),
    "changes": ("changes april.csv may.csv -o changes.xlsx",),
    "explain": ("explain area.toml w1234.56-78.1", "explain area.toml w1234.56-78.1 --json"),
    "layers check": ("layers check", "layers check my_layers"),
    "layers list": ("layers list --lang en", "layers list area.toml --json"),
    "points": ("points area.toml", "points area.toml --points lists -o report.csv"),
    "outlook": (
        "outlook area.toml --holiday labour_day --year 2026 -o outlook.xlsx",
        "outlook area.toml --from 2026-12-01 --to 2026-12-31",
    ),
    "weather": ("weather area.toml --weather ice -o ice.xlsx",),
    "calendar": ("calendar --year 2026", "calendar area.toml --json"),
    "divert": ("divert area.toml --at 2026-05-01T18:00 -o diversions.csv",),
    "campaigns list": ("campaigns list --lang en",),
    "campaigns show": ("campaigns show drink_driving",),
    "campaigns calendar": ("campaigns calendar --year 2026 -o calendar.ics",),
    "register list": ("register list register.sqlite --overdue",),
    "register add": (
        'register add register.sqlite --at 117.2,28.3 --note "broken rail" --due 2026-06-01',
    ),
    "register change": ("register change register.sqlite 7 --due 2026-07-01",),
    "register step": ("register step register.sqlite 7 mended",),
    "register undo": ("register undo register.sqlite 7",),
    "register history": ("register history register.sqlite 7",),
    "register import": ("register import register.sqlite hazards.xlsx -o report.csv",),
    "crashes": ("crashes area.toml --crashes crashes.xlsx -o report.csv",),
    "prone": ("prone area.toml --crashes crashes.xlsx -o prone.xlsx",),
    "columns": ("columns crashes.xlsx",),
    "backtest": (
        "backtest area.toml --crashes crashes.xlsx --train 2005-2010 --test 2011-2016 -o verdict",
    ),
    "evaluate": (
        "evaluate area.toml --crashes c.xlsx --sites s.csv --before 2010..2012 --after 2014..2016",
    ),
    "year": (
        "year area.toml --crashes crashes.xlsx -o year.xlsx",
        "year area.toml --crashes crashes.xlsx --year 2025 --against 2023 -o year.xlsx",
    ),
    "deploy": (
        "deploy area.toml --date 2026-05-08 --posts 10 --patrols 4 -o plan.xlsx",
        "deploy area.toml --date 2026-05-08 --resources brigade.xlsx --shift day -o plan.xlsx",
    ),
    "duty": ("duty area.toml log.csv -o match.xlsx",),
    "referrals": ("referrals area.toml -o referrals.xlsx",),
    "document briefing": ("document briefing area.toml -o briefing.pdf",),
    "document holiday": ("document holiday area.toml --holiday labour_day -o holiday.pdf",),
    "document duty": ("document duty area.toml --date 2026-05-08 --posts 4 -o sheets",),
    "document referral": ("document referral area.toml --most 5 -o letters.pdf",),
    "document school": ("document school area.toml -o schools.html",),
    "document education": ("document education area.toml -o education.pdf",),
    "document notice": ("document notice area.toml -o notice.html",),
    "templates": ("templates my_templates",),
    "map": ("map area.toml -o map.html",),
    "doctor": ("doctor", "doctor area.toml --json"),
    "completion": ("completion bash > ~/.local/share/bash-completion/completions/riskmap",),
}
"""Command → how it is called, without the first word."""
