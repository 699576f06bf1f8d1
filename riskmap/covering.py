"""How good posts can be at most: a Lagrangian bound, and the rest by mixed-integer programming."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from riskmap.post_block import Block
from riskmap.posts import Instance, Posts, fast

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STEPS = 400
"""Most steps of the subgradient method in a block."""
PATIENCE = 15
"""Steps without a better bound after which the step is halved."""
SHORTEST = 1e-3
"""Step length under which nothing more comes."""
ROUNDING = 1e-9
"""Share of a bound that sums may be off."""
LARGEST = 400_000
"""Pairs of sites and segments up to which what is left goes to the mixed-integer solver."""


def exact(instance: Instance, *, gap: float = 0.001, time_limit_s: float = 60.0) -> Posts:
    """
    Choose sites and prove how good the choice is.

    From `posts.fast` on: a Lagrangian relaxation of "each segment counts once" gives a bound
    (Cornuéjols, Fisher & Nemhauser 1977, Management Science 23), its reduced costs settle most
    sites, and HiGHS settles the rest, block by block; where staying is worth something all blocks
    are settled together.

    Parameters
    ----------
    instance
        The shift.
    gap
        Share of the bound that is close enough.
    time_limit_s
        What is not proven by then is left open; `Posts.gap` says how much.

    Returns
    -------
    The best choice found, with its bound.
    """
    total = float(instance.demand.sum())
    if total > 0:  # solvers take what is small for nothing
        instance = replace(instance, demand=instance.demand / total, stay=instance.stay / total)
    found = _exact(instance, gap, time.monotonic() + time_limit_s)
    if total > 0:
        found = replace(found, value=found.value * total, bound=found.bound * total)
    return found


def _exact(instance: Instance, gap: float, end: float) -> Posts:
    found = fast(instance)
    if found.unmet:  # no choice keeps them
        return found
    parts = []
    for block in range(instance.blocks):
        share = end - (end - time.monotonic()) * (1 - 1 / (instance.blocks - block))
        parts.append(_relaxed(instance, block, found.taken, gap / 2, share))
    bound = sum(part.bound for part in parts)
    best = found
    other = fast(instance, np.column_stack([part.chosen for part in parts]))
    if not other.unmet and other.value > best.value:
        best = other
    best = replace(best, bound=max(bound, best.value))
    if best.gap <= gap:
        return best
    return _settled(instance, parts, best, gap, end)


@dataclass(frozen=True)
class _Part:
    """
    One block, relaxed.

    `price` is the worth of each site at the best multipliers, `bound` what the block can be worth
    at most, what staying may add included; `chosen` are the sites with the best prices.
    """

    price: Floats
    bound: float
    chosen: Bools


def _relaxed(instance: Instance, block: int, taken: Bools, gap: float, end: float) -> _Part:
    """Bound one block by subgradient steps."""
    cover, demand = instance.cover, instance.demand[:, block]
    sites, size = cover.shape
    worth = cover.data * demand[cover.indices]
    required, closed = instance.required[:, block], instance.forbidden[:, block]
    teams = int(instance.teams[block])
    # a site kept over a boundary is worth `stay`: half of it to either side
    sides = (block > 0) + (block < instance.blocks - 1)
    stays = instance.stay * sides / 2.0
    own = instance.best(np.flatnonzero(taken[:, block])) * demand
    value = float(own.sum()) + stays * teams
    # a segment's multiplier is what it is worth to the second best of its sites
    multiplier = 0.5 * own
    bound, step, idle = np.inf, 2.0, 0
    price, chosen = np.zeros(sites), required.copy()
    for _ in range(STEPS):
        more = worth - multiplier[cover.indices]
        positive = np.maximum(more, 0.0)
        here = np.bincount(instance.row, positive, sites) + stays
        rank = np.where(required, np.inf, np.where(closed, -np.inf, here))
        top = instance.manned.best(rank, block, teams)
        total = float(multiplier.sum() + here[top].sum())
        pick = np.zeros(sites, dtype=bool)
        pick[top] = True
        if total < bound - gap * 0.01 * abs(bound if np.isfinite(bound) else 1.0):
            idle = 0
        else:
            idle += 1
        if total < bound:
            bound, price, chosen = total, here, pick
        if idle >= PATIENCE:
            step, idle = step / 2.0, 0
        counted = np.bincount(
            cover.indices, pick[instance.row] & (more > 0), size
        )
        slope = 1.0 - counted
        # a multiplier of nothing cannot fall
        slope[(multiplier <= 0) & (slope > 0)] = 0.0
        norm = float(slope @ slope)
        if norm == 0 or bound - value <= gap * bound or step < SHORTEST:
            break
        if time.monotonic() > end:
            break
        multiplier = np.maximum(multiplier - step * max(total - value, 0.0) / norm * slope, 0.0)
    return _Part(price, bound, chosen)


def _settled(
    instance: Instance, parts: list[_Part], best: Posts, gap: float, end: float
) -> Posts:
    """Settle what reduced costs leave open by mixed-integer programming, all blocks together."""
    open_, fixed = _open(instance, parts, best)
    blocks = range(instance.blocks)
    pairs = sum(int(np.diff(instance.cover.indptr)[open_[:, b]].sum()) for b in blocks)
    left = end - time.monotonic()
    if pairs > LARGEST or left <= 0:
        return best
    if not open_.any():  # whatever is better must be what is settled
        other = fast(instance, fixed)
        best = other if other.value > best.value else best
        return replace(best, bound=best.value)
    found = _program(instance, open_, fixed, gap, left)
    if found is None:
        return best
    taken, bound = found
    value = instance.value(taken)
    if value < best.value:
        taken, value = best.taken, best.value
    return Posts(taken, value, max(min(best.bound, bound), value), tuple(instance.unmet(taken)))


def _open(instance: Instance, parts: list[_Part], best: Posts) -> tuple[Bools, Bools]:
    """Sites that a better choice may or may not have, and those that it must have, by block."""
    bound = sum(part.bound for part in parts)
    slack = bound - best.value + ROUNDING * abs(bound)
    open_, fixed = (np.zeros_like(best.taken) for _ in range(2))
    for block, part in enumerate(parts):
        closed, required = instance.forbidden[:, block], instance.required[:, block]
        free = ~closed & ~required
        areas, kinds = instance.manned, range(instance.manned.only.shape[1])
        instead = areas.instead(np.flatnonzero(part.chosen), block)
        own = [free & (areas.kind == kind) for kind in kinds]
        lowest = np.array([part.price[at & part.chosen].min(initial=np.inf) for at in own])
        highest = np.array([part.price[at & ~part.chosen].max(initial=-np.inf) for at in own])
        # the dearest that can come for a site of a kind, and the cheapest that can go for one
        comes = np.where(instead, highest, -np.inf).max(axis=1)[areas.kind]
        goes = np.where(instead, lowest[:, None], np.inf).min(axis=0)[areas.kind]
        fixed[:, block] = required | (free & part.chosen & (part.price - comes > slack))
        # a site that a hard constraint asks for may be worth little
        asked = np.zeros(len(free), dtype=bool)
        for key in instance.keys:
            if key.block == block:
                asked[key.sites] = True
        open_[:, block] = free & ~fixed[:, block] & (
            part.chosen | (goes - part.price <= slack) | asked
        )
    return open_, fixed


def _program(
    instance: Instance, open_: Bools, fixed: Bools, gap: float, left: float
) -> tuple[Bools, float] | None:
    """
    Solve what is left: which open sites to take, and which of them each segment counts.

    Returns
    -------
    The choice and a bound on what any choice is worth; None if no choice was found in time.
    """
    site, block = np.nonzero(open_)
    floor = np.column_stack([
        instance.best(np.flatnonzero(fixed[:, b])) for b in range(instance.blocks)
    ])
    part = csr_array(instance.cover[site])
    count = np.diff(part.indptr)
    column = np.repeat(np.arange(len(site)), count)
    segment, b = part.indices, block[column]
    gain = (part.data - floor[segment, b]) * instance.demand[segment, b]
    some = gain > 0
    column, gain = column[some], gain[some]
    spot = segment[some] * instance.blocks + b[some]
    number, pair = len(site), np.arange(len(gain)) + len(site)
    stay, stayed = _stays(instance, open_, fixed, site, block)
    first = number + len(gain)
    size = first + len(stay)
    _, spot = np.unique(spot, return_inverse=True)
    rows: list[LinearConstraint] = [
        # a segment counts one site at most, and only one that is taken
        _at_most(spot, pair, np.ones(len(pair)), 1.0, size),
        _at_most(
            np.tile(np.arange(len(pair)), 2), np.concatenate([pair, column]),
            np.concatenate([np.ones(len(pair)), -np.ones(len(pair))]), 0.0, size,
        ),
    ]  # fmt: skip
    rows += _manned(instance, fixed, site, block, size)
    rows += [
        # who stays somewhere is there before and after
        _at_most(np.zeros(2, int), np.array([first + at, end]), np.array([1.0, -1.0]), 0.0, size)
        for at, ends in enumerate(stayed)
        for end in ends
    ]
    for key in instance.keys:
        if not fixed[key.sites, key.block].any():
            own = np.flatnonzero((block == key.block) & np.isin(site, key.sites))
            rows.append(_at_most(np.zeros(len(own), np.int64), own, -np.ones(len(own)), -1.0, size))
    worth = np.concatenate([np.zeros(number), gain, stay])
    whole = np.zeros(size)
    whole[:number] = 1
    found = milp(
        -worth, constraints=rows, integrality=whole, bounds=Bounds(0, 1),
        options={"time_limit": left, "mip_rel_gap": gap / 10},
    )
    if found.x is None:
        return None
    taken = fixed.copy()
    pick = found.x[:number] > 0.5  # noqa: PLR2004  # whole, up to rounding
    taken[site[pick], block[pick]] = True
    for b_ in range(instance.blocks):
        Block(instance, b_, taken).fill(int(instance.teams[b_]))
    always = float((floor * instance.demand).sum())
    always += instance.stay * float((fixed[:, 1:] & fixed[:, :-1]).sum())
    return taken, always - float(found.mip_dual_bound)


def _stays(
    instance: Instance, open_: Bools, fixed: Bools, site: Ints, block: Ints
) -> tuple[Floats, list[tuple[int, ...]]]:
    """Worth of each stay that is not settled, and the columns that must be taken for it."""
    if not instance.stay:
        return np.empty(0), []
    at = {(int(s), int(b)): n for n, (s, b) in enumerate(zip(site, block, strict=True))}
    ends = []
    can = open_ | fixed
    for s, b in np.argwhere(can[:, 1:] & can[:, :-1]):
        needed = tuple(at[s, side] for side in (b, b + 1) if (s, side) in at)
        if needed:
            ends.append(needed)
    return np.full(len(ends), instance.stay), ends


def _manned(
    instance: Instance, fixed: Bools, site: Ints, block: Ints, size: int
) -> list[LinearConstraint]:
    """No more sites than there are teams that may go there."""
    areas, rows = instance.manned, []
    for b in range(instance.blocks):
        own = np.flatnonzero(block == b)
        left = areas.teams[:, b] - areas.count(np.flatnonzero(fixed[:, b]))
        group, at = np.nonzero(areas.only[:, areas.kind[site[own]]])
        rows.append(_at_most(group, own[at], np.ones(len(group)), left.astype(float), size))
    return rows


def _at_most(
    row: Ints, column: Ints, value: Floats, most: float | Floats, size: int
) -> LinearConstraint:
    rows = int(row.max()) + 1 if len(row) else 0
    if isinstance(most, np.ndarray):
        rows = len(most)
    table = coo_array((value, (row, column)), shape=(rows, size)).tocsr()
    return LinearConstraint(table, -np.inf, most)
