"""What is asked of posts, and a choice of where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from riskmap.errors import RiskmapError
from riskmap.post_areas import Areas

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Key:
    """A hard constraint: in a block at least one of these sites is taken; `name` is what for."""

    block: int
    sites: Ints
    name: str = ""


@dataclass(frozen=True)
class Instance:
    """
    One shift's posts.

    A block is a stretch of the shift in which teams stand still. `cover`: sites × segments, what a
    team at a site does for a segment against standing on it, 0..1; `demand`: segments × blocks;
    `teams`: how many stand in each block; `required` and `forbidden`: sites × blocks; `stay`: what
    a site that is kept from one block to the next is worth, in units of the demand, so that
    nobody moves for nothing; `areas`: where squadrons may send them, None is anywhere; `names` and
    `hours` are those of sites and blocks in an error. Of several teams the one that does most for
    a segment counts (gradual covering: Church & Roberts 1983, Papers of the Regional Science
    Association 53; with 0 and 1 alone it is Church & ReVelle 1974, ibid. 32).

    Raises
    ------
    RiskmapError
        More teams than sites, or rules that cannot be kept together.
    ValueError
        Demand or cover that is no number or below nothing, or cover above 1.
    """

    cover: csr_array
    demand: Floats
    teams: Ints
    required: Bools
    forbidden: Bools
    stay: float = 0.0
    keys: tuple[Key, ...] = ()
    areas: Areas | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    hours: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse what nobody can plan."""
        for what, values in (("demand", self.demand), ("cover", self.cover.data)):
            if not np.isfinite(values).all() or (values < 0).any():
                raise ValueError(f"{what}: must be finite and not below 0")
        if (self.cover.data > 1).any():
            raise ValueError("cover: must not be above 1")
        both = np.argwhere(self.required & self.forbidden)
        if len(both):
            raise RiskmapError(
                f"post {self.name(both[0, 0])}: required and forbidden at once; drop one of the two"
            )
        self.manned.check(self.required, self.forbidden, self.hours)

    def name(self, site: int) -> str:
        """Name of a site in an error."""
        return self.names[site] if self.names else str(site)

    def only(self, block: int) -> Instance:
        """One block by itself; what staying is worth is left out."""
        return replace(self.part(block, block + 1), stay=0.0)

    def part(self, first: int, last: int) -> Instance:
        """Blocks from the first to before the last by themselves."""
        at = slice(first, last)
        keys = tuple(
            Key(key.block - first, key.sites, key.name)
            for key in self.keys
            if first <= key.block < last
        )
        return Instance(
            self.cover, self.demand[:, at], self.teams[at], self.required[:, at],
            self.forbidden[:, at], self.stay, keys, self.areas and self.areas.part(at), self.names,
            self.hours[at],
        )  # fmt: skip

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self.teams)

    @cached_property
    def manned(self) -> Areas:
        """Where teams may be sent."""
        return self.areas or Areas.none(self.cover.shape[0], self.teams)

    @cached_property
    def row(self) -> Ints:
        """Site of every stored value of `cover`."""
        return np.repeat(np.arange(self.cover.shape[0]), np.diff(self.cover.indptr))

    def value(self, taken: Bools) -> float:
        """What a choice of sites, sites × blocks, is worth."""
        total = self.stay * float((taken[:, 1:] & taken[:, :-1]).sum())
        for block in range(self.blocks):
            total += float(self.best(np.flatnonzero(taken[:, block])) @ self.demand[:, block])
        return total

    def best(self, chosen: Ints) -> Floats:
        """Cover of each segment by the best of some sites."""
        if not len(chosen):
            return np.zeros(self.cover.shape[1])
        return np.asarray(self.cover[chosen].max(axis=0).toarray().ravel(), dtype=float)

    def unmet(self, taken: Bools) -> list[Key]:
        """Hard constraints that a choice does not keep."""
        return [key for key in self.keys if not taken[key.sites, key.block].any()]


@dataclass(frozen=True)
class Posts:
    """
    A choice of sites.

    `taken`: sites × blocks; `value` in units of the demand; `bound`: nothing can be worth more,
    infinite where none was worked out; `unmet`: hard constraints that the search did not keep.
    """

    taken: Bools
    value: float
    bound: float
    unmet: tuple[Key, ...] = ()

    @property
    def gap(self) -> float:
        """How far the value may be from the best there is, as a share of the bound."""
        if not np.isfinite(self.bound):
            return np.inf
        return max(self.bound - self.value, 0.0) / self.bound if self.bound > 0 else 0.0
