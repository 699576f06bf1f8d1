"""What the workbook of a year says in sentences: the comparison, and how it was made."""

from __future__ import annotations

from riskmap import __version__
from riskmap.count_intervals import Change
from riskmap.locale import Lang, text
from riskmap.when_words import worded
from riskmap.year_table import FIGURES, OTHER, Review, spelled


def sentences(found: Review, lang: Lang) -> list[str]:
    """Say what changed and what did not, and what of it is doubtful."""
    said = []
    for name in FIGURES:
        own = found.changes[name]
        after, before = (int(part.total) for part in found.sums[name])
        values = {
            "figure": text(f"year.figure.{name}", lang), "unit": text(f"year.unit.{name}", lang),
            "year": found.year, "against": found.against, "after": after, "before": before,
            "change": percent(own.ratio - 1.0, lang), "low": percent(own.low - 1.0, lang),
            "high": percent(own.high - 1.0, lang),
        }  # fmt: skip
        said.append(text(f"year.said.{own.verdict}", lang, **values))
    said.append(text("year.said.cause", lang))
    return said + doubts(found, lang)


def doubts(found: Review, lang: Lang) -> list[str]:
    """What must be known before the figures are passed on."""
    said = []
    if len(found.months) < 12:  # noqa: PLR2004  # months
        said.append(text(
            "year.said.part", lang, months=spelled(found.months), year=found.year,
            against=found.against,
        ))  # fmt: skip
    said += [text("year.said.cut", lang, year=year, month=month) for year, month in found.cut]
    if found.undated:
        said.append(text("year.said.undated", lang, count=found.undated))
    if any(found.uncounted):
        this, base = found.uncounted
        said.append(text(
            "year.said.uncounted", lang, year=found.year, this=this, against=found.against,
            base=base,
        ))  # fmt: skip
    return said


def method(found: Review, lang: Lang) -> list[tuple[str, str]]:
    """Say where the figures come from and how they were made: headings and sentences."""
    known = found.area.crashes
    table, report = (known.table, known.report) if known else (None, None)
    read = 0 if table is None else len(table)
    off = 0 if table is None else int(table["outcome"].isin(("off", "doubtful")).sum())
    dropped = 0 if report is None else int((report["outcome"] == "dropped").sum())
    files = [] if table is None else sorted(table["file"].astype(str).unique())
    spans = text("import.joiner", lang).join(
        text("year.about.months", lang, year=row.year, months=row.months)
        for row in found.years.itertuples()
    )
    days = {"this": found.days[0], "base": found.days[1]}
    values: dict[str, dict[str, object]] = {
        "area": {"area": found.area.name,
                 "date": found.area.data_date[:10] or text("word.unknown", lang)},
        "files": {"files": ", ".join(files)},
        "rows": {"read": read, "off": off, "dropped": dropped},
        "covered": {"spans": spans},
        "compared": {"months": spelled(found.months), "year": found.year,
                     "against": found.against, **days},
        "counts": {}, "ratio": {}, "people": {}, "many": {},
        "program": {"version": __version__},
    }  # fmt: skip
    if found.simulated:
        values = {"simulated": {}, **values}
    return [
        (text(f"year.head.{name}", lang), text(f"year.about.{name}", lang, **own))
        for name, own in values.items()
    ]


def percent(value: float, lang: Lang) -> str:
    """Write a change: "+5 %"; an end that there is none is said."""
    if value != value:  # noqa: PLR0124  # NaN
        return text("word.unknown", lang)
    if value == float("inf"):
        return text("year.no_end", lang)
    whole = round(100 * value)
    return f"{whole:+d} %".replace("-", "\N{MINUS SIGN}") if whole else "0 %"


def verdict(found: Change, lang: Lang) -> str:
    """Say in a word or two what a change is."""
    return text(f"year.verdict.{found.verdict}", lang)


def group(by: str, name: str, lang: Lang) -> str:
    """Name a group of records."""
    if name == OTHER:
        return text("year.others", lang)
    if by == "severity":
        return text(f"crash.severity.{name or 'unknown'}", lang)
    if by == "road_class":
        return worded("road_class", name, lang) if name else text("year.off_road", lang)
    return name or text("year.not_stated", lang)
