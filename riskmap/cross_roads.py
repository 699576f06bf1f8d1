"""From where to where a stretch of road runs: the cross roads that people know it by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.locale import Lang, text
from riskmap.road_runs import Runs
from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AT_M = 30.0
"""A stretch that ends so near a cross road ends there: a junction is as wide."""


@dataclass(frozen=True)
class CrossRoads:
    """
    The named roads that meet every run.

    `table`: `at` in metres from the beginning of the run and `name`, index `run`, in the order of
    the places; of several names at one place the largest road comes first. Roads without name and
    number are left out, and what the run itself is called.
    """

    table: pd.DataFrame

    @classmethod
    def of(cls, network: Network, along: Runs) -> CrossRoads:
        """
        Collect the roads that meet each run, or into which it goes over.

        All arms of a junction count, so that a road on the other side of a ring is found.
        """
        edges, first = network.edges, network.edges["first_piece"].to_numpy()
        part = network.segments.iloc[first]
        name = part["name"].where(part["name"] != "", part["ref"]).to_numpy(object)
        rank = part["rank"].to_numpy()
        ends = pd.concat([
            pd.DataFrame({
                # a node that is no junction is a place of its own, below 0
                "place": edges[place].where(edges[place] >= 0, -1 - edges[node]),
                "run": along.run, "at": at, "name": name, "rank": rank,
            })
            for place, node, at in (("ju", "u", along.at_u), ("jv", "v", along.at_v))
        ])  # fmt: skip
        arms = ends[ends["name"] != ""].sort_values(["rank", "name"], ascending=[False, True])
        arms = arms.drop_duplicates(["place", "name"])[["place", "name", "rank"]]
        met = ends[["place", "run", "at"]].merge(arms, on="place")
        own = pd.MultiIndex.from_arrays([along.run, name])
        met = met[~pd.MultiIndex.from_frame(met[["run", "name"]]).isin(own)]
        met = met.sort_values(["run", "at", "rank", "name"], ascending=[True, True, False, True])
        return cls(met.set_index("run")[["at", "name"]])

    def between(self, run: int, begin_m: float, end_m: float, lang: Lang) -> tuple[str, str]:
        """
        Say from where to where a stretch runs.

        Returns
        -------
        The last cross road before it and the first one after it, with the distance if they are
        further than `AT_M`; the words for the end of the road where there is none.
        """
        # of a short stretch the cross road in its middle is not where it ends
        slack = min(AT_M, (end_m - begin_m) / 4)
        near = self.table.loc[self.table.index == run]
        at, names = near["at"].to_numpy(float), near["name"].to_numpy(object)
        before, after = np.flatnonzero(at <= begin_m + slack), np.flatnonzero(at >= end_m - slack)
        # the largest road of a place stands first there
        low = np.flatnonzero(at == at[before[-1]])[:1] if len(before) else before
        end = text("cross_roads.end", lang)
        return (
            _said("past", names[low[0]], begin_m - at[low[0]], lang) if len(low) else end,
            _said("before", names[after[0]], at[after[0]] - end_m, lang) if len(after) else end,
        )


def _said(side: str, name: str, metres: float, lang: Lang) -> str:
    if metres <= AT_M:
        return name
    return text(f"cross_roads.{side}", lang, name=name, metres=round(metres, -1))
