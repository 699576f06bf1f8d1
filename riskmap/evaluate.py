"""How much of what happened a ranking would have caught: capture, PAI, PEI, curve, overlap.

Rankings are densities (per km), and the top is a share of road LENGTH: a ranking by count would
win by long segments, a top of so many segments by slivers. All shares are fractions of 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmap.blocks import LEVEL, Counts, percentiles, resampled, weights

__all__ = ["capture", "capture_curve", "curve_area", "overlap", "pai", "pei"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARES = (0.01, 0.05, 0.10, 0.20)
"""Shares of road length at which rankings are compared: from one night's posts to a year's plan."""


@dataclass(frozen=True)
class _Ranking:
    """Rows from the highest score down, and the last place of each run of equal scores."""

    rows: Ints
    ends: Ints

    @classmethod
    def of(cls, score: ArrayLike) -> _Ranking:
        # unknown is not zero, but nobody is sent there: it comes last
        value = -np.nan_to_num(np.asarray(score, dtype=float), nan=-np.inf, posinf=np.inf)
        rows = np.argsort(value, kind="stable")
        value = value[rows]
        last = np.append(value[1:] != value[:-1], np.ones(min(len(value), 1), dtype=bool))
        return cls(rows, np.flatnonzero(last))

    def sums(self, ordered: Floats) -> Floats:
        """Sums, from 0, of amounts in the order of `rows` to the end of each run (last axis)."""
        total = np.zeros((*ordered.shape[:-1], len(self.ends) + 1))
        total[..., 1:] = np.cumsum(ordered, axis=-1)[..., self.ends]
        return total

    def taken(self, length: Floats, share: float) -> Floats:
        """Part of each segment, 0..1, that lies in the top share; replicates × segments."""
        along = self.sums(length[:, self.rows])
        run = _share(share * along[:, -1:] - along[:, :-1], np.diff(along))
        part = np.repeat(np.clip(run, 0.0, 1.0), np.diff(self.ends, prepend=-1), axis=1)
        result = np.zeros(length.shape)
        result[:, self.rows] = np.nan_to_num(part)
        return result


def capture(
    score: ArrayLike,
    length_m: ArrayLike,
    crashes: ArrayLike,
    shares: Sequence[float] = SHARES,
) -> Floats:
    """
    Share of crashes on the top shares of road length (hit rate).

    Equal scores share their crashes in proportion to the length that is taken of them: the mean
    over all ways to break the tie (exactly so where the tied segments are of one length). The last
    segment is taken in part.

    Parameters
    ----------
    score
        Density per segment, such as harm per km; unknown comes last.
    length_m
        Metres per segment, above 0.
    crashes
        Count, or any weight such as harm, per segment: never negative. Segments × outcomes for
        several at once.
    shares
        Shares of length, 0..1.

    Returns
    -------
    One per share; shares × outcomes where there are several. NaN where nothing happened.

    Examples
    --------
    >>> from riskmap.evaluate import capture
    >>> capture(score=[9, 5, 1], length_m=[100, 100, 200], crashes=[3, 1, 0], shares=[0.25, 0.5])
    array([0.75, 1.  ])
    """
    length, happened = _checked(length_m, crashes)
    ranking = _Ranking.of(score)
    along = ranking.sums(length[ranking.rows])
    caught = [
        _caught(along, ranking.sums(outcome[ranking.rows]), shares)
        for outcome in np.atleast_2d(happened.T)
    ]
    return caught[0] if happened.ndim == 1 else np.column_stack(caught)


def capture_curve(
    score: ArrayLike, length_m: ArrayLike, crashes: ArrayLike
) -> tuple[Floats, Floats]:
    """
    Points of the capture curve: share of length, share of crashes on it.

    A cumulative accuracy profile, or Lorenz curve from the top. Straight between the points; both
    begin at 0 and end at 1. Arguments as in `capture`, `crashes` of one outcome.

    Examples
    --------
    >>> from riskmap.evaluate import capture_curve
    >>> length, caught = capture_curve([9, 5], [100, 100], [3, 1])
    >>> caught.tolist()
    [0.0, 0.75, 1.0]
    """
    length, happened = _checked(length_m, crashes)
    ranking = _Ranking.of(score)
    along, caught = ranking.sums(length[ranking.rows]), ranking.sums(happened[ranking.rows])
    return along / along[-1], _share(caught, caught[-1])


def curve_area(score: ArrayLike, length_m: ArrayLike, crashes: ArrayLike) -> float:
    """
    Area under the capture curve, 0..1.

    0.5 is a random ranking; twice what lies above 0.5 is the Gini coefficient of the curve. It is
    not divided by what the best possible ranking reaches.

    Examples
    --------
    >>> from riskmap.evaluate import curve_area
    >>> curve_area([9, 5], [100, 100], [3, 1])
    0.625
    """
    length, happened = _checked(length_m, crashes)
    ranking = _Ranking.of(score)
    rows = ranking.rows
    return float(_area(ranking.sums(length[rows]), ranking.sums(happened[rows])))


def pai(
    score: ArrayLike, length_m: ArrayLike, crashes: ArrayLike, shares: Sequence[float] = SHARES
) -> Floats:
    """
    Prediction accuracy index: hit rate over share of length; 1 is a random ranking.

    Chainey, Tompson & Uhlig 2008, Security Journal 21:4–28, with length for area.

    Examples
    --------
    >>> from riskmap.evaluate import pai
    >>> pai([9, 5, 1], [100, 100, 200], [3, 1, 0], shares=[0.25])
    array([3.])
    """
    caught = capture(score, length_m, crashes, shares)
    share = np.asarray(shares, dtype=float)
    return caught / (share[:, None] if caught.ndim > 1 else share)


def pei(
    score: ArrayLike, length_m: ArrayLike, crashes: ArrayLike, shares: Sequence[float] = SHARES
) -> Floats:
    """
    Prediction efficiency index: PAI over that of the best ranking of the same length; 1 is best.

    Hunt 2016, Do crime hot spots move? (thesis, American University). The best ranking knows what
    happened; `crashes` of one outcome.

    Examples
    --------
    >>> from riskmap.evaluate import pei
    >>> pei([5, 9, 1], [100, 100, 200], [3, 1, 0], shares=[0.25])
    array([0.33333333])
    """
    length, happened = _checked(length_m, crashes)
    return capture(score, length, happened, shares) / capture(
        happened / length, length, happened, shares
    )


def overlap(
    first: ArrayLike, second: ArrayLike, length_m: ArrayLike, shares: Sequence[float] = SHARES
) -> Floats:
    """
    Jaccard index of the tops of two rankings, by length; 1 is the same roads.

    Such as of two periods: does the list stay? A rank correlation hardly moves where the top does
    (Spearman 0.999 beside a Jaccard of 0.90 at the top 1 %). Of equal scores each has the same part
    in the top, and the smaller part of the two counts as common.

    Examples
    --------
    >>> from riskmap.evaluate import overlap
    >>> overlap([3, 2, 1], [2, 3, 1], [100, 100, 100], shares=[1 / 3, 2 / 3])
    array([0., 1.])
    """
    length, _ = _checked(length_m, length_m)
    return _overlaps([_Ranking.of(first), _Ranking.of(second)], length[None, :], shares)[0]


def overlap_interval(
    first: ArrayLike,
    second: ArrayLike,
    length_m: ArrayLike,
    blocks: Ints,
    *,
    shares: Sequence[float] = SHARES,
    replicates: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> pd.DataFrame:
    """
    Jaccard index of two tops, with its interval by block bootstrap.

    Returns
    -------
    `share`, `value`, `low`, `high`.
    """
    length, _ = _checked(length_m, length_m)
    tops = [_Ranking.of(first), _Ranking.of(second)]
    times = resampled(blocks, replicates=replicates, seed=seed)
    found = np.concatenate(
        [_overlaps(tops, weight * length, shares) for weight in weights(times, blocks)]
    )
    low, high = percentiles(found[1:], level)
    return pd.DataFrame({"share": list(shares), "value": found[0], "low": low, "high": high})


@dataclass(frozen=True)
class Trial:
    """
    All measures of several rankings, as they are and in every replicate.

    `columns`: measure and share of length (NaN where it has none). `found`: by outcome and
    ranking, replicates × columns, the first row what is. The replicates are the same for all.
    """

    columns: tuple[tuple[str, float], ...]
    found: Mapping[tuple[str, str], Floats]

    def table(self, *, level: float = LEVEL) -> pd.DataFrame:
        """`outcome`, `ranking`, `measure`, `share`, `value`, `low`, `high`: a row per measure."""
        return pd.concat(
            [
                self._rows(values, level).assign(outcome=outcome, ranking=ranking)
                for (outcome, ranking), values in self.found.items()
            ],
            ignore_index=True,
        )[["outcome", "ranking", "measure", "share", "value", "low", "high"]]

    def gains(self, ranking: str, *, level: float = LEVEL) -> pd.DataFrame:
        """
        By how much one ranking beats each other one, paired: the same replicates for both.

        Returns
        -------
        As `table`, with `over` for the other ranking.
        """
        names = list(dict.fromkeys(name for _, name in self.found))
        if ranking not in names or len(names) == 1:
            raise ValueError(f"no ranking '{ranking}' among others; there are {', '.join(names)}")
        return pd.concat(
            [
                self._rows(self.found[outcome, ranking] - values, level).assign(
                    outcome=outcome, ranking=ranking, over=other
                )
                for (outcome, other), values in self.found.items()
                if other != ranking
            ],
            ignore_index=True,
        )[["outcome", "ranking", "over", "measure", "share", "value", "low", "high"]]

    def against(self, reference: str, *, level: float = LEVEL) -> pd.DataFrame:
        """All measures, and what each ranking gains over a reference; see `compare`."""
        gained = {
            (outcome, name): values - self.found[outcome, reference]
            for (outcome, name), values in self.found.items()
        }
        gain = Trial(self.columns, gained).table(level=level)[["value", "low", "high"]]
        gain = gain.set_axis(["gain", "gain_low", "gain_high"], axis=1)
        return self.table(level=level).join(gain)

    def _rows(self, values: Floats, level: float) -> pd.DataFrame:
        low, high = percentiles(values[1:], level)
        return pd.DataFrame(
            {
                "measure": [measure for measure, _ in self.columns],
                "share": [share for _, share in self.columns],
                "value": values[0],
                "low": low,
                "high": high,
            }
        )


def trial(
    rankings: Mapping[str, ArrayLike],
    length_m: ArrayLike,
    outcomes: Mapping[str, ArrayLike],
    blocks: Ints,
    *,
    shares: Sequence[float] = SHARES,
    replicates: int = 1000,
    seed: int = 0,
) -> Trial:
    """
    Measure rankings on what happened, with a spatial block bootstrap.

    The rankings stay as they are; roads and crashes count as often as their square is drawn, so
    that each replicate is a weighted sum down the ranking. The best ranking of a replicate, for
    PEI, is that of the crashes themselves: a square drawn twice changes no density on it.

    Parameters
    ----------
    rankings
        Density per segment, by name. A constant is the random ranking.
    length_m
        Metres per segment.
    outcomes
        Counts or weights per segment, by name: crashes, harm.
    blocks
        Square of each segment, from `blocks.blocks`.
    shares
        Shares of road length.
    replicates, seed
        How many draws, and which.
    """
    length, _ = _checked(length_m, length_m)
    happened = {name: _checked(length, values)[1] for name, values in outcomes.items()}
    columns = (*product(("capture", "pai", "pei"), shares), ("area", np.nan))
    times = resampled(blocks, replicates=replicates, seed=seed)
    share, size = np.asarray(shares, dtype=float), len(shares)
    best = [
        _replicated(_Ranking.of(values / length), length, [values], times, blocks, shares)[0]
        for values in happened.values()
    ]
    found = {}
    for name, score in rankings.items():
        measured = _replicated(
            _Ranking.of(score), length, list(happened.values()), times, blocks, shares
        )
        for outcome, values, most in zip(happened, measured, best, strict=True):
            caught = values[:, :size]
            found[outcome, name] = np.hstack(
                [caught, caught / share, _share(caught, most[:, :size]), values[:, size:]]
            )
    return Trial(columns, found)


def compare(
    rankings: Mapping[str, ArrayLike],
    length_m: ArrayLike,
    outcomes: Mapping[str, ArrayLike],
    blocks: Ints,
    *,
    reference: str,
    shares: Sequence[float] = SHARES,
    replicates: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> pd.DataFrame:
    """
    All measures of all rankings, and what each gains over a reference.

    Arguments as in `trial`; `reference` is one of the rankings. `trial` itself gives the gains over
    every other one without drawing again.

    Returns
    -------
    `outcome`, `ranking`, `measure`, `share`, `value`, `low`, `high`, `gain`, `gain_low`,
    `gain_high`: a row per measure. The reference gains 0.
    """
    if reference not in rankings:
        raise ValueError(f"no ranking '{reference}'; choose from {', '.join(rankings)}")
    done = trial(
        rankings, length_m, outcomes, blocks, shares=shares, replicates=replicates, seed=seed
    )
    return done.against(reference, level=level)


def _checked(length_m: ArrayLike, crashes: ArrayLike) -> tuple[Floats, Floats]:
    length, happened = np.asarray(length_m, dtype=float), np.asarray(crashes, dtype=float)
    if len(length) != len(happened):
        raise ValueError(f"{len(length)} lengths and {len(happened)} rows of crashes; one of each")
    if not (length > 0).all() or not np.isfinite(length).all():
        raise ValueError("a length is not above 0 m; leave such segments out")
    if not (happened >= 0).all() or not np.isfinite(happened).all():
        raise ValueError("a count of crashes is negative or unknown; count what was recorded")
    return length, happened


def _share(part: Floats, whole: Floats | float) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(np.asarray(whole) > 0, part / whole, np.nan))


def _caught(along: Floats, caught: Floats, shares: Sequence[float]) -> Floats:
    wanted = np.asarray(shares, dtype=float) * along[-1]
    return _share(np.interp(wanted, along, caught), caught[-1])


def _area(along: Floats, caught: Floats) -> Floats:
    under = np.diff(along) * (caught[..., 1:] + caught[..., :-1])
    return _share(under.sum(axis=-1) / 2, along[..., -1] * caught[..., -1])


def _replicated(
    ranking: _Ranking,
    length: Floats,
    happened: Sequence[Floats],
    times: Counts,
    blocks: Ints,
    shares: Sequence[float],
) -> Floats:
    """Outcomes × replicates × (capture at each share, area under the curve)."""
    rows = ranking.rows
    length, happened = length[rows], [outcome[rows] for outcome in happened]
    parts = []
    for weight in weights(times, blocks[rows]):
        along = ranking.sums(weight * length)
        measured = []
        for outcome in happened:
            caught = ranking.sums(weight * outcome)
            at = [_caught(*path, shares) for path in zip(along, caught, strict=True)]
            measured.append(np.column_stack([np.array(at), _area(along, caught)]))
        parts.append(np.array(measured))
    return np.concatenate(parts, axis=1)


def _overlaps(tops: Sequence[_Ranking], length: Floats, shares: Sequence[float]) -> Floats:
    """Jaccard index of two tops; replicates × segments of length in, replicates × shares out."""
    found = []
    for share in shares:
        first, second = (top.taken(length, share) for top in tops)
        common = (length * np.minimum(first, second)).sum(axis=1)
        found.append(_share(common, (length * np.maximum(first, second)).sum(axis=1)))
    return np.column_stack(found)
