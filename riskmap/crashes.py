"""Crash records on a network: what happened where, over which years, as counts to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import crash_times, flow, records, snapping
from riskmap.errors import RiskmapError
from riskmap.fitting import Counts
from riskmap.segments import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crashes:
    """
    Crash records of an area.

    `table`: the columns of `records.Records.crashes` and of `snapping.snap`, one row per crash.
    `years`: by year how much of it the records cover, 0..1. `report` as of `records.Records`, with
    what became of every row on the network; `notes` are keys of the catalogue with their values.
    `months`: by year and month 1..12 the same as `years`; without any, `years` says it all.
    """

    table: pd.DataFrame
    years: pd.Series
    report: pd.DataFrame
    notes: list[tuple[str, Mapping[str, object]]]
    months: pd.DataFrame = field(default_factory=pd.DataFrame)

    def covered(self, first: int, last: int) -> float:
        """Years between two, both included, that the records cover."""
        return float(self.years[(self.years.index >= first) & (self.years.index <= last)].sum())

    def on(self, row: int) -> pd.DataFrame:
        """Crashes that lie nearest to one segment (row), those of its junctions too."""
        return self.table[self.table["outcome"].isin(PLACED) & (self.table["segment"] == row)]

    def between(self, first: int, last: int) -> pd.DataFrame:
        """Crashes on the network in some years, both included."""
        placed = self.table["outcome"].isin(PLACED)
        return self.table[placed & self.table["year"].between(first, last)]


OUTCOMES = snapping.OUTCOMES
PLACED = ("link", "junction")
"""Outcomes of snapping that count; the others are reported, never forced."""


def read(
    paths: Sequence[Path], network: Network, *, system: str | None, rules: Mapping[str, Any]
) -> Crashes:
    """
    Read crash records and find their places.

    Parameters
    ----------
    paths
        One or several files of records.
    network
        The roads.
    system
        Coordinate system where a file does not state its own.
    rules
        The whole table of `parameters.toml`.

    Raises
    ------
    RiskmapError
        A file that cannot be read, or none of whose crashes can be placed.
    """
    found = records.read_records(paths, network.segments, system=system, rules=rules)
    places = snapping.snap(found.crashes, network, rules)
    table = found.crashes.join(places)
    # what the map does not know has done its work, and may name anybody
    known = {
        "road": snapping.named(table["road"], network.segments),
        "road_class": table["road_class"].isin(network.segments["road_class"].unique()),
    }
    table = table.assign(**{name: table[name].where(is_, "") for name, is_ in known.items()})
    report = snapping.told(found.report, table, far_m=rules["crashes"]["far_m"])
    return Crashes(table, found.covered, report, found.notes, found.months)


def counts(
    crashes: Crashes, network: Network, *, first: int | None = None, last: int | None = None
) -> Counts:
    """
    Count whole crashes at links and junctions.

    Parameters
    ----------
    crashes
        From `read`.
    network
        The roads that they were read for.
    first, last
        Years, both included; None takes all.

    Raises
    ------
    RiskmapError
        Years that the records do not cover at all.
    """
    known = crashes.years.index
    first = int(known.min()) if first is None and len(known) else first or 0
    last = int(known.max()) if last is None and len(known) else last or 0
    years = crashes.covered(first, last)
    if not years:
        raise RiskmapError(f"records: none of {first}–{last}; they cover {spanned(known)}")
    part = crashes.between(first, last)
    return Counts(
        tally(part, network), flow.groups(network), years, times=times(part),
        where=places(network),
    )  # fmt: skip


def places(network: Network) -> dict[str, Floats]:
    """Where every link has its middle and every junction lies: x and y in metres."""
    middle = shapely.line_interpolate_point(
        network.segments.geometry.to_numpy(), 0.5, normalized=True
    )
    found = {"link": middle, "junction": network.junctions.geometry.to_numpy()}
    return {kind: shapely.get_coordinates(points) for kind, points in found.items()}


def tally(part: pd.DataFrame, network: Network) -> dict[str, Floats]:
    """Whole crashes at every link and junction, of some rows of `Crashes.table`."""
    at_junction = part["outcome"] == "junction"
    return {
        "link": _bincount(part.loc[~at_junction, "segment"], len(network.segments)),
        "junction": _bincount(part.loc[at_junction, "junction"], len(network.junctions)),
    }


def times(part: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """When crashes happened at links and junctions, of some rows of `Crashes.table`."""
    at_junction = part["outcome"] == "junction"
    return {
        kind: crash_times.told(own[row].to_numpy(np.int64), own)
        for kind, row, own in (
            ("link", "segment", part[~at_junction]), ("junction", "junction", part[at_junction]),
        )
    }  # fmt: skip


def spanned(years: pd.Index) -> str:
    """Say which years there are: "2005–2016", "no year"."""
    return f"{years.min()}–{years.max()}" if len(years) else "no year"


def _bincount(rows: pd.Series, size: int) -> Floats:
    return np.bincount(rows.to_numpy(np.int64), minlength=size).astype(float)
