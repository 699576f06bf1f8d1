"""What is known before any record: the base harm of every place, and what each layer adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from riskmap import temper
from riskmap.families import FAMILIES, FREQUENCY, Family, Term
from riskmap.hours import Almanac
from riskmap.layer import Layer
from riskmap.profiles import AREAS, Profiles
from riskmap.relations import Places
from riskmap.risk import BASES, Model
from riskmap.schedule import Timetable
from riskmap.segments import Network, by_class
from riskmap.touch import Column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def build(
    places: Places,
    columns: Sequence[Column],
    layers: Mapping[str, Layer],
    rail_segments: pd.DataFrame,
    parameters: Mapping[str, Any],
    *,
    almanac: Almanac,
    profiles: Profiles,
) -> Model:
    """
    Put flows, touches and parameters together.

    Parameters
    ----------
    places
        Segments with `aadt`, junctions and rail crossings.
    columns
        From `touch.touches`.
    layers
        The layers that made them, by name.
    rail_segments
        Pairs `crossing`, `segment` from `touch.rail_crossings`.
    parameters
        The whole table of `parameters.toml`.
    almanac
        Where it is looked up what an hour at the place is like.
    profiles
        How traffic divides over the hours; the `profile` of a place is a number in it.
    """
    segments = places.network.segments
    network, rule = places.network, parameters["junctions"]
    reach = rule["spread_m"]
    at_junction, at_rail = _junction_starts(network), _rail_starts(places, rail_segments)
    drawn = {
        "link": None,
        "junction": spread(network, at_junction, len(network.junctions), reach),
        "rail": spread(network, at_rail, len(places.rail), reach),
    }
    area = (places.table["area"].to_numpy(object) == "urban").astype(np.int64)
    families = []
    profile = places.table["profile"].to_numpy(np.int64)
    for name, (rate, cost) in _bases(places, area, parameters).items():
        rows = places.rows(FAMILIES[name])
        family = Family(
            name=name,
            kind=FAMILIES[name],
            base=rate * cost,
            cost=cost,
            area=area[rows],
            profile=profile[rows],
            candidates=(),
            log_cap=float(np.log(parameters["score"]["cap"])),
        )
        candidates = terms(family, rows, columns, layers, parameters)
        families.append(replace(family, candidates=candidates))
    km = segments["length_m"].to_numpy() / 1000.0
    timetable = Timetable(
        almanac=almanac,
        profiles=profiles,
        layers=layers,
        times=dict.fromkeys((column.layer, column.window) for column in columns),
    )
    return Model(
        index=segments.index,
        km=km,
        aadt=segments["aadt"].to_numpy(),
        profile=profile[places.rows("link")],
        families=tuple(families),
        spread=drawn,
        tempers={
            kind: temper.stated(
                found, km if kind == "link" else np.ones(len(found)), parameters["score"]["temper"]
            )
            for kind, found in temper.densities(families, km).items()
        },
        time=timetable,
        parameters=parameters,
        reasons=(*BASES.values(), *layers, "cap"),
    )


def _bases(
    places: Places, area: Ints, parameters: Mapping[str, Any]
) -> dict[str, tuple[Floats, Floats]]:
    """Crashes a year of every family without layers, by the stated rate, and their cost each."""
    segments, rules = places.network.segments, parameters["families"]
    factor = by_class(segments, parameters["roads"]["classes"], "factor")
    aadt, km = segments["aadt"].to_numpy(), segments["length_m"].to_numpy() / 1000.0
    link, junction, rail = (area[places.rows(kind)] for kind in ("link", "junction", "rail"))
    vkm = aadt * 365.0 * km
    crashes = np.bincount(link, vkm, minlength=2) * parameters["rate"]["per_mvkm"] / 1e6
    crashes *= np.array([1.0, parameters["rate"]["urban"]])
    speed = _speed_factor(segments, parameters)
    result = {}
    for name, kind in FAMILIES.items():
        rule = rules[name]
        unit = np.array([rule["unit"][kind_of] for kind_of in AREAS])
        if kind == "rail":
            flow = places.table["aadt"].to_numpy()[places.rows("rail")]
            # the tracks of one crossing share its crashes
            rate = rule["per_year_1000"] * (flow / 1000.0) ** rule["beta"]
            rate = rate / places.rail["tracks"].to_numpy(float)
            result[name] = rate, unit[rail]
            continue
        if kind == "link":
            raw, at, worth = factor * aadt ** rule["beta"] * km, link, unit[link] * speed
        else:
            raw, at = _junction_rates(places.quantities, parameters["junction_model"]), junction
            worth = unit[junction]
        sums = np.bincount(at, raw, minlength=2)
        share = np.array([rule["share"][kind_of] for kind_of in AREAS])
        scale = np.divide(crashes * share, sums, out=np.zeros(2), where=sums > 0)
        result[name] = raw * scale[at], worth
    return result


def _speed_factor(segments: pd.DataFrame, parameters: Mapping[str, Any]) -> Floats:
    """A road's speed against the reference of its own class and area, to a stated power."""
    rule = parameters["speed"]
    reference = by_class(segments, parameters["roads"]["classes"], "kph")
    ratio = segments["maxspeed_kph"].to_numpy(float) / reference
    return np.asarray(np.clip(ratio ** rule["between"], rule["least"], rule["most"]))


def _junction_rates(junctions: pd.DataFrame, rule: Mapping[str, Any]) -> Floats:
    """Crashes a year at each junction, up to a scale, from the flows that meet there."""
    major, minor = junctions["major_aadt"].to_numpy(), junctions["minor_aadt"].to_numpy()
    four = junctions["approaches"].to_numpy() > 3  # noqa: PLR2004  # three-leg model up to three
    model = {
        name: np.where(four, rule["four"][name], rule["three"][name])
        for name in ("constant", "major", "minor")
    }
    log = model["constant"] + model["major"] * np.log(major) + model["minor"] * np.log(minor)
    signals = junctions["control"].to_numpy(object) == "signals"
    return np.exp(log + rule["signals"] * signals)


def terms(
    family: Family,
    own: slice,
    columns: Sequence[Column],
    layers: Mapping[str, Layer],
    parameters: Mapping[str, Any],
) -> tuple[Term, ...]:
    """
    What the layers add to the logs of a family.

    Parameters
    ----------
    family
        Its name and area codes count; its terms do not.
    own
        Rows of the family's kind among all places.
    columns, layers, parameters
        As in `build`.
    """
    result, slope = [], parameters["score"]["temper"]
    for column in columns:
        layer = layers[column.layer]
        here = (column.rows >= own.start) & (column.rows < own.stop)
        rows = column.rows[here] - own.start
        if not len(rows):
            continue
        touch, unknown = column.touch[here], column.unknown[here]
        for effect in layer.effects:
            if effect.when != column.when or effect.family not in (family.name, "all"):
                continue
            log = np.log(effect.factor) * np.ones(len(rows))
            if effect.on == "flow":
                log *= parameters["families"][family.name]["beta"]
            elif effect.on == "speed":
                power = np.array([parameters["speed"]["change"][kind_of] for kind_of in AREAS])
                log *= power[family.area[rows]]
            # hand-set factors of how often are tempered like the base, those of how bad are not
            tempered = slope if effect.on in FREQUENCY else 1.0
            log *= tempered
            per_touch = np.abs(log / np.log(effect.factor)) if effect.factor != 1.0 else tempered
            held, hidden, relief = touch * log, np.zeros(len(rows)), layer.touch.relieved
            if relief is not None and column.relieved is not None and column.bare is not None:
                eased = touch * np.log(relief.factor) * tempered
                held = held + np.where(column.relieved[here], eased, 0.0)
                settled = column.relieved[here] | column.bare[here]
                hidden = np.where(settled, 0.0, eased)
            hoped = relief.unknown if relief is not None else 0.0
            # a layer has `when`, or a measure, or none of the two: then nothing is unknown
            maybe = layer.touch.unknown if effect.unknown is None else effect.unknown
            result.append(
                Term(
                    layer=column.layer,
                    group=layer.group,
                    effect=effect,
                    rows=rows,
                    time=(column.layer, column.window),
                    steady=column.window is None and not layer.active,
                    weight=touch * per_touch,
                    power=tempered,
                    log_sd=parameters["interval"]["log_sd"][effect.grade],
                    unknown=unknown,
                    maybe=maybe,
                    held_log=held,
                    relief_log=hidden,
                    hoped=hoped,
                )
            )
    return tuple(result)


# --- drawing the harm of a point over the roads around it ----------------------------------------


def spread(
    network: Network, starts: pd.DataFrame, size: int, spread_m: float
) -> csr_array:
    """
    Draw the harm of points over the first metres of the roads that leave them.

    Every metre gets as much, and each road goes on over the ends of short pieces up to the next
    junction, so that a 15 m stub gets no more per metre than a long road.

    Parameters
    ----------
    network
        Its segments and edges.
    starts
        `point` (column of the result), `segment`, `to_end` (walk towards the segment's last vertex)
        and `metres` that are left of the segment in that direction.
    size
        Number of points.
    spread_m
        How far to walk.

    Returns
    -------
    Segments × points; every column with a start adds up to 1.
    """
    segments = network.segments
    length = segments["length_m"].to_numpy()
    after, entered_at_start = _following(network)
    point, segment = starts["point"].to_numpy(np.int64), starts["segment"].to_numpy(np.int64)
    to_end = starts["to_end"].to_numpy(bool)
    here = starts["metres"].to_numpy(float)
    left = np.full(len(point), spread_m)
    walked = [(point[:0], segment[:0], left[:0])]
    while len(point):
        covered = np.minimum(here, left)
        walked.append((point, segment, covered))
        left = left - covered
        following = after[segment, to_end.astype(int)]
        on = (left > 0) & (following >= 0)
        to_end = entered_at_start[segment, to_end.astype(int)][on]
        point, segment, left = point[on], following[on], left[on]
        here = length[segment]
    points, rows, weight = (np.concatenate(part) for part in zip(*walked, strict=True))
    total = np.bincount(points, weight, minlength=size)
    return csr_array((weight / total[points], (rows, points)), shape=(len(segments), size))


def _following(network: Network) -> tuple[Ints, NDArray[np.bool_]]:
    """
    For each segment and end (0 first, 1 last vertex) the next segment, −1 at junctions and ends.

    The second table says whether that segment is entered at its first vertex.
    """
    edges = network.edges
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    size = len(network.segments)
    after = np.column_stack([np.arange(size) - 1, np.arange(size) + 1])
    at_start = np.column_stack([np.zeros(size, bool), np.ones(size, bool)])
    after[first, 0] = after[last, 1] = -1
    ends = pd.DataFrame({
        "node": np.concatenate([edges["u"], edges["v"]]),
        "segment": np.concatenate([first, last]),
        "end": np.repeat([0, 1], len(edges)),
    })
    met = np.bincount(ends["node"])[ends["node"]]
    through = ends[met == 2].sort_values(["node", "segment", "end"])  # noqa: PLR2004  # no junction
    segment, end = through["segment"].to_numpy(), through["end"].to_numpy()
    odd, even = slice(0, None, 2), slice(1, None, 2)
    for one, other in ((odd, even), (even, odd)):
        after[segment[one], end[one]] = segment[other]
        at_start[segment[one], end[one]] = end[other] == 0
    return after, at_start


def _junction_starts(network: Network) -> pd.DataFrame:
    edges = network.edges
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    parts = []
    for side, piece, to_end in (("ju", first, True), ("jv", last, False)):
        at = np.flatnonzero(edges[side].to_numpy() >= 0)
        parts.append(pd.DataFrame({
            "point": edges[side].to_numpy()[at], "segment": piece[at], "to_end": to_end
        }))
    starts = pd.concat(parts)
    length = network.segments["length_m"].to_numpy()
    return starts.assign(metres=length[starts["segment"]])


def _rail_starts(places: Places, pairs: pd.DataFrame) -> pd.DataFrame:
    """Both directions from each crossing, on each of the segments that it lies on."""
    segment = pairs["segment"].to_numpy(np.int64)
    lines = places.geometry[segment]
    at = shapely.line_locate_point(lines, places.rail.geometry.to_numpy()[pairs["crossing"]])
    length = places.network.segments["length_m"].to_numpy()[segment]
    parts = [
        pd.DataFrame({
            "point": pairs["crossing"], "segment": segment, "to_end": to_end, "metres": metres
        })
        for to_end, metres in ((True, length - at), (False, at))
    ]
    starts = pd.concat(parts)
    return starts[starts["metres"] > 0]
