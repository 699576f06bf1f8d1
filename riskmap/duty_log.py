"""Who was where, from when to when: the table that duty is judged by, and that of a roster."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.places import COLUMNS
from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TABLE = ("unit", "squadron", "officers", "start", "end", "segment", "state")
RESTING = ("break", "station")
"""Kinds of a roster's rows that are no duty on the road."""
SECONDS = 60.0


@dataclass(frozen=True)
class DutyLog:
    """
    Duty as it was, or as a roster has it.

    `table`: one row per stay or piece of a way: `unit`, `squadron`, `officers`, `start` and `end`
    (on the clocks of the place), `segment` (row of the segments, −1 where none), `state`: "road",
    "rest" (a break, at the station) or "off" (on no road, or nobody knows where). No unit has two
    rows at a time. `report`: what became of every row of the files, as of `points.Lists`.
    """

    table: pd.DataFrame
    report: pd.DataFrame


def of_roster(roster: pd.DataFrame, area: Area, date: dt.date) -> DutyLog:
    """
    Take a roster for the duty that is done.

    Who drives is on every piece of the way for its share of the drive; who stands by is at the
    roadside; breaks and stations are no duty on the road.

    Parameters
    ----------
    roster
        `roster.COLUMNS`.
    area
        Its roads.
    date
        The date on which the shift begins.

    Raises
    ------
    RiskmapError
        A node, a way or a segment that the area does not have.
    """
    network = area.network
    ids, pieces = pd.Index(network.nodes["node_id"]), _Pieces(network)
    parts = []
    for number, row in enumerate(roster.itertuples(index=False), 1):
        nodes = ids.get_indexer(np.array(str(row.nodes).split(";")).astype(ids.dtype))
        if (nodes < 0).any():
            raise RiskmapError(f"roster row {number}: a node that no road has; plan the shift anew")
        segment, until = np.array([-1]), np.ones(1)
        if row.kind == "drive" and len(nodes) > 1:
            segment, until = pieces.driven(nodes.astype(np.int64), number)
        elif row.kind not in RESTING:
            segment = pieces.stood_on(str(row.segment_id), int(nodes[0]), number)
        ends = row.start_min + np.append(0.0, until) * (row.end_min - row.start_min)
        parts.append(pd.DataFrame({
            "unit": row.unit, "squadron": row.squadron, "officers": float(row.officers),
            "first": ends[:-1], "last": ends[1:], "segment": segment,
            "state": "rest" if row.kind in RESTING else "road",
        }))  # fmt: skip
    if not parts:
        raise RiskmapError("the roster is empty; plan a shift with somebody on duty")
    table = pd.concat(parts, ignore_index=True)
    days = np.full(len(table), np.datetime64(date, "D"))
    table = table.assign(start=times(days, table["first"]), end=times(days, table["last"]))
    table = table[(table["end"] > table["start"]).to_numpy()]
    return DutyLog(table[list(TABLE)].reset_index(drop=True), pd.DataFrame(columns=list(COLUMNS)))


def times(days: NDArray[np.datetime64], minute: Floats | pd.Series) -> NDArray[np.datetime64]:
    """Times of the clock to the second, of minutes after 00:00 of days; NaT where one is not."""
    minute = np.asarray(minute, dtype=float)
    seconds = np.round(np.nan_to_num(minute) * SECONDS).astype("timedelta64[s]")
    found = days.astype("datetime64[s]") + seconds
    found[np.isnan(minute)] = np.datetime64("NaT", "s")
    return found


class _Pieces:
    """Segments along ways from node to node."""

    def __init__(self, network: Network) -> None:
        self.network = network
        edges, size = network.edges, len(network.edges)
        ends, oneway = edges[["u", "v"]].to_numpy(), edges["oneway"].to_numpy()
        both = pd.DataFrame({
            "a": ends.T.ravel(), "b": ends[:, ::-1].T.ravel(),
            "edge": np.tile(np.arange(size), 2), "along": np.arange(2 * size) < size,
            "closed": np.concatenate([oneway < 0, oneway > 0]),
            "time_s": np.tile(edges["time_s"].to_numpy(), 2),
        })  # fmt: skip
        # of parallel roads the quickest that may be driven that way
        both = both.sort_values(["closed", "time_s"], kind="stable").drop_duplicates(["a", "b"])
        self.edge = both.set_index(["a", "b"])[["edge", "along"]]

    def driven(self, nodes: Ints, number: int) -> tuple[Ints, Floats]:
        """Segments in the order in which they are driven, and the share of the time at each end."""
        edges, segments = self.network.edges, self.network.segments
        parts = []
        for pair in pairwise(nodes.tolist()):
            if pair not in self.edge.index:
                raise RiskmapError(
                    f"roster row {number}: no road joins two nodes of its way; plan the shift anew"
                )
            edge, along = self.edge.loc[pair]
            first, pieces = (int(edges[name].iloc[edge]) for name in ("first_piece", "pieces"))
            parts.append(np.arange(first, first + pieces)[:: 1 if along else -1])
        segment = np.concatenate(parts).astype(np.int64)
        time = (segments["length_m"] / segments["maxspeed_kph"]).to_numpy()[segment]
        return segment, np.cumsum(time) / time.sum()

    def stood_on(self, segment: str, node: int, number: int) -> Ints:
        """Row of the segment that is named, else of one that ends at the node."""
        if segment:
            found = self.network.segments.index.get_indexer([segment])
            if found[0] < 0:
                raise RiskmapError(
                    f"roster row {number}: no road has segment '{segment}'; plan the shift anew"
                )
            return np.asarray(found, dtype=np.int64)
        edges = self.network.edges
        first = edges["first_piece"].to_numpy()
        rows = np.concatenate([first, first + edges["pieces"].to_numpy() - 1])
        at = np.flatnonzero(edges[["u", "v"]].to_numpy().T.ravel() == node)
        return np.asarray(rows[at[:1]], dtype=np.int64)
