"""Accuracy: how much of later crashes each ranking catches, and what learning finds again.

With an extract and its crash records, a hold-out by years and by squares, as `riskmap backtest`;
the prior with and without the layer of places with people, whose numbers come from Dublin. Then
truth planted on the sample: parameters drawn from their priors, crashes from the model, and how
well learning brings them back. How long ten times as many records take is told too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

import riskmap  # noqa: E402  # of this tree
from riskmap import (  # noqa: E402  # of this tree
    backtest,
    crashes,
    flow,
    layers,
    learning,
    planted,
    verdict,
)
from riskmap.fitting import Counts  # noqa: E402  # of this tree
from riskmap.spans import years_of  # noqa: E402  # of this tree

SHARES = (0.05, 0.10, 0.20)
NORMAL_80 = 1.2816
WITHIN = 0.15
"""How near the truth a layer should come back, in the log."""
PEOPLE = "people"
Years = tuple[int, int]


def without(layer: str, folder: Path) -> Path:
    """Copy the shipped layers but one."""
    for name in layers.read_layers():
        source = ROOT / "layers" / f"{name}.toml"
        if name != layer:
            (folder / source.name).write_bytes(source.read_bytes())
    return folder


def held_out(extract: Path, records: Path, train: Years, test: Years, replicates: int) -> None:
    """Print the table of a hold-out, with and without the layer whose numbers come from Dublin."""
    area = riskmap.assess(extract, crashes=records, cache=False)
    if area.crashes is None:
        return
    found = backtest.run(
        area.prior, area.network, area.crashes, train=train, test=test, replicates=replicates
    )
    print("\n".join(verdict.sentences(found, "en")), end="\n\n")
    with tempfile.TemporaryDirectory() as folder:
        bare = riskmap.assess(
            extract, crashes=records, layers=without(PEOPLE, Path(folder)), cache=False
        )
    other = backtest.run(
        bare.prior, bare.network, area.crashes, train=train, test=test, look_backs=(),
        replicates=replicates,
    )  # fmt: skip
    plain = other.table[other.table["ranking"] == "prior"].assign(ranking=f"prior, no {PEOPLE}")
    table = pd.concat([found.table, plain], ignore_index=True)
    for outcome in backtest.OUTCOMES:
        print(f"{outcome}: share on the top 5 / 10 / 20 % of length; gain over road class, 90 %")
        _print(table[table["outcome"] == outcome])
    print("records against what learns from the same years: lower ends of the paired gains, points")
    gains = found.rivals[found.rivals["measure"] == "capture"]
    gains = gains[gains["share"].isin(SHARES)]
    lower = gains.pivot_table(index=["outcome", "lookback", "over"], columns="share", values="low")
    print((100 * lower).round(1).to_string(), end="\n\n")
    print("squares held out")
    _print(found.spatial[found.spatial["outcome"] == "crashes"])


def many(extract: Path, records: Path, times: int) -> None:
    """Print how long a CSV of records takes that is so many times as long, moved by some metres."""
    area, random = riskmap.assess(extract, cache=False), np.random.default_rng(0)
    table = pd.read_csv(records)
    every = pd.concat([table] * times, ignore_index=True)
    for name in set(every.columns) & {"lat", "lng", "lon"}:
        every[name] += random.normal(0.0, 5e-5, len(every))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        every.to_csv(path, index=False)
        start = time.perf_counter()
        found = crashes.read([path], area.network, system=None, rules=area.parameters)
    read = time.perf_counter()
    learning.learn(area.prior, crashes.counts(found, area.network))
    fitted = time.perf_counter() - read
    print(f"{len(every):,} records: read and snapped {read - start:.1f} s, fitted {fitted:.1f} s\n")


def _print(table: pd.DataFrame) -> None:
    part = table[(table["measure"] == "capture") & table["share"].isin(SHARES)]
    for ranking, own in part.groupby("ranking"):
        caught = " / ".join(f"{100 * value:.1f}" for value in own["value"])
        gain = ", ".join(
            f"{100 * low:+.1f}…{100 * high:+.1f}"
            for low, high in zip(own["gain_low"], own["gain_high"], strict=True)
        )
        print(f"  {ranking:24s} {caught:20s} {gain}")
    print()


def planted_truth(replicates: int, total: float, least: float) -> None:
    """
    Print how well drawn parameters come back on the sample; everything is simulated.

    Of layers that expect fewer than `least` crashes only how many there are is said.
    """
    area = riskmap.assess(riskmap.sample(), cache=False)
    like = Counts(
        {"link": np.zeros(len(area.segments)), "junction": np.zeros(len(area.junctions))},
        flow.groups(area.network), 3.0, where=crashes.places(area.network),
    )  # fmt: skip
    parts = []
    start = time.perf_counter()
    for seed in range(replicates):
        drawn = planted.plant(area.prior, like, crashes=total, seed=seed)
        found = learning.learn(area.prior, drawn.counts).parameters
        parts.append(found.assign(truth=drawn.truth["truth"]))
    took = (time.perf_counter() - start) / replicates
    table = pd.concat(parts)
    table["away"] = table["local"] - table["truth"]
    table["inside"] = (table["away"] / table["local_sd"]).abs() < NORMAL_80
    own = table[table["kind"] == "layer"]
    print(f"simulated: {replicates} draws of {total:.0f} crashes, {took:.2f} s to learn each")
    print(f"80 % intervals hold {own['inside'].mean():.1%} of {len(own)} layer-replicates")
    told = own.groupby(["name", "when"]).agg(
        crashes=("crashes", "mean"), prior_sd=("prior_sd", "first"), local_sd=("local_sd", "mean"),
        bias=("away", "mean"), rms=("away", lambda away: float(np.sqrt((away**2).mean()))),
        inside=("inside", "mean"),
    )  # fmt: skip
    many_ = told["crashes"] >= least
    common = own.set_index(["name", "when"]).index.isin(told.index[many_])
    print(
        f"{many_.sum()} of {len(told)} layers expect {least:.0f} crashes or more: "
        f"{own['inside'][common].mean():.1%} of {common.sum()} layer-replicates, "
        f"{(told['rms'][many_] <= WITHIN).sum()} layers within {WITHIN} in the log (rms)"
    )
    rare = told[~many_].sort_values("crashes", ascending=False)
    fewer = (f"{name} {count:.0f}" for (name, _), count in rare["crashes"].items())
    print("too rare:", ", ".join(fewer))
    print(told[many_].sort_values("crashes", ascending=False).round(2).to_string(), end="\n\n")


def _years(given: str) -> Years:
    return years_of("--train or --test", given)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", type=Path, help="with --crashes")
    parser.add_argument("--crashes", type=Path, help="crash records of the extract")
    parser.add_argument("--train", type=_years, default=(2005, 2010))
    parser.add_argument("--test", type=_years, default=(2011, 2016))
    parser.add_argument("--replicates", type=int, default=1000, help="of the block bootstrap")
    parser.add_argument("--times", type=int, default=10, help="as many records, timed; 0: none")
    parser.add_argument("--planted", type=int, default=40, help="draws of planted truth; 0: none")
    parser.add_argument("--planted-crashes", type=float, default=20000.0, help="in each draw")
    parser.add_argument(
        "--planted-least", type=float, default=200.0, help="crashes of a layer that is listed"
    )
    options = parser.parse_args()
    if options.extract and options.crashes:
        held_out(options.extract, options.crashes, options.train, options.test, options.replicates)
        if options.times:
            many(options.extract, options.crashes, options.times)
    if options.planted:
        planted_truth(options.planted, options.planted_crashes, options.planted_least)


if __name__ == "__main__":
    main()
