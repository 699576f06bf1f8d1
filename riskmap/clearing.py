"""The least extra staff that leaves no key road alone, and in whose area it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from riskmap import posts
from riskmap.area import Area
from riskmap.blindspots import Certificate
from riskmap.key_roads import Keys, hard
from riskmap.posts import Instance, Key
from riskmap.standing import Standing

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def cleared(
    area: Area,
    areas: Mapping[str, Bools],
    seen: Certificate,
    found: Standing,
    keys: Keys,
    thinned: Bools,
) -> Certificate:
    """
    Say how many teams more would leave no blind spot.

    They stand beside the posts and patrols that there are; where no squadron has an area of its
    own and fewer teams do if all posts are chosen anew, so many.

    Parameters
    ----------
    area
        The roads and the rules.
    areas
        Segments on which each squadron works, of those that have an area of their own.
    seen
        What the roster does for key roads.
    found, keys
        The posts, and the roads that they should not leave alone.
    thinned
        Sites × blocks that only a campaign's distance between its posts closes: it does not bind
        who clears blind spots.

    Returns
    -------
    The same with `extra_teams`, `extra_by` and `hopeless`.
    """
    alone = area.segments.index.get_indexer(seen.spots["segment_id"].unique())
    free, taken = found.instance.forbidden & ~thinned, found.found.taken
    inside = {name: own[found.sites.segment] for name, own in areas.items()}

    def asked(segments: Ints, required: Bools) -> Instance:
        own = Keys(keys.windows, np.sort(segments))
        rules = area.parameters
        wanted = hard(found.sites.cover, own, found.edges, rules["deploy"], rules["sites"])
        return replace(
            found.instance, keys=tuple(_own(key, inside) for key in wanted), required=required,
            forbidden=free & ~required,
        )  # fmt: skip

    beside = asked(alone.astype(np.int64), taken)
    least, hopeless = posts.least_teams(beside)
    more, by = int((least - taken.sum(axis=0)).max(initial=0)), {}
    if areas:  # whoever works in an area of his own cannot be put anywhere
        by = _by_squadron(posts.fewest(beside), inside)
        more = sum(by.values())
    else:
        least, _ = posts.least_teams(asked(keys.segments, found.instance.required))
        again = int((least - found.instance.teams).max(initial=0))
        more = min(more, again) if again > 0 else more
    names = tuple(dict.fromkeys(area.segments.index[int(key.name)] for key in hopeless))
    return replace(seen, extra_teams=more, extra_by=by, hopeless=names)


def _own(key: Key, inside: Mapping[str, Bools]) -> Key:
    """The same at sites in some squadron's area, if there are any."""
    here = np.any([own[key.sites] for own in inside.values()], axis=0) if inside else np.empty(0)
    return replace(key, sites=key.sites[here]) if here.any() else key


def _by_squadron(added: list[Ints], inside: Mapping[str, Bools]) -> dict[str, int]:
    """Most teams that each squadron needs more in a block; "" is where no squadron has its area."""
    most: dict[str, int] = {}
    for sites in added:
        owners = [next((name for name in inside if inside[name][site]), "") for site in sites]
        for name in owners:
            most[name] = max(most.get(name, 0), owners.count(name))
    return {name: most[name] for name in (*inside, "") if name in most}
