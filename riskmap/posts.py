"""Where posts stand: maximal covering with an effect that fades along the road, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from riskmap.post_block import Block
from riskmap.post_rules import Instance, Key, Posts

__all__ = ["Instance", "Key", "Posts", "fast", "fewest", "greedy", "least_teams"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SWEEPS = 8
"""Most rounds over the blocks, which depend on each other only by what staying is worth."""
RUNS = 50
"""Most sites that are replaced for as long as they are kept, in a round."""


def fast(instance: Instance, start: Bools | None = None) -> Posts:
    """
    Choose sites by gain, then swap while that helps: for the page.

    Parameters
    ----------
    instance
        The shift.
    start
        Sites × blocks to begin from, such as an earlier plan; what breaks a rule is dropped.

    Returns
    -------
    A choice without a bound. `unmet` names hard constraints that it does not keep: none if any
    choice keeps them all.
    """
    taken = instance.required.copy()
    if start is not None:
        taken |= start & ~instance.forbidden
    blocks = [Block(instance, block, taken) for block in range(instance.blocks)]
    for number, block in enumerate(blocks):
        if number and start is None:
            taken[:, number] |= taken[:, number - 1] & ~instance.forbidden[:, number]
        block.begin()
        block.swap()
    for _ in range(SWEEPS if instance.stay else 0):
        moved = _moved(instance, blocks, taken)
        for block in blocks:
            moved |= block.swap()
        if not moved:
            break
    return Posts(taken, instance.value(taken), np.inf, tuple(instance.unmet(taken)))


def greedy(instance: Instance, block: int, most: int) -> Floats:
    """
    Value of one block with 0 to `most` sites, one taken after the other, whatever else is asked.

    The gain of the next is what one team more brings; a greedy choice is within 1/e of the best
    (Nemhauser, Wolsey & Fisher 1978, Mathematical Programming 14).
    """
    most = min(most, int((~instance.forbidden).sum(axis=0).min()))
    free = replace(
        instance, stay=0.0, keys=(), areas=None, required=np.zeros_like(instance.required),
        teams=np.full_like(instance.teams, most),
    )  # fmt: skip
    state = Block(free, block, np.zeros_like(instance.required))
    return np.concatenate([[0.0], np.cumsum(state.fill(most))])


def _moved(instance: Instance, blocks: list[Block], taken: Bools) -> bool:
    """
    Put another site in one's place for all the blocks through which it is kept, while that helps.

    Block by block such a move loses what staying is worth before it gains anything. `taken` is
    changed.

    Returns
    -------
    Whether anything was.
    """
    for step in range(RUNS):
        best, move = max(block.least for block in blocks), None
        swaps = [block.swaps() for block in blocks]
        for site, first, last in _kept(taken):
            own = swaps[first:last]
            gain = np.sum([more[np.searchsorted(chosen, site)] for chosen, more in own], axis=0)
            for side in (first - 1, last):
                if 0 <= side < instance.blocks:
                    gain += instance.stay * taken[:, side]
            other = int(np.argmax(gain))
            if gain[other] > best:
                best, move = float(gain[other]), (site, other, first, last)
        if move is None:
            return step > 0
        site, other, first, last = move
        taken[site, first:last], taken[other, first:last] = False, True
    return True


def _kept(taken: Bools) -> list[tuple[int, int, int]]:
    """Sites that are kept over a boundary, from which block to before which."""
    edge = np.diff(taken.astype(np.int8), axis=1, prepend=0, append=0)
    site, first = np.nonzero(edge == 1)
    last = np.nonzero(edge == -1)[1]
    long = last - first > 1
    columns = (part[long].tolist() for part in (site, first, last))
    return list(zip(*columns, strict=True))


def least_teams(instance: Instance) -> tuple[Ints, Sequence[Key]]:
    """
    Find the fewest teams that keep every hard constraint, by block.

    Returns
    -------
    Teams per block, the required posts among them, and the constraints that no site can keep.
    """
    hopeless = [key for key in instance.keys if instance.forbidden[key.sites, key.block].all()]
    more = [len(sites) for sites in fewest(instance)]
    return instance.required.sum(axis=0) + np.array(more, dtype=np.int64), hopeless


def fewest(instance: Instance) -> list[Ints]:
    """Find the fewest sites beside the required that keep what can be kept, by block."""
    taken = instance.required.copy()
    return [Block(instance, block, taken).fewest() for block in range(instance.blocks)]
