"""Which squadron may send a team to which site: how many teams there can be in which area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmap.errors import RiskmapError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST = 10
"""Squadrons with areas of their own; what is counted doubles with each."""


@dataclass(frozen=True)
class Areas:
    """
    Squadrons and the sites to which they may send teams.

    Sites that the same squadrons may use are of one `kind`. A choice of sites can be manned if for
    every group of squadrons no more sites are chosen that only they may use than they have teams
    (Hall 1935, Journal of the London Mathematical Society 10): `only`, groups × kinds, says which
    kinds those are, and `teams`, groups × blocks, how many there are. The first group is nobody,
    the last all of them.
    """

    kind: Ints
    only: Bools
    teams: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, may: Bools, teams: Ints, names: Sequence[str]) -> Areas:
        """
        Group squadrons.

        Parameters
        ----------
        may
            Squadrons × sites.
        teams
            Squadrons × blocks.
        names
            Of the squadrons.

        Raises
        ------
        RiskmapError
            More squadrons than can be told apart.
        """
        rows, own = np.unique(may, axis=0, return_inverse=True)
        own = own.reshape(-1)
        if len(rows) > MOST:
            raise RiskmapError(
                f"squadrons: {len(rows)} areas; at most {MOST} can be planned at once: plan some "
                "of them apart"
            )
        kinds, kind = np.unique(rows, axis=1, return_inverse=True)
        groups = np.array([
            [bool(number >> bit & 1) for bit in range(len(rows))]
            for number in range(2 ** len(rows))
        ])
        count = np.zeros((len(rows), teams.shape[1]), dtype=np.int64)
        np.add.at(count, own, teams)
        only = np.array([~(kinds & ~group[:, None]).any(axis=0) for group in groups])
        said = tuple(
            ", ".join(name for name, at in zip(names, own, strict=True) if group[at])
            for group in groups
        )
        return cls(kind.reshape(-1).astype(np.int64), only, groups @ count, said)

    @classmethod
    def none(cls, sites: int, teams: Ints) -> Areas:
        """Every team may stand at any site."""
        count = np.stack([np.zeros_like(teams), teams]).astype(np.int64)
        return cls(np.zeros(sites, np.int64), np.array([[False], [True]]), count, ("", ""))

    def part(self, blocks: slice) -> Areas:
        """The same for some blocks."""
        return Areas(self.kind, self.only, self.teams[:, blocks], self.names)

    def count(self, sites: Ints) -> Ints:
        """Of a choice of sites: how many only each group may use."""
        kinds = np.bincount(self.kind[sites], minlength=self.only.shape[1])
        return np.asarray(self.only @ kinds)

    def free(self, sites: Ints, block: int) -> Bools:
        """Sites of which one more can be manned beside a choice."""
        full = self.count(sites) >= self.teams[:, block]
        return ~np.asarray(self.only[full].any(axis=0))[self.kind]

    def instead(self, sites: Ints, block: int) -> Bools:
        """Kinds × kinds: whether one of the second can be manned for one of the first."""
        spare = self.teams[:, block] - self.count(sites)
        left = spare[:, None] + self.only
        # what takes one place and gives none back
        full = left <= 0
        return np.asarray(~(full.T.astype(np.int64) @ self.only.astype(np.int64)).astype(bool))

    def best(self, worth: NDArray[np.float64], block: int, most: int) -> Ints:
        """Choose the sites of most worth that can be manned (Edmonds 1971); −inf is no site."""
        if not most:
            return np.empty(0, np.int64)
        top = np.argpartition(-worth, most - 1)[:most]
        if (self.count(top) <= self.teams[:, block]).all():
            return top
        chosen, left = [], self.teams[:, block].copy()
        shut = np.zeros(self.only.shape[1], dtype=bool)
        for site in np.argsort(-worth, kind="stable"):
            kind = self.kind[site]
            if shut[kind] or worth[site] == -np.inf:
                continue
            chosen.append(site)
            left -= self.only[:, kind]
            shut = np.asarray(self.only[left <= 0].any(axis=0))
            if len(chosen) == most:
                break
        return np.array(chosen, dtype=np.int64)

    def check(self, required: Bools, forbidden: Bools, hours: Sequence[str] = ()) -> None:
        """
        Refuse what cannot be manned; both are sites × blocks, and `hours` names the blocks.

        Raises
        ------
        RiskmapError
            More posts asked for in an area than it has teams, or more teams than places.
        """
        for block in range(self.teams.shape[1]):
            when = hours[block] if hours else f"block {block + 1}"
            asked = self.count(np.flatnonzero(required[:, block]))
            over = asked - self.teams[:, block]
            if over.max() > 0:
                group = int(over.argmax())
                raise RiskmapError(
                    f"{self._where(when, group)}{asked[group]} required posts for "
                    f"{self.teams[group, block]} teams; add {over[group]} teams or unlock as many "
                    "posts"
                )
            open_ = ~forbidden[:, block]
            for group in range(len(self.only)):
                # what some of a group may use is not left to the others alone
                can = open_ & ~self.only[-1 - group][self.kind]
                teams = self.teams[group, block]
                if teams > can.sum():
                    raise RiskmapError(
                        f"{self._where(when, group)}{teams} teams for {can.sum()} places where a "
                        f"team can stand; plan {can.sum()} teams or allow more places"
                    )

    def _where(self, when: str, group: int) -> str:
        if not group:
            return f"{when}, in no squadron's area: "
        name = self.names[group]
        return f"{when}: " + (f"squadrons {name}: " if name else "")
