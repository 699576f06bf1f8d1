"""The posts of one block of a shift, taken by gain and swapped; the others stay as they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskmap.covering_program import set_cover
from riskmap.post_rules import Instance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SWAPS = 200
"""Most swaps in a row."""
TINY = 1e-9
"""Gains under this share of all demand are rounding."""


class Block:
    """
    The sites of one block.

    `taken` are those chosen so far, a column of all blocks' choices: what changes here changes
    there. `least` is the smallest gain that is none of rounding.
    """

    def __init__(self, instance: Instance, block: int, taken: Bools) -> None:
        self.instance, self.number = instance, block
        self.areas = instance.manned
        self.demand = instance.demand[:, block]
        self.teams = int(instance.teams[block])
        self.required, self.closed = instance.required[:, block], instance.forbidden[:, block]
        self.taken = taken[:, block]
        self._near = [taken[:, b] for b in (block - 1, block + 1) if 0 <= b < instance.blocks]
        keys = [key.sites for key in instance.keys if key.block == block]
        # hard constraints × sites
        self.keys = np.zeros((len(keys), len(taken)), dtype=bool)
        for row, sites in zip(self.keys, keys, strict=True):
            row[sites] = True
        self.least = TINY * max(float(self.demand.sum()), np.finfo(float).tiny)
        self._known: tuple[Bools, Floats] | None = None

    @property
    def bonus(self) -> Floats:
        """What each site is worth for those who stay there from the block before or until next."""
        near = np.zeros(len(self.taken)) + np.sum(self._near, axis=0, dtype=float)
        return np.asarray(self.instance.stay * near)

    def begin(self) -> None:
        """Keep the hard constraints, drop what is too much, and fill up by gain."""
        self._keep(~self.closed)
        while (self._over() > 0).any() and self._drop():
            pass
        if (self._over() > 0).any() or self._unmet().any():
            self.taken[:] = self.required
            self.taken[self._manned()] = True
            self._keep(None)
        self.fill(self.teams)

    def fill(self, teams: int) -> list[float]:
        """
        Take sites by gain, one after the other.

        Returns
        -------
        What each added.
        """
        cover, added = self.instance.cover, list[float]()
        best = self.instance.best(np.flatnonzero(self.taken))
        # a gain only falls while sites are taken: the last one known is a bound (Minoux 1978)
        bonus = self.bonus
        bound = cover @ self.demand + bonus
        bound[self.closed | self.taken] = -np.inf
        while self.taken.sum() < teams:
            bound[~self._free()] = -np.inf
            known = -1
            while (site := int(bound.argmax())) != known:
                bound[site], known = self._gain(site, best) + bonus[site], site
            added.append(float(bound[site]))
            self.taken[site], bound[site] = True, -np.inf
            own = slice(cover.indptr[site], cover.indptr[site + 1])
            at = cover.indices[own]
            best[at] = np.maximum(best[at], cover.data[own])
        return added

    def swap(self) -> bool:
        """
        Put one site in another's place while that is worth it.

        Returns
        -------
        Whether it ever was.
        """
        for step in range(SWAPS):
            chosen, gain = self.swaps()
            if not len(chosen):
                return False
            bonus = self.bonus
            gain = gain + (bonus - bonus[chosen, None])
            out, in_ = np.unravel_index(int(gain.argmax()), gain.shape)
            if not gain[out, in_] > self.least:
                return step > 0
            self.taken[chosen[out]], self.taken[in_] = False, True
        return True

    def swaps(self) -> tuple[Ints, Floats]:
        """
        Say what each swap is worth, staying left out.

        Returns
        -------
        The sites chosen, and chosen × sites; minus infinite is a swap that breaks a rule (Resende &
        Werneck 2007, European Journal of Operational Research 174).
        """
        chosen = np.flatnonzero(self.taken)
        if not len(chosen):
            return chosen, np.empty((0, len(self.taken)))
        if self._known is None or not np.array_equal(self._known[0], self.taken):
            gain = self._swaps(chosen)
            gain[:, self.taken | self.closed] = -np.inf
            gain[self.required[chosen]] = -np.inf
            for held, sites in self._alone(chosen):
                gain[held, ~sites] = -np.inf
            kind = self.areas.kind
            gain[~self.areas.instead(chosen, self.number)[kind[chosen]][:, kind]] = -np.inf
            self._known = self.taken.copy(), gain
        return chosen, self._known[1]

    def _swaps(self, chosen: Ints) -> Floats:
        cover, row = self.instance.cover, self.instance.row
        size = cover.shape[0]
        first, best, second = self._two(chosen)
        # others add nothing to a segment, whichever of the chosen is put away
        some = np.flatnonzero(cover.data > second[cover.indices])
        at, site, value = cover.indices[some], row[some], cover.data[some]
        plain = np.maximum(value - best[at], 0.0)
        demand = self.demand[at]
        gain = np.bincount(site, plain * demand, size)
        pairs = np.bincount(
            first[at] * size + site, (value - second[at] - plain) * demand, len(chosen) * size
        )
        loss = np.bincount(first, self.demand * (best - second), len(chosen))
        return np.asarray(gain + pairs.reshape(len(chosen), size) - loss[:, None])

    def fewest(self) -> Ints:
        """Find the fewest sites more that keep every hard constraint that can be kept."""
        open_, rows = self._asked()
        found = set_cover(rows)
        return open_[:0] if found is None else open_[found]

    def _manned(self) -> Ints:
        """Find the same for the teams that there are; none if they are too few."""
        open_, rows = self._asked()
        found = set_cover(rows, self.areas.only[:, self.areas.kind[open_]], -self._over())
        return open_[:0] if found is None else open_[found]

    def _asked(self) -> tuple[Ints, Bools]:
        """Open sites, and the hard constraints left × which of them keep it."""
        open_ = np.flatnonzero(~self.closed & ~self.taken)
        rows = np.unique(self.keys[self._unmet()][:, open_], axis=0)
        return open_, rows[rows.any(axis=1)]

    def _over(self) -> Ints:
        """By group of squadrons: how many more sites are taken than it has teams, or fewer."""
        count = self.areas.count(np.flatnonzero(self.taken))
        return np.asarray(count - self.areas.teams[:, self.number])

    def _free(self) -> Bools:
        return self.areas.free(np.flatnonzero(self.taken), self.number) & ~self.closed

    def _unmet(self) -> Bools:
        return ~np.asarray(self.keys[:, self.taken].any(axis=1))

    def _alone(self, chosen: Ints) -> list[tuple[int, Bools]]:
        """Of the chosen those that alone keep a hard constraint, and the sites that could, too."""
        own = self.keys[:, chosen]
        rows = np.flatnonzero(own.sum(axis=1) == 1)
        return [(int(own[row].argmax()), self.keys[row]) for row in rows]

    def _keep(self, open_: Bools | None) -> None:
        """
        Take sites for hard constraints, those that keep most of them first.

        `open_` are those to choose from; None: only what can be manned.
        """
        while True:
            asked = self.keys[self._unmet()].sum(axis=0)
            asked[~(self._free() if open_ is None else open_)] = 0
            if not asked.any():
                return
            self._take(np.flatnonzero(asked == asked.max()))

    def _take(self, sites: Ints) -> None:
        """Take the one of some sites that adds most."""
        best = self.instance.best(np.flatnonzero(self.taken))
        bonus = self.bonus
        self.taken[max(sites, key=lambda site: self._gain(int(site), best) + bonus[site])] = True

    def _drop(self) -> bool:
        """Put away the site that is worth least of those that are too many, if any can be."""
        chosen = np.flatnonzero(self.taken)
        first, best, second = self._two(chosen)
        loss = np.bincount(first, self.demand * (best - second), len(chosen)) + self.bonus[chosen]
        loss[self.required[chosen]] = np.inf
        loss[[held for held, _ in self._alone(chosen)]] = np.inf
        over = self._over()
        if (over > 0).any():
            loss[~self.areas.only[int(over.argmax())][self.areas.kind[chosen]]] = np.inf
        least = int(loss.argmin())
        if np.isinf(loss[least]):
            return False
        self.taken[chosen[least]] = False
        return True

    def _gain(self, site: int, best: Floats) -> float:
        """What a site would add to the cover that is there."""
        cover = self.instance.cover
        own = slice(cover.indptr[site], cover.indptr[site + 1])
        at = cover.indices[own]
        more = cover.data[own] - best[at]
        return float(np.maximum(more, 0.0) @ self.demand[at])

    def _two(self, chosen: Ints) -> tuple[Ints, Floats, Floats]:
        """By segment: which of the chosen does most for it, how much, and the next best."""
        own = self.instance.cover[chosen].toarray()
        first = own.argmax(axis=0)
        columns = np.arange(own.shape[1])
        best = own[first, columns]
        own[first, columns] = 0.0
        return first, best, own.max(axis=0)
