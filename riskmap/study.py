"""A before/after study of an area: sites, their ring, roads to compare with; and what to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from riskmap import bayes, before_after, flow, learning
from riskmap.before_after import Comparison, Effect, Raw
from riskmap.cells import plain
from riskmap.crashes import Crashes, tally
from riskmap.errors import RiskmapError
from riskmap.fitting import KINDS, Counts
from riskmap.locale import Lang, text
from riskmap.places import CRS_WORDS, PLACE_WORDS, Account, beside, in_crs, placed, recognised
from riskmap.segments import Network
from riskmap.sheets import read_sheets
from riskmap.spans import Span

if TYPE_CHECKING:
    from riskmap.area import Area

__all__ = ["read_sites", "rows_of", "sentences", "study"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WORDS: Mapping[str, tuple[str, ...]] = {
    **PLACE_WORDS,
    **CRS_WORDS,
    "segment_id": ("segment_id", "路段编号", "路段", "segment"),
    "name": ("name", "名称", "地点"),
}
"""Columns of a file of sites → the headings that name them."""
APART = 2.0
"""Standard deviations of chance from which a comparison group is said not to go along."""
COVERED, YEAR_DAYS = 0.99, 365.25
"""Where the records cover a smaller share of a period, that is said."""


@dataclass(frozen=True)
class Study:
    """
    What a before/after study found.

    `effect` of the sites, `ring` of the roads around them (None without crashes to expect there),
    `raw` the year-on-year figure, `change` of the comparison group; `odds`: the ratio of
    how the group and the sites went before, where that is beyond chance, else NaN. `sites` and
    `compared`: how many links and junctions; `km`: length of the sites; `years`: of the periods.
    """

    before: Span
    after: Span
    years: tuple[float, float]
    effect: Effect
    ring: Effect | None
    raw: Raw
    change: Comparison
    odds: float
    crashes: tuple[int, int]
    sites: int
    compared: int
    km: float
    ring_m: float


def study(area: Area, sites: Ints, *, before: Span, after: Span) -> Study:
    """
    Compare crashes before and after at some sites with what was to be expected.

    The junctions at the ends of the sites' roads are part of them. Places within `ring_m` along the
    roads are kept out of the comparison, and have an effect of their own: crashes moved there, or
    fewer there too. The comparison group is every other place of the classes of the sites. What is
    expected is learned from the time before.

    Parameters
    ----------
    area
        With crash records.
    sites
        Rows of the segments.
    before, after
        The periods.

    Raises
    ------
    RiskmapError
        Periods that overlap or are not covered, records too coarse for them, no site, or too few
        crashes to say anything.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap import study
    >>> from riskmap.spans import Span
    >>> area = riskmap.assess(riskmap.sample(), crashes=riskmap.sample_crashes())
    >>> main = study.rows_of(area.hotspots(top=30).segment_id, area)
    >>> before, after = Span.of("before", "2018..2020"), Span.of("after", "2022..2023")
    >>> found = study.study(area, main, before=before, after=after)
    >>> found.sites > 30
    True
    """
    if area.crashes is None:
        raise RiskmapError("evaluate: needs crash records; add --crashes FILE")
    if not len(sites):
        raise RiskmapError("evaluate: no site; name segments or points in --sites FILE")
    known, network, rules = area.crashes, area.network, area.parameters
    parts = _periods(known, before, after)
    years = (
        before.years(known.years, known.months), after.years(known.years, known.months)
    )  # fmt: skip
    counted = [tally(part, network) for part in parts]
    own = _places(network, sites)
    ring = _ring(network, own, rules["before_after"]["ring_m"])
    groups = flow.groups(network)
    rest = {kind: ~own[kind] & ~ring[kind] for kind in KINDS}
    compared = {
        kind: rest[kind] & np.isin(groups[kind].astype(str), np.unique(groups[kind][own[kind]]))
        for kind in KINDS
    }
    # of all places: the sites are bad ones, and without them the rest would seem too safe
    learned = learning.learn(area.prior, Counts(counted[0], groups, years[0]))
    change, odds = _change(known, learned, compared, own, counted, years, before, network, rules)
    found = _effect(learned, own, counted, years, change)
    prior, k, happened = _posterior(learned, own, counted[0])
    expected = bayes.posterior(prior, k, happened, years[0]).mean
    around = None
    if sum(learned.expected[kind][ring[kind]].sum() for kind in KINDS) > 0:
        around = _effect(learned, ring, counted, years, change)
    return Study(
        before=before,
        after=after,
        years=years,
        effect=found,
        ring=around,
        raw=before_after.raw(happened, found.crashes, *years, expected),
        change=change,
        odds=odds,
        crashes=(int(happened.sum()), int(found.crashes)),
        sites=int(sum(own[kind].sum() for kind in KINDS)),
        compared=int(sum(compared[kind].sum() for kind in KINDS)),
        km=float(network.segments["length_m"].to_numpy()[sites].sum() / 1000.0),
        ring_m=rules["before_after"]["ring_m"],
    )


def _periods(known: Crashes, before: Span, after: Span) -> list[pd.DataFrame]:
    """Crashes on the network in each period."""
    if after.first <= before.last:
        raise RiskmapError(
            f"--after {after}: begins before --before {before} ends; the two must not overlap, and "
            "what was done lies between them"
        )
    result = []
    covered = known.years.index
    for option, span in (("--before", before), ("--after", after)):
        beyond = not len(covered) or span.first.year < covered.min() or (
            span.last.year > covered.max()
        )
        if beyond:
            there = f"{covered.min()}–{covered.max()}" if len(covered) else "no year"
            raise RiskmapError(f"{option} {span}: the records cover {there}")
        if span.years(known.years, known.months) <= 0:
            raise RiskmapError(f"{option} {span}: no crash is recorded then; take other months")
        part = known.between(span.first.year, span.last.year)
        if not span.whole():
            if part["date"].isna().any():
                raise RiskmapError(
                    f"{option} {span}: {int(part['date'].isna().sum())} crashes of these years "
                    "have a year but no date; use whole years, 2010..2012"
                )
            part = part[part["date"].between(pd.Timestamp(span.first),
                                             pd.Timestamp(span.last))]  # fmt: skip
        result.append(part)
    return result


def _places(network: Network, sites: Ints) -> dict[str, Bools]:
    """Links of the sites, and the junctions at their ends."""
    link = np.zeros(len(network.segments), dtype=bool)
    link[sites] = True
    junction = np.zeros(len(network.junctions), dtype=bool)
    edges = network.edges
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    for side, piece in (("ju", first), ("jv", last)):
        at = edges[side].to_numpy()
        junction[at[(at >= 0) & link[piece]]] = True
    return {"link": link, "junction": junction}


def _ring(network: Network, own: Mapping[str, Bools], ring_m: float) -> dict[str, Bools]:
    """Places within reach of the sites along the roads, without the sites."""
    edges, size = network.edges, len(network.nodes)
    u, v, metres = (edges[name].to_numpy() for name in ("u", "v", "length_m"))
    of_edge = np.zeros(len(edges), dtype=bool)
    of_edge[network.segments["edge"].to_numpy()[own["link"]]] = True
    starts = np.unique(np.concatenate([u[of_edge], v[of_edge]]))
    # of parallel edges the shorter one counts: a csr would add them up
    ends = pd.DataFrame({"u": np.r_[u, v], "v": np.r_[v, u], "m": np.r_[metres, metres]})
    ends = ends.groupby(["u", "v"], as_index=False)["m"].min()
    graph = coo_array((ends["m"], (ends["u"], ends["v"])), (size, size)).tocsr()
    distance = dijkstra(graph, indices=starts, min_only=True, limit=ring_m)
    near_edge = np.minimum(distance[u], distance[v]) <= ring_m
    link = near_edge[network.segments["edge"].to_numpy()] & ~own["link"]
    junction = np.zeros(len(network.junctions), dtype=bool)
    for side, node in (("ju", u), ("jv", v)):
        at = edges[side].to_numpy()
        junction[at[(at >= 0) & (distance[node] <= ring_m)]] = True
    return {"link": link, "junction": junction & ~own["junction"]}


def _picked(counted: Mapping[str, Floats], which: Mapping[str, Bools]) -> Floats:
    return np.concatenate([counted[kind][which[kind]] for kind in KINDS])


def _posterior(
    learned: learning.Learned, which: Mapping[str, Bools], before: Mapping[str, Floats]
) -> tuple[Floats, Floats, Floats]:
    """What is expected at some places, their over-dispersion, and crashes before."""
    k = {
        kind: learned.dispersion[kind].at(learned.expected[kind], learned.counts.group[kind])
        for kind in KINDS
    }
    return _picked(learned.expected, which), _picked(k, which), _picked(before, which)


def _effect(
    learned: learning.Learned,
    which: Mapping[str, Bools],
    counted: list[dict[str, Floats]],
    years: tuple[float, float],
    change: Comparison,
) -> Effect:
    expected, k, happened = _posterior(learned, which, counted[0])
    after = float(_picked(counted[1], which).sum())
    return before_after.effect(expected, k, happened, after, *years, change)


def _change(
    known: Crashes,
    learned: learning.Learned,
    compared: Mapping[str, Bools],
    own: Mapping[str, Bools],
    counted: list[dict[str, Floats]],
    years: tuple[float, float],
    before: Span,
    network: Network,
    rules: Mapping[str, Any],
) -> tuple[Comparison, float]:
    """Change of the comparison group, and how it went along with the sites before."""
    rule = rules["before_after"]
    expected, k, happened = _posterior(learned, compared, counted[0])
    if happened.sum() < rule["few"]:
        raise RiskmapError(
            f"the comparison group has {happened.sum():.0f} crashes before, fewer than "
            f"{rule['few']}; take a larger area, or fewer sites"
        )
    # the sites were taken out because they were bad: the rest was too good by chance
    mean = bayes.posterior(expected, k, happened, years[0]).mean
    by_year: list[dict[int, float]] = [{}, {}]
    for year in range(before.first.year, before.last.year + 1):
        if before.whole() and known.covered(year, year) == 1:
            each = tally(known.between(year, year), network)
            for number, which in enumerate((own, compared)):
                by_year[number][year] = float(_picked(each, which).sum())
    odds, by_chance, between_sd = before_after.odds(by_year[0], by_year[1], rule)
    change = before_after.comparison(
        float(mean.sum()) * years[0], float(_picked(counted[1], compared).sum()), *years,
        between_sd=between_sd,
    )
    # by chance alone it may be anything where crashes are few
    return change, (odds if abs(np.log(odds)) > APART * by_chance else np.nan)


def read_sites(path: Path, area: Area) -> Ints:
    """
    Read sites from a list of segments, such as `riskmap hotspots` writes, or of points.

    Returns
    -------
    Rows of the segments, ascending.

    Raises
    ------
    RiskmapError
        A file that cannot be read, an id that the area does not have, or a point far from any road.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from pathlib import Path
    >>> from riskmap import export, study
    >>> export.write_list(area.hotspots(top=20), "sites.csv")
    >>> len(study.read_sites(Path("sites.csv"), area))
    20
    """
    (sheet,) = read_sheets([path], WORDS, PLACE_WORDS)
    ids = [plain(cell) for cell in sheet.column("segment_id")]
    known = area.segments.index
    if "segment_id" in sheet.cells:
        for row, cell in zip(sheet.rows, ids, strict=True):
            if not cell:
                raise RiskmapError(
                    f"{path} row {row}: names no segment; fill in segment_id, or list points in a "
                    "file without that column"
                )
            if cell not in known:
                raise RiskmapError(f"{path} row {row}: {_unknown(cell, area)}")
        return rows_of(ids, area)
    account = Account(sheet)
    system = recognised("wgs84", "crs")
    found = placed(sheet, account, stated=beside(path), option=system)
    shapes = in_crs(found.shapes, area.segments.crs)
    reach = area.parameters["crashes"]["snap_m"]
    tree = shapely.STRtree(area.segments.geometry.to_numpy())
    for number, shape in enumerate(shapes):
        if shape is None:
            raise RiskmapError(f"{path} row {sheet.rows[number]}: has no place; state lon and lat")
    at, row = tree.query_nearest(shapes, max_distance=reach, all_matches=False)
    missing = np.setdiff1d(np.arange(len(shapes)), at)
    if len(missing):
        raise RiskmapError(
            f"{path} row {sheet.rows[missing[0]]}: no road within {reach:.0f} m; move the point"
        )
    return np.unique(row)


def rows_of(ids: Sequence[str], area: Area) -> Ints:
    """
    Rows of the segments with these ids, ascending.

    Raises
    ------
    RiskmapError
        An id that the area does not have.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap.study import rows_of
    >>> rows_of(area.segments.index[[5, 2]], area).tolist()
    [2, 5]
    """
    for name in ids:
        if name not in area.segments.index:
            raise RiskmapError(_unknown(name, area))
    return np.unique(area.segments.index.get_indexer(list(ids)))


def _unknown(name: str, area: Area) -> str:
    return (
        f"segment '{name[:40]}' is not in {area.name}; take ids from `riskmap hotspots` of the "
        "same extract"
    )


def sentences(found: Study, lang: Lang) -> list[str]:
    """
    Say what the study found, in plain words; the conclusion first.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap import study
    >>> from riskmap.spans import Span
    >>> area = riskmap.assess(riskmap.sample(), crashes=riskmap.sample_crashes())
    >>> main = study.rows_of(area.hotspots(top=30).segment_id, area)
    >>> before, after = Span.of("before", "2018..2020"), Span.of("after", "2022..2023")
    >>> found = study.study(area, main, before=before, after=after)
    >>> "expected" in study.sentences(found, "en")[0]
    True
    """
    effect, raw = found.effect, found.raw
    values = {
        "km": f"{found.km:.1f}", "sites": found.sites, "before": str(found.before),
        "after": str(found.after), "happened": found.crashes[1],
        "expected": f"{effect.expected:.0f}", "change": f"{100 * abs(1.0 - effect.theta):.0f}",
        "low": _share(effect.low), "high": _share(effect.high),
    }  # fmt: skip
    key = "study.none" if not effect.changed else (
        "study.fewer" if effect.theta < 1 else "study.more"
    )
    said = [text(key, lang, **values)]
    if np.isfinite(effect.smallest):
        said.append(text("study.smallest", lang, percent=f"{100 * effect.smallest:.0f}"))
    else:
        said.append(text("study.blind", lang))
    if np.isfinite(raw.ratio):
        said.append(text(
            "study.raw", lang, raw=_share(raw.ratio), low=_share(raw.low), high=_share(raw.high),
            before=found.crashes[0], regression=f"{100 * raw.regression:+.0f}",
        ))  # fmt: skip
    if found.ring is not None:
        ring = found.ring
        key = "study.ring" if not ring.changed else "study.ring_changed"
        said.append(text(
            key, lang, metres=f"{found.ring_m:.0f}", happened=f"{ring.crashes:.0f}",
            expected=f"{ring.expected:.0f}", change=_share(ring.theta), low=_share(ring.low),
            high=_share(ring.high),
        ))  # fmt: skip
    said.append(text(
        "study.compared", lang, places=found.compared, before=f"{found.change.before:.0f}",
        after=f"{found.change.after:.0f}", change=_share(found.change.ratio),
    ))  # fmt: skip
    for span, years in zip((found.before, found.after), found.years, strict=True):
        days = (span.last - span.first).days + 1
        if years < COVERED * days / YEAR_DAYS:
            said.append(text(
                "study.part", lang, period=str(span), months=f"{12 * years:.0f}",
                whole=f"{12 * days / YEAR_DAYS:.0f}",
            ))  # fmt: skip
    if np.isfinite(found.odds):
        said.append(text("study.apart", lang, odds=f"{found.odds:.2f}"))
    return said


def _share(theta: float) -> str:
    return f"{100 * (theta - 1.0):+.0f} %"
