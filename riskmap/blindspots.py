"""Key roads at the peaks: a certificate that none was left alone, or a list of those that were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import sites
from riskmap.roster import STANDING
from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = ("segment_id", "name", "window", "start_min", "end_min", "alone_min", "ok")


@dataclass(frozen=True)
class Certificate:
    """
    What a roster does for key roads.

    `table`: one row per key road and peak window: `alone_min` is the longest time within it in
    which nobody stands within reach, `ok` whether that is short enough. `extra_teams` at posts
    would clear all that are not but the `hopeless` segments, near which nobody can stand; 0 where
    the posts would do and drives or breaks leave the road alone. `extra_by`: how many of them each
    squadron needs that has an area of its own, "" is where none has.
    """

    table: pd.DataFrame
    every_min: float
    reach_m: float
    extra_teams: int = 0
    extra_by: Mapping[str, int] = field(default_factory=dict)
    hopeless: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no key road has a blind spot."""
        return bool(self.table["ok"].all())

    @property
    def spots(self) -> pd.DataFrame:
        """The blind spots, the longest first."""
        return self.table[~self.table["ok"]].sort_values("alone_min", ascending=False)


def certificate(
    roster: pd.DataFrame,
    network: Network,
    segments: Ints,
    windows: Sequence[tuple[float, float]],
    rules: Mapping[str, Any],
) -> Certificate:
    """
    Look for the longest time that each key road is alone in each peak window.

    Parameters
    ----------
    roster
        From `roster.roster`.
    network
        Its roads.
    segments
        Rows of the key roads.
    windows
        First and last minute of the peaks.
    rules
        The whole table of the parameters: `[deploy] key_reach_m`, `every_min`, `[sites]`.
    """
    own, deploy = rules["sites"], rules["deploy"]
    stays = roster[roster["kind"].isin(STANDING)]
    ids = pd.Index(network.nodes["node_id"])
    known, at = np.unique(ids.get_indexer(stays["nodes"].astype(ids.dtype)), return_inverse=True)
    start, end = (stays[name].to_numpy(float) for name in ("start_min", "end_min"))
    least = 2.0 ** (-deploy["key_reach_m"] / own["halving_m"])
    near = sites.reach(network, known, own)[:, segments].toarray() >= least
    names = network.segments["name"].to_numpy(object)
    rows = []
    for number, (first, last) in enumerate(windows, 1):
        ends = np.clip(start, first, last), np.clip(end, first, last)
        alone = _alone(near[at], *ends, first, last)
        rows += [
            (network.segments.index[segment], names[segment], number, first, last, gap,
             gap <= deploy["every_min"])
            for segment, gap in zip(segments, alone, strict=True)
        ]  # fmt: skip
    # without rows a column has no kind, and ~ would choose columns instead
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"ok": bool})
    return Certificate(table, deploy["every_min"], deploy["key_reach_m"])


def _alone(
    near: NDArray[np.bool_], start: Floats, end: Floats, first: float, last: float
) -> Floats:
    """Longest time without anybody near, by column of `near` (stays × roads)."""
    order = np.argsort(start, kind="stable")
    until = np.full(near.shape[1], first)
    longest = np.zeros(near.shape[1])
    for stay in order[end[order] > start[order]]:
        here = near[stay]
        longest[here] = np.maximum(longest[here], start[stay] - until[here])
        until[here] = np.maximum(until[here], end[stay])
    return np.maximum(longest, last - until)
