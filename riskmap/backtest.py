"""How much of later crashes a score would have caught: hold-outs by years and by squares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import baselines, calibration, evaluate, kde, learning
from riskmap.blocks import blocks, spatial_folds
from riskmap.crashes import Crashes, counts
from riskmap.errors import RiskmapError
from riskmap.fitting import KINDS, Counts
from riskmap.risk import Model
from riskmap.segments import Network

__all__ = ["Backtest", "run"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Years = tuple[int, int]

OUTCOMES = ("crashes", "harm", "nearest")
"""Crashes, junctions' shared over their approaches; weighted by severity; and each crash whole on
the piece of road that it lies nearest to, which asks nothing of the model."""
RIVALS = ("counts", "kde", "class_eb")
"""What learns from the same records at the same look-back."""
LEAST = 20
"""Replicates under which the ends of a 90 % interval are its extremes."""
FEW = 30
"""Test crashes under which no verdict is given."""


@dataclass(frozen=True)
class Backtest:
    """
    What a hold-out found.

    Rankings are named "random", "class" (road class alone), "prior" (riskmap without records),
    "prior_harm" (the same by harm), and with the years of look-back behind them "records_6"
    (riskmap with records), "counts_6", "kde_6", "class_eb_6".

    `table`: as `evaluate.compare`, against "class". `rivals`: `lookback`, `over`, and the gain of
    "records" over it as `evaluate.Trial.gains`. `spatial`: as `table`, of rankings "prior",
    "learned" (re-fitted on the other squares) and "class". `tenths`, `slope`, `cure`: of the
    ranking with the longest look-back, in crashes of the test years. `overlap`: how much of the top
    stays between rankings learned from the two halves of the training years. `curves`: share of
    length and of crashes by ranking. `learned`: what the longest look-back changed.
    """

    train: Years
    test: Years
    years: float
    crashes: Mapping[str, int]
    road_km: float
    squares: int
    table: pd.DataFrame
    rivals: pd.DataFrame
    spatial: pd.DataFrame
    tenths: pd.DataFrame
    slope: pd.DataFrame
    cure: calibration.Cure
    overlap: pd.DataFrame
    curves: Mapping[str, tuple[Floats, Floats]]
    learned: learning.Learned
    notes: list[tuple[str, Mapping[str, object]]]

    @property
    def longest(self) -> int:
        """Years of the longest look-back."""
        return self.train[1] - self.train[0] + 1


def run(
    model: Model,
    network: Network,
    crashes: Crashes,
    *,
    train: Years,
    test: Years,
    look_backs: Sequence[int] = (1, 3),
    replicates: int = 1000,
    progress: Callable[[str, float], None] | None = None,
) -> Backtest:
    """
    Train on some years, test on later ones; and train on some squares, test on the others.

    Parameters
    ----------
    model
        Without records.
    network
        Its roads.
    crashes
        From `crashes.read`.
    train, test
        First and last year of each; they must not overlap, and the test must be later.
    look_backs
        Years before the test to learn from, beside all of `train`; longer ones, and those that the
        records do not cover, are left out.
    replicates
        Of the block bootstrap.
    progress
        Called with the name of the stage and how much of the work is done, 0..1.

    Raises
    ------
    RiskmapError
        Years that overlap or that the records do not cover, or no crash to test on.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap import backtest
    >>> area = riskmap.assess(riskmap.sample(), crashes=riskmap.sample_crashes())
    >>> found = backtest.run(area.prior, area.network, area.crashes,
    ...                      train=(2020, 2021), test=(2022, 2023), look_backs=(), replicates=20)
    >>> found.crashes["test"] > 800, found.longest
    (True, 2)
    """
    check_years(crashes, train, test)
    if replicates < LEAST:
        raise RiskmapError(
            f"--replicates {replicates}: too few for an interval; take {LEAST} or more"
        )
    tell = progress or (lambda _stage, _done: None)
    rules = model.parameters
    setting = _Setting.of(model, network, rules)
    spans = {n: (train[1] - n + 1, train[1]) for n in look_backs if n < train[1] - train[0] + 1}
    spans = {n: span for n, span in spans.items() if crashes.covered(*span)}
    spans[train[1] - train[0] + 1] = train
    tested = counts(crashes, network, first=test[0], last=test[1])
    happened = setting.outcomes(crashes.between(*test), tested)
    if not happened["crashes"].any():
        raise RiskmapError(
            f"records: no crash of {test[0]}–{test[1]} lies on a road that is ranked; "
            "test on other years"
        )
    rankings: dict[str, Floats] = {"random": np.ones(setting.roads.sum())}
    learned: dict[int, learning.Learned] = {}
    for step, (n, span) in enumerate(sorted(spans.items())):
        tell("learn", step / (len(spans) + 2))
        known = counts(crashes, network, first=span[0], last=span[1])
        learned[n] = learning.learn(model, known)
        rankings[f"records_{n}"] = setting.per_km(learned[n].model.crashes().to_numpy())
        rankings |= {f"{name}_{n}": found for name, found in setting.rivals(known).items()}
    longest = max(spans)
    known = counts(crashes, network, first=train[0], last=train[1])
    rankings["class"] = setting.by_class(known)
    rankings["prior"] = setting.per_km(model.crashes().to_numpy())
    rankings["prior_harm"] = setting.per_km(model.harm().to_numpy())
    tell("measure", len(spans) / (len(spans) + 2))
    done = evaluate.trial(
        rankings, setting.metres, happened, setting.squares, replicates=replicates
    )
    tell("squares", (len(spans) + 1) / (len(spans) + 2))
    expected = learned[longest].model.crashes().to_numpy()[setting.roads] * tested.years
    measured = {"expected": expected, "observed": happened["crashes"]}
    return Backtest(
        train=train,
        test=test,
        years=known.years,
        crashes={
            "train": int(known.total()), "test": int(tested.total()),
            "ranked": int(happened["nearest"].sum()),
        },
        road_km=float(setting.metres.sum() / 1000.0),
        squares=int(setting.squares.max()) + 1,
        table=done.against("class"),
        rivals=_rivals(done, sorted(spans)),
        spatial=setting.held_out(model, known, happened, replicates),
        tenths=calibration.by_tenth(
            **measured, length_m=setting.metres, blocks=setting.squares, replicates=replicates
        ),
        slope=calibration.slope(**measured, blocks=setting.squares, replicates=replicates),
        # years differ in how many crashes there are in all: that is the ratio's business
        cure=calibration.cure(
            np.log(expected),
            expected * (happened["crashes"].sum() / expected.sum()), happened["crashes"],
        ),
        overlap=_overlap(model, network, crashes, train, setting, replicates),
        curves={
            name: evaluate.capture_curve(rankings[name], setting.metres, happened["crashes"])
            for name in ("random", "class", "prior", f"counts_{longest}", f"records_{longest}")
        },
        learned=learned[longest],
        notes=crashes.notes,
    )  # fmt: skip


def check_years(crashes: Crashes, train: Years, test: Years) -> None:
    """Refuse years that make no honest hold-out."""
    for name, (first, last) in (("train", train), ("test", test)):
        if first > last:
            raise RiskmapError(f"--{name} {first}-{last}: ends before it begins")
        known = crashes.years.index
        reached = len(known) and known.min() <= first and last <= known.max()
        if not reached or not crashes.covered(first, last):
            span = f"{known.min()}–{known.max()}" if len(known) else "no year"
            raise RiskmapError(f"--{name} {first}-{last}: the records cover {span}")
    if test[0] <= train[1]:
        raise RiskmapError(
            f"--test {test[0]}-{test[1]}: must lie after --train {train[0]}-{train[1]}; "
            "a score that knows the crashes it is tested on proves nothing"
        )


def _rivals(done: evaluate.Trial, spans: Sequence[int]) -> pd.DataFrame:
    parts = []
    for n in spans:
        gains = done.gains(f"records_{n}")
        for rival in RIVALS:
            own = gains[gains["over"] == f"{rival}_{n}"]
            parts.append(own.assign(over=rival, lookback=n).drop(columns="ranking"))
    return pd.concat(parts, ignore_index=True)


def _overlap(
    model: Model,
    network: Network,
    crashes: Crashes,
    train: Years,
    setting: _Setting,
    replicates: int,
) -> pd.DataFrame:
    """How much of the top stays from the first half of the training years to the second."""
    middle = (train[0] + train[1]) // 2
    halves = [(train[0], middle), (middle + 1, train[1])]
    if middle == train[1] or not all(crashes.covered(*half) for half in halves):
        return pd.DataFrame({"ranking": [], "share": [], "value": [], "low": [], "high": []})
    known = [counts(crashes, network, first=a, last=b) for a, b in halves]
    pairs = {
        "records": [setting.per_km(learning.learn(model, k).model.crashes().to_numpy())
                    for k in known],
        "counts": [setting.rivals(k)["counts"] for k in known],
    }  # fmt: skip
    return pd.concat(
        [
            evaluate.overlap_interval(
                first, second, setting.metres, setting.squares, replicates=replicates
            ).assign(ranking=name)
            for name, (first, second) in pairs.items()
        ],
        ignore_index=True,
    )


@dataclass(frozen=True)
class _Setting:
    """Roads that are ranked, and what is counted on them."""

    model: Model
    network: Network
    roads: Bools  # of the segments
    metres: Floats  # of those roads
    squares: Ints  # of those roads
    rules: Mapping[str, Any]

    @classmethod
    def of(cls, model: Model, network: Network, rules: Mapping[str, Any]) -> _Setting:
        segments = network.segments
        left_out = segments["road_class"].isin(rules["backtest"]["without"]).to_numpy()
        if left_out.all():
            raise RiskmapError("backtest: no road is left to rank; see [backtest] without")
        middle = shapely.line_interpolate_point(
            segments.geometry.to_numpy()[~left_out], 0.5, normalized=True
        )
        return cls(
            model, network, ~left_out, segments["length_m"].to_numpy()[~left_out],
            blocks(shapely.get_x(middle), shapely.get_y(middle), rules["backtest"]["square_m"]),
            rules,
        )  # fmt: skip

    def per_km(self, crashes: Floats) -> Floats:
        """Density on the ranked roads of what is counted on all."""
        return crashes[self.roads] / self.metres * 1000.0

    def shared(self, link: Floats, junction: Floats) -> Floats:
        """What is counted at links and junctions, on all segments."""
        spread = self.model.spread["junction"]
        return link if spread is None else link + spread @ junction

    def outcomes(self, part: pd.DataFrame, tested: Counts) -> dict[str, Floats]:
        """What happened on the ranked roads, each in three ways."""
        weight = part["severity"].map(self.rules["crashes"]["severity"]).fillna(1.0).to_numpy()
        at = (part["outcome"] == "junction").to_numpy()
        segment, junction = (part[name].to_numpy(np.int64) for name in ("segment", "junction"))
        size = len(self.network.segments)
        harm = self.shared(
            np.bincount(segment[~at], weight[~at], minlength=size).astype(float),
            np.bincount(
                junction[at], weight[at], minlength=len(self.network.junctions)
            ).astype(float),
        )
        found = {
            "crashes": self.shared(tested.crashes["link"], tested.crashes["junction"]),
            "harm": harm,
            "nearest": np.bincount(segment, minlength=size).astype(float),
        }
        return {name: values[self.roads] for name, values in found.items()}

    def rivals(self, known: Counts) -> dict[str, Floats]:
        """What others would make of the same records."""
        link, junction = (known.crashes[kind] for kind in KINDS)
        total = self.shared(link, junction)
        rows = np.flatnonzero(total)
        kernel = kde.kde(
            self.network, rows, weight=total[rows],
            bandwidth_m=self.rules["backtest"]["bandwidth_m"],
        )  # fmt: skip
        km = self.network.segments["length_m"].to_numpy() / 1000.0
        eb = self.shared(
            baselines.class_eb(link, km * 1000.0, known.group["link"], known.years) * km,
            baselines.class_eb(
                junction, np.full(len(junction), 1000.0), known.group["junction"], known.years
            ),
        )
        return {
            "counts": self.per_km(total), "kde": kernel.to_numpy()[self.roads],
            "class_eb": self.per_km(eb),
        }  # fmt: skip

    def by_class(self, known: Counts) -> Floats:
        """Crashes per km of the road class alone."""
        total = self.shared(known.crashes["link"], known.crashes["junction"])[self.roads]
        names = self.network.segments["road_class"].to_numpy(object)[self.roads]
        return baselines.class_only(total, self.metres, names, known.years)

    def held_out(
        self, model: Model, known: Counts, happened: Mapping[str, Floats], replicates: int
    ) -> pd.DataFrame:
        """Rank each square by what the others teach, and test on the later years."""
        rule = self.rules["backtest"]
        places = {
            "link": shapely.line_interpolate_point(
                self.network.segments.geometry.to_numpy(), 0.5, normalized=True
            ),
            "junction": self.network.junctions.geometry.to_numpy(),
        }
        every = np.concatenate(list(places.values()))
        square = blocks(shapely.get_x(every), shapely.get_y(every), rule["square_m"])
        folds = min(rule["folds"], int(square.max()) + 1)
        if folds < 2:  # noqa: PLR2004  # nothing to learn from
            return pd.DataFrame()
        fold = spatial_folds(square, folds)
        own = {"link": fold[: len(places["link"])], "junction": fold[len(places["link"]) :]}
        expected = {kind: np.zeros(len(places[kind])) for kind in KINDS}
        by_class = np.zeros(len(places["link"]))
        names = self.network.segments["road_class"].to_numpy(object)
        metres = self.network.segments["length_m"].to_numpy()
        total = self.shared(known.crashes["link"], known.crashes["junction"])
        for number in range(folds):
            seen = {kind: own[kind] != number for kind in KINDS}
            found = learning.learn(model, replace(known, seen=seen))
            for kind in KINDS:
                expected[kind][~seen[kind]] = found.expected[kind][~seen[kind]]
            rates = pd.DataFrame({"n": total, "m": metres, "c": names})[seen["link"]]
            rates = rates.groupby("c")[["n", "m"]].sum()
            density = rates["n"] / rates["m"]
            held = ~seen["link"]
            by_class[held] = density.reindex(names[held]).fillna(0.0).to_numpy()
        rankings = {
            "class": by_class[self.roads],
            "prior": self.per_km(model.crashes().to_numpy()),
            "learned": self.per_km(self.shared(expected["link"], expected["junction"])),
        }
        return evaluate.compare(
            rankings, self.metres, happened, self.squares, reference="class",
            replicates=replicates,
        )  # fmt: skip
