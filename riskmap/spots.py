"""What a row means by a way, a line or a point: pieces of road, or the junction at the point."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.cells import numbers, plain
from riskmap.facts import along
from riskmap.places import Account
from riskmap.segments import Network

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

_PARTS = re.compile(r"[;,、/|\s]+")
_NAME = 2
"""A shorter name stands in too many others."""


@dataclass(frozen=True)
class Rows:
    """
    What the rows of a list say of their places.

    `ways`: pairs `row` and `way`, from `ways_of`. `shapes`: points or lines in the CRS of the
    network, None where a row has none. `names`: of the road, "" where the row names none.
    `at_junction`: whether a point may mean a junction; otherwise it means the whole stretch of road
    up to the next junctions.
    """

    ways: pd.DataFrame
    shapes: Shapes
    names: Sequence[str]
    at_junction: Bools

    @property
    def has_way(self) -> Bools:
        """Which rows name a way."""
        result = np.zeros(len(self.shapes), dtype=bool)
        result[self.ways["row"]] = True
        return result


def ways_of(cells: Sequence[str], account: Account) -> pd.DataFrame:
    """
    Read ids of ways: "w123; 124". A row with anything else is dropped.

    Returns
    -------
    Pairs of `row` and `way`.
    """
    texts = [[part for part in _PARTS.split(plain(cell).lower()) if part] for cell in cells]
    row = np.repeat(np.arange(len(texts)), [len(parts) for parts in texts])
    found = numbers([part.removeprefix("w") for parts in texts for part in parts])
    whole = (found >= 1) & (found < 2**53) & (found % 1 == 0)
    wrong = np.zeros(len(texts), dtype=bool)
    wrong[row[~whole]] = True
    account.say(wrong, "dropped", "import.not_a_way", value=list(cells))
    table = pd.DataFrame({"row": row[whole], "way": found[whole].astype(np.int64)})
    return table.drop_duplicates(ignore_index=True)


def meant(
    account: Account, rows: Rows, network: Network, rules: Mapping[str, Any]
) -> tuple[Ints, Ints]:
    """
    Find the pieces of road and the junctions that rows mean, and tell of those that mean none.

    A way means its pieces; a line those along it, as for facts; both, the pieces of that way along
    that line. A point means the nearest junction within `junction_m` if it may mean one and the row
    names no way, else the nearest piece of road within `road_m`, of that way if the row names one.
    A name comes before nearness: what bears it, or meets a road that does, is preferred to what
    does not.

    Parameters
    ----------
    account
        Of the rows.
    rows
        What they say.
    network
        The roads.
    rules
        The whole table of `parameters.toml`: `[traffic]` and `[points]`.

    Returns
    -------
    Pairs of row and place, without repetition: below the number of segments a row of
    `network.segments`, from there on one of `network.junctions`.
    """
    ways = _known_ways(account, rows, network)
    shape = np.where(account.alive, shapely.get_type_id(rows.shapes), -1)
    pairs = [
        _by_way(account.alive & (shape < 0), ways, network),
        _by_line(account, np.flatnonzero(shape > 0), rows, ways, network, rules["points"]),
        _by_point(account, np.flatnonzero(shape == 0), rows, ways, network, rules["traffic"]),
    ]
    table = pd.concat(pairs).drop_duplicates().sort_values(["row", "place"])
    table = table[account.alive[table["row"].to_numpy(np.int64)]]
    return table["row"].to_numpy(np.int64), table["place"].to_numpy(np.int64)


def _known_ways(account: Account, rows: Rows, network: Network) -> pd.DataFrame:
    """Ways of the area; a row without any of them is dropped, other ids of a row are told."""
    ways = rows.ways
    known = ways["way"].isin(network.segments["way_id"]).to_numpy()
    some = np.zeros(len(account.alive), dtype=bool)
    some[ways["row"][known]] = True
    account.say(rows.has_way & ~some, "dropped", "import.unknown_way")
    other = np.full(len(some), "", dtype=object)
    for row, part in ways[~known].groupby("row"):
        other[int(str(row))] = ", ".join(f"w{way}" for way in part["way"])
    account.say(other != "", "", "import.traffic.unknown_ways", ways=other)
    return ways[known]


def _pairs(row: Ints, place: Ints) -> pd.DataFrame:
    return pd.DataFrame({"row": row, "place": place}, dtype=np.int64)


def _by_way(which: Bools, ways: pd.DataFrame, network: Network) -> pd.DataFrame:
    pieces = pd.DataFrame({
        "place": np.arange(len(network.segments)), "way": network.segments["way_id"].to_numpy()
    })  # fmt: skip
    found = ways[which[ways["row"]]].merge(pieces, on="way")
    return _pairs(found["row"].to_numpy(np.int64), found["place"].to_numpy(np.int64))


def _by_line(
    account: Account,
    asked: Ints,
    rows: Rows,
    ways: pd.DataFrame,
    network: Network,
    rules: Mapping[str, Any],
) -> pd.DataFrame:
    number, segment = along(network.segments, rows.shapes[asked], rules)
    found = _of_way(_pairs(asked[number], segment), rows, ways, network)
    lost = np.zeros(len(account.alive), dtype=bool)
    lost[np.setdiff1d(asked, found["row"])] = True
    account.say(lost, "dropped", "import.along_no_road")
    return found


def _of_way(
    pairs: pd.DataFrame, rows: Rows, ways: pd.DataFrame, network: Network
) -> pd.DataFrame:
    """Pairs of row and segment without those that are of another way than the row names."""
    way = network.segments["way_id"].to_numpy()[pairs["place"]]
    told = pairs[["row"]].assign(way=way).merge(ways.assign(own=True), how="left")
    return pairs[~rows.has_way[pairs["row"]] | told["own"].notna().to_numpy()]


def _by_point(
    account: Account,
    asked: Ints,
    rows: Rows,
    ways: pd.DataFrame,
    network: Network,
    rules: Mapping[str, Any],
) -> pd.DataFrame:
    road = _nearest_roads(asked, rows, ways, network, rules["road_m"])
    may = rows.at_junction & ~rows.has_way
    junction = _nearest_junctions(asked[may[asked]], rows, network, rules["junction_m"])
    # a road that bears the name counts before a junction of others
    unnamed = junction.index[~junction["named"]]
    junction = junction.drop(unnamed.intersection(road.index[road["named"]]))
    road = road.drop(junction.index, errors="ignore")
    lost = np.zeros(len(account.alive), dtype=bool)
    lost[np.setdiff1d(asked, [*road.index, *junction.index])] = True
    metres = {key: f"{rules[key]:g}" for key in ("road_m", "junction_m")}
    account.say(lost & may, "dropped", "import.traffic.off_junction", **metres)
    account.say(lost & ~may, "dropped", "import.traffic.off_road", road_m=metres["road_m"])
    _tell(account, rows, road, junction, network)
    pieces = pd.DataFrame({
        "place": np.arange(len(network.segments)), "edge": network.segments["edge"].to_numpy()
    })  # fmt: skip
    spread = road[~rows.at_junction[road.index]].rename_axis("row").reset_index()
    edge = network.segments["edge"].to_numpy()[spread["place"]]
    spread = spread[["row"]].assign(edge=edge).merge(pieces, on="edge")
    single = road[rows.at_junction[road.index]]
    return pd.concat([
        _pairs(spread["row"].to_numpy(np.int64), spread["place"].to_numpy(np.int64)),
        _pairs(single.index.to_numpy(np.int64), single["place"].to_numpy(np.int64)),
        _pairs(
            junction.index.to_numpy(np.int64),
            junction["place"].to_numpy(np.int64) + len(network.segments),
        ),
    ])  # fmt: skip


def _tell(
    account: Account, rows: Rows, road: pd.DataFrame, junction: pd.DataFrame, network: Network
) -> None:
    """Say of points where they were taken to be, so that a wrong road is seen."""
    size = len(account.alive)
    which, said = np.zeros(size, dtype=bool), np.full(size, "", dtype=object)
    which[junction.index] = True
    said[junction.index] = [f"{metres:.0f}" for metres in junction["metres"]]
    account.say(which, "", "import.traffic.at_junction", metres=said)
    which[:] = False
    which[road.index] = True
    part = network.segments.iloc[road["place"]]
    said[road.index] = [
        name or ref or f"w{way}"
        for name, ref, way in zip(part["name"], part["ref"], part["way_id"], strict=True)
    ]
    account.say(which, "", "import.traffic.on_road", road=said)
    which[:] = False
    for found in (road, junction):
        which[found.index[~found["named"]]] = True
    which &= np.array([name != "" for name in rows.names], dtype=bool)
    account.say(which, "", "import.traffic.other_name", name=list(rows.names))


def _nearest_roads(
    asked: Ints, rows: Rows, ways: pd.DataFrame, network: Network, reach_m: float
) -> pd.DataFrame:
    """Best piece of road of each row: index row, `place`, `named`, `metres`."""
    points, segments = rows.shapes[asked], network.segments
    lines = segments.geometry.to_numpy()
    number, segment = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach_m)
    pairs = _of_way(_pairs(asked[number], segment), rows, ways, network)
    place = pairs["place"].to_numpy()
    pairs["metres"] = shapely.distance(rows.shapes[pairs["row"]], lines[place])
    pairs["named"] = _bears(rows.names, pairs, network)
    # where pieces meet all are as near: the point is on the larger road
    pairs["rank"] = -segments["rank"].to_numpy()[place]
    return _best(pairs)


def _nearest_junctions(
    asked: Ints, rows: Rows, network: Network, reach_m: float
) -> pd.DataFrame:
    """Best junction of each row, as `_nearest_roads`."""
    points, junctions = rows.shapes[asked], network.junctions.geometry.to_numpy()
    number, place = shapely.STRtree(junctions).query(
        points, predicate="dwithin", distance=reach_m
    )
    pairs = _pairs(asked[number], place)
    pairs["metres"] = shapely.distance(points[number], junctions[place])
    edges = network.edges
    first = edges["first_piece"].to_numpy()
    arms = pd.concat([
        pd.DataFrame({"place": edges[side].to_numpy(), "segment": piece})
        for side, piece in (("ju", first), ("jv", first + edges["pieces"].to_numpy() - 1))
    ])  # fmt: skip
    roads = pairs[["row", "place"]].reset_index().merge(arms, on="place")
    roads["named"] = _bears(rows.names, roads.assign(place=roads["segment"]), network)
    named = roads.groupby("index")["named"].any()
    pairs["named"] = named.reindex(pairs.index, fill_value=False)
    return _best(pairs.assign(rank=0))


def _best(pairs: pd.DataFrame) -> pd.DataFrame:
    order = pairs.assign(other=~pairs["named"], cm=pairs["metres"].round(2))
    order = order.sort_values(["row", "other", "cm", "rank", "place"])
    return order.drop_duplicates("row").set_index("row")[["place", "named", "metres"]]


def _bears(names: Sequence[str], pairs: pd.DataFrame, network: Network) -> Bools:
    """Whether the segment of each pair (`row`, `place`) bears the name that the row states."""
    row, roads = pairs["row"].to_numpy(np.int64), network.segments
    stated = np.array([_plain(name) for name in names], dtype=object)[row]
    place = pairs["place"].to_numpy(np.int64)
    both = pd.DataFrame({
        "stated": stated, "name": roads["name"].to_numpy(object)[place],
        "ref": roads["ref"].to_numpy(object)[place],
    })  # fmt: skip
    code, known = pd.factorize(pd.MultiIndex.from_frame(both))
    return np.array([_same(*one) for one in known], dtype=bool)[code]


def _same(stated: str, name: str, ref: str) -> bool:
    """Whether "人民路/解放路" or "S206 km 3" speaks of a road of this name or number."""
    own = _plain(name)
    if len(own) >= _NAME and (own in stated or (len(stated) >= _NAME and stated in own)):
        return True
    marks = [_plain(mark) for mark in re.split(r"[;,/]", ref)]
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(mark)}(?![0-9])", stated) for mark in marks if mark
    )


def _plain(text: str) -> str:
    return re.sub(r"\s", "", plain(text).lower())
