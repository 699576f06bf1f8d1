"""Before and after at simulated sites that were chosen because they were bad: who cries wolf.

Places have Gamma rates around a mean that is known up to noise, and Poisson counts. The worst by
count before are treated; θ is what the treatment really does. The scale of the mean and the
over-dispersion are fitted to the counts before: of all places, or only of those that were not
chosen. Beside Empirical Bayes stands what the raw year-on-year figure says of the same runs.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from riskmap import bayes, before_after, dispersion  # noqa: E402  # of this tree
from riskmap.project import constants  # noqa: E402  # of this tree

RULES = constants()


@dataclass(frozen=True)
class World:
    """How the counts come about, and what is known of it."""

    theta: float = 1.0
    places: int = 2000
    treated: int = 60
    before: float = 3.0  # years
    after: float = 2.0
    k: float = 0.8
    noise: float = 0.3  # of the prior, standard deviation of the log
    scale: float = 1.0  # the prior is so many times too large
    trend: float = 0.95  # of the whole area, from before to after
    rate: float = 0.5  # crashes a year at a place, on average
    fit: str = "all"  # places whose counts before the prior is fitted to: all, or the rest


def run(world: World, random: np.random.Generator) -> dict[str, float]:
    """Both answers of one run."""
    mean = np.exp(random.normal(-0.5, 1.0, world.places)) * world.rate
    usual = mean * random.gamma(1 / world.k, world.k, world.places)
    before = random.poisson(usual * world.before).astype(float)
    # of the same counts none comes first
    site = np.zeros(world.places, dtype=bool)
    site[np.argsort(-before - random.random(world.places))[: world.treated]] = True
    effect = np.where(site, world.theta, 1.0)
    after = random.poisson(usual * world.trend * world.after * effect)
    stated = mean * world.scale * np.exp(random.normal(0.0, world.noise, world.places))
    used = ~site if world.fit == "rest" else np.ones(world.places, dtype=bool)
    stated *= before[used].sum() / (stated[used].sum() * world.before)
    group = np.full(world.places, "road", dtype=object)
    k = dispersion.fitted(
        stated, before, group, np.where(used, world.before, 0.0), RULES["dispersion"]
    ).at(stated, group)
    found = bayes.posterior(stated, k, before, world.before).mean
    change = before_after.comparison(
        found[~site].sum() * world.before, float(after[~site].sum()), world.before, world.after,
        between_sd=0.0,
    )
    happened = float(after[site].sum())
    ours = before_after.effect(
        stated[site], k[site], before[site], happened, world.before, world.after, change
    )
    raw = before_after.raw(before[site], happened, world.before, world.after, found[site])
    return {
        "theta": ours.theta, "called": ours.changed, "smallest": ours.smallest,
        "inside": ours.low <= world.theta <= ours.high,
        "raw": raw.ratio, "raw_called": not raw.low <= 1.0 <= raw.high,
    }  # fmt: skip


WORLDS = {
    "no effect": World(),
    "θ 0.89": World(theta=0.89),
    "no effect, prior exact": World(noise=0.0),
    "no effect, prior exact, fitted to the rest": World(noise=0.0, fit="rest"),
    "no effect, fitted to the rest": World(fit="rest"),
    "θ 0.89, fitted to the rest": World(theta=0.89, fit="rest"),
    "no effect, prior a third of the truth": World(scale=1 / 3),
    "no effect, prior noise 0.6": World(noise=0.6),
    "no effect, few crashes": World(rate=0.1),
    "no effect, few crashes, fitted to the rest": World(rate=0.1, fit="rest"),
    "no effect, ten sites": World(treated=10),
    "no effect, k 0.3": World(k=0.3),
    "θ 0.89, k 2": World(theta=0.89, k=2.0),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    print("| world | calls a change | mean θ | true θ in the interval | smallest fall seen "
          "| raw calls a change | raw mean | s |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for name, world in WORLDS.items():
        start = time.perf_counter()
        random = np.random.default_rng(options.seed)
        found = pd.DataFrame([run(world, random) for _ in range(options.runs)])
        took = time.perf_counter() - start
        mean = found.mean()
        print(f"| {name} | {mean['called']:.1%} | {mean['theta']:.3f} | {mean['inside']:.1%} "
              f"| {found['smallest'].median():.0%} | {mean['raw_called']:.1%} "
              f"| {mean['raw']:.3f} | {took:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main()
