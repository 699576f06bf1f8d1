"""How a campaign has teams stand: blocks in its hours, distance, school gates, least stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskmap import sites, standing
from riskmap.aims import Aim
from riskmap.area import Area
from riskmap.roster import Stay, Unit
from riskmap.sites import Sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GUARDS = "escort"
"""Activity of a campaign whose teams are guards at the gates of its places."""


@dataclass(frozen=True)
class Blocks:
    """
    Blocks of a shift: where they begin, and the end of the last.

    `on`: in which of them the campaign is on, `moving`: in which nobody stays where somebody stood
    in the one before.
    """

    edges: Floats
    on: Bools
    moving: Bools

    @property
    def cuts(self) -> Ints:
        """Blocks with which the campaign begins or everyday duty goes on."""
        return np.flatnonzero(self.on[1:] != self.on[:-1]) + 1


def blocks(
    aim: Aim,
    first: float,
    last: float,
    longest: float,
    at: Sequence[float] = (),
    must: Sequence[float] = (),
) -> Blocks:
    """
    Cut a shift into blocks, in a campaign's hours as it has teams move on.

    Parameters
    ----------
    aim
        What the shift is for.
    first, last
        The shift, in minutes.
    longest
        Minutes of a block where no campaign says otherwise.
    at
        Where a block should begin; where teams move on, unless that leaves one shorter than they
        are to stay at least.
    must
        Where one begins however short that leaves a block; whoever moves on need not do so there.
    """
    campaign = aim.acts
    ends = [edge for window in aim.windows for edge in window]
    parts = []
    for a, b in pairwise(standing.cut(first, last, last - first, ends).tolist()):
        inside = [edge for edge in at if a < edge < b]
        if campaign is None or campaign.posts.move_after_min is None or not aim.on(a, b):
            parts.append(standing.cut(a, b, longest, inside, must)[:-1])
            continue
        least, most = campaign.posts.stay_min, campaign.posts.move_after_min
        kept = [a]
        for edge in sorted(set(inside)):
            if edge - kept[-1] >= least and b - edge >= least:
                kept.append(edge)
        for c, d in pairwise([*kept, b]):
            count = max(min(int(np.ceil((d - c) / most)), int((d - c) // least)), 1)
            parts.append(np.linspace(c, d, count + 1)[:-1])
    alone = np.setdiff1d([edge for edge in must if first < edge < last], np.concatenate(parts))
    edges = np.sort(np.concatenate([*parts, alone, [last]]))
    on = np.array([aim.on(a, b) for a, b in pairwise(edges)], dtype=bool)
    move = campaign is not None and campaign.posts.move_after_min is not None
    return Blocks(edges, on, on & move & ~np.isin(edges[:-1], alone))


def gates(area: Area, aim: Aim) -> dict[int, str]:
    """
    Find the gates at which a campaign has guards.

    Returns
    -------
    Nodes (rows) where one may stand, the nearest to each place within the layer's full effect, and
    what the place is called.
    """
    campaign = aim.acts
    if campaign is None or campaign.activity != GUARDS:
        return {}
    found: dict[int, str] = {}
    for name in dict.fromkeys(road.layer for road in campaign.roads if road.layer):
        nodes = guarded(area, name)
        called = area.features(name)["name"].to_numpy(object)[nodes >= 0]
        for node, own in zip(nodes[nodes >= 0].tolist(), called, strict=True):
            found.setdefault(node, str(own or ""))
    return found


def guarded(area: Area, layer: str) -> Ints:
    """Node at which a guard of each place of a layer stands; −1 where none is near enough."""
    room = np.flatnonzero(sites.room(area))
    tree = cKDTree(area.network.nodes[["x", "y"]].to_numpy()[room])
    places = area.features(layer)
    point = shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy()))
    away, row = tree.query(point.reshape(-1, 2))
    return np.where(away <= area.layers[layer].touch.full_m, room[row], -1)


def closed(
    area: Area,
    aim: Aim,
    known: Sites,
    open_: Bools,
    worth: Floats,
    units: Sequence[Unit],
    areas: Mapping[str, Bools],
) -> tuple[Bools, Bools]:
    """
    Say which open sites a campaign closes in its hours, and which are staffed before others.

    Guards stand at gates, and elsewhere only who finds none left; teams stand apart as it asks, or
    as near to that as there are places enough.
    """
    campaign, first = aim.acts, np.zeros_like(open_)
    if campaign is None:
        return np.zeros_like(open_), first
    # who moves on needs as many places again
    times = 1 if campaign.posts.move_after_min is None else 2
    groups = [(np.ones(len(open_), dtype=bool), times * len(units))]
    for name, own in areas.items():
        teams = sum(unit.squadron == name for unit in units)
        groups.append((own[known.segment], times * teams))

    def spread(some: Bools, beside: Bools) -> Bools:
        if not campaign.posts.apart_m:
            return some
        kept = beside.copy()
        for here, count in groups:
            if (kept & here).sum() < min(count, (some & here).sum()):
                kept |= sites.apart(
                    area.network, known, worth, some & here, campaign.posts.apart_m, count,
                    beside=beside & here,
                )  # fmt: skip
        return kept

    left = open_ & np.isin(known.node, list(gates(area, aim)))
    if any((left & here).sum() < count for here, count in groups):
        first = spread(left, first)
        left = open_
    return open_ & ~spread(left, first), first


def bound(
    stays: Sequence[Stay], aim: Aim, found: Blocks, guarded: Mapping[int, str]
) -> Iterator[Stay]:
    """
    Make a team's posts in a campaign's hours its own.

    They begin and end with its hours; at a gate they are a guard's, who is due when it begins;
    where teams move on they last as long as it asks at least, or are left out.
    """
    campaign = aim.acts
    ends = found.edges[found.cuts]
    for stay in stays:
        if campaign is None or stay.kind != "post" or stay.note:
            yield stay
            continue
        cuts = [stay.first, *(edge for edge in ends if stay.first < edge < stay.last), stay.last]
        for first, last in pairwise(cuts):
            part = replace(stay, first=first, last=last)
            if not aim.on(first, last):
                yield part
            elif stay.node in guarded:
                yield replace(part, kind="school", note=guarded[stay.node], due=True)
            else:
                move = campaign.posts.move_after_min is not None
                yield replace(part, least=campaign.posts.stay_min if move else 0.0)
