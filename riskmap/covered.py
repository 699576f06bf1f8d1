"""How much of the harm of a shift lies where units stand, by posts and by patrols apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import sites
from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOT = 30.0
"""Minutes of a slot."""
PRESENCE = ("stop", "school")
"""Stays that are no posts: no effect of patrols alone or of school guards on crashes was found."""


@dataclass(frozen=True)
class Demand:
    """
    Harm that a shift could meet, segments × slots of `SLOT` minutes from `first` on.

    `first` and `last` are minutes after 00:00 of its date; the last slot may be shorter.
    """

    harm: Floats
    first: float
    last: float

    @classmethod
    def of(cls, hourly: pd.DataFrame, first: float, last: float) -> Demand:
        """
        Divide hours among their slots; the halves of an hour are alike, for scores know hours.

        Parameters
        ----------
        hourly
            Segments × hours from `Model.hourly` of the shift: of an hour that it cuts, its part.
        first, last
            The shift, in minutes after 00:00 of its date.
        """
        edges = np.append(np.arange(first, last, SLOT), last)
        start = np.floor(first / 60.0) * 60.0
        hours = start + 60.0 * np.arange(hourly.shape[1] + 1)
        cuts = np.clip(hours, first, last)
        # share of each hour's part that lies in each slot
        overlap = np.clip(
            np.minimum(edges[1:], cuts[1:, None]) - np.maximum(edges[:-1], cuts[:-1, None]), 0, None
        )
        length = np.maximum(np.diff(cuts), np.finfo(float).tiny)
        return cls(hourly.to_numpy(float) @ (overlap / length[:, None]), first, last)

    @cached_property
    def edges(self) -> Floats:
        """Where slots begin, and the end of the last."""
        return np.append(np.arange(self.first, self.last, SLOT), self.last)

    @property
    def slot(self) -> float:
        """Minutes of a slot."""
        return SLOT

    @property
    def total(self) -> float:
        """All of it."""
        return float(self.harm.sum())

    def between(self, first: float, last: float) -> Floats:
        """Harm of each segment between two times."""
        overlap = np.minimum(self.edges[1:], last) - np.maximum(self.edges[:-1], first)
        return np.asarray(self.harm @ (np.clip(overlap, 0.0, None) / np.diff(self.edges)))


@dataclass(frozen=True)
class Covered:
    """
    Harm met in a shift, by segment: `posts` by those who stand, `patrols` what patrols add to it.

    What posts meet can be prevented in part (their effect on crashes is known); what patrols and
    school guards add is presence: no effect of theirs on crashes was found.
    """

    posts: Floats
    patrols: Floats
    total: float

    @property
    def by_posts(self) -> float:
        """Share of the shift's harm."""
        return float(self.posts.sum() / self.total) if self.total else 0.0

    @property
    def by_all(self) -> float:
        """Share of the shift's harm."""
        found = self.posts.sum() + self.patrols.sum()
        return float(found / self.total) if self.total else 0.0


def covered(
    roster: pd.DataFrame, network: Network, demand: Demand, rules: Mapping[str, Any]
) -> Covered:
    """
    Add up the harm near units while they are there.

    A post meets a segment's harm by what is left of its effect there (`sites.reach`), of several
    posts the nearest. A patrol's stop does so while it lasts and `[sites] seen_min` on (Koper 1995:
    back at least every two hours), a school guard while it lasts; a unit that drives or rests meets
    nothing.

    Parameters
    ----------
    roster
        From `roster.roster`.
    network
        Its roads.
    demand
        The shift.
    rules
        The table `[sites]` of the parameters.
    """
    stays = roster[roster["kind"].isin(("post", *PRESENCE))]
    ids = pd.Index(network.nodes["node_id"])
    node = ids.get_indexer(stays["nodes"].astype(ids.dtype))
    known, at = np.unique(node, return_inverse=True)
    reach = sites.reach(network, known, rules)
    start, end = (stays[name].to_numpy(float) for name in ("start_min", "end_min"))
    kind = stays["kind"].to_numpy(object)
    post = kind == "post"
    seen = np.where(kind == "stop", end + rules["seen_min"], end)
    times = np.concatenate([start, seen, demand.edges])
    edges = np.unique(np.clip(times, demand.first, demand.last))
    size = len(network.segments)
    posts, patrols = np.zeros(size), np.zeros(size)
    best: dict[bytes, Floats] = {}

    def most(rows: Ints) -> Floats:
        key = rows.tobytes()
        if key not in best:
            best[key] = reach[rows].max(axis=0).toarray().ravel() if len(rows) else np.zeros(size)
        return best[key]

    for first, last in pairwise(edges):
        on = (start <= first) & (first < seen)
        harm = demand.between(first, last)
        standing = most(np.unique(at[on & post]))
        posts += standing * harm
        patrols += np.maximum(most(np.unique(at[on & ~post])) - standing, 0.0) * harm
    return Covered(posts, patrols, demand.total)
