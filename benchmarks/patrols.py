"""Patrol routes against published best values, exact optima, and the clock.

Team orienteering (Chao, Golden & Wasil 1996): reads `p*.txt` in FOLDER (n, m, tmax, then x y prize;
the first point is the start, the last the end) and their best known values, either in `results.csv`
(columns Instance, BKS_reward) or in `chaoResults.txt` (name and value). Orienteering with time
windows, one car (Solomon's 100 customers, distances cut after the first decimal): reads
`*_extended.csv`. None of it is shipped. Where it was read, in public repositories:

- p4 and p7: hitandresist/Team-Orienteering-Problem at 917b98e6b07963437ba09cbbae673089f4d5273e,
  TOP_Inst/Set_100_234/p4.2.b.txt, p4.4.l.txt, p4.4.t.txt and TOP_Inst/Set_102_234/p7.2.t.txt,
  p7.4.t.txt. All files of a set have the same points; `tmax` of the other p4 is the Tmax of:
- results.csv: mattianeroni/TOP at 3456dd89f25f4c018c8b004e63a25a81b6fc977c, instances/results.csv,
  column BKS_reward (p4.2.a-t, p4.3.b-h).
- chaoResults.txt: DarioDaF/ASS_TOP at 3b502c0f99aa4655c9a91599d8bd42588f503ded,
  paramIn/chaoResults.txt. It is a list of published values; where both lists have an instance it is
  never above results.csv, so it is used for p4.4 and p7 alone.
- R101, RC201: hm4uc/TOPTW-HybridGA at fabaf453ca79bdeb486155a42ae159e5e13aba1f,
  backend/data/solomon_instances/extended; best values as backend/experiments/exp1_benchmark.py
  there quotes them from Labadie et al. 2012.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from exact_patrols import exact, instance  # noqa: E402  # found through the line above

from riskmap.patrols import Break, Calls, Car, route, visits  # noqa: E402
from riskmap.project import constants  # noqa: E402

Floats = NDArray[np.float64]
AIM = 3.0
"""Percent from the best known value that the project allows itself."""
WINDOWS_BEST = {"R101": 198.0, "RC201": 795.0}
"""Labadie et al. 2012 as quoted in the file named above; one car."""


def orienteering(folder: Path) -> Iterator[tuple[str, float, Calls, list[Car], Floats]]:
    """Every team-orienteering file of the folder whose best value is known."""
    best: dict[str, float] = {}
    if (folder / "chaoResults.txt").exists():
        lines = (folder / "chaoResults.txt").read_text(encoding="utf-8").split()
        best |= dict(zip(lines[::2], map(float, lines[1::2]), strict=True))
    if (folder / "results.csv").exists():
        with (folder / "results.csv").open(encoding="utf-8") as file:
            best |= {row["Instance"]: float(row["BKS_reward"]) for row in csv.DictReader(file)}
    for path in sorted(folder.glob("p*.txt")):
        if best.get(path.name, 0) > 0:
            rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line]
            cars, longest = int(rows[1][1]), float(rows[2][1])
            x, y, prize = np.array(rows[3:], dtype=float).T
            minutes = np.hypot(x[:, None] - x, y[:, None] - y)
            inner = np.arange(1, len(x) - 1)
            yield (
                path.stem,
                best[path.name],
                Calls.of(inner, prize[inner], 0.0, longest, 0.0),
                [Car(str(number), 0, len(x) - 1, 0, longest) for number in range(cars)],
                minutes,
            )


def windows(folder: Path) -> Iterator[tuple[str, float, Calls, list[Car], Floats]]:
    """Orienteering with time windows, one car."""
    for name, best in WINDOWS_BEST.items():
        path = folder / f"{name}_extended.csv"
        if path.exists():
            with path.open(encoding="utf-8") as file:
                rows = [row[1:7] for row in list(csv.reader(file))[1:]]
            x, y, prize, earliest, latest, stay = np.array(rows, dtype=float).T
            minutes = np.floor(np.hypot(x[:, None] - x, y[:, None] - y) * 10 + 1e-9) / 10
            inner = np.arange(1, len(x))
            columns = (prize[inner], earliest[inner], latest[inner], stay[inner])
            yield name, best, Calls.of(inner, *columns), [Car("1", 0, 0, 0, latest[0])], minutes


def literature(folder: Path, iterations: int, starts: int, seeds: int) -> None:
    """Print the gap to the best known value of each instance."""
    print(f"{iterations} steps, {starts} starts, {seeds} seeds: mean and worst over the seeds")
    print("| instance | best known | riskmap | gap % | worst % | s |\n|---|---|---|---|---|---|")
    gaps = []
    for name, best, calls, cars, minutes in (*orienteering(folder), *windows(folder)):
        began = time.perf_counter()
        found = [
            route(calls, cars, minutes, seed=seed, iterations=iterations, starts=starts).value
            for seed in range(seeds)
        ]
        gap, worst = (100 * (1 - value / best) for value in (np.mean(found), min(found)))
        gaps.append((gap, worst))
        seconds = (time.perf_counter() - began) / seeds
        row = f"| {name} | {best:g} | {np.mean(found):.1f} | {gap:.2f} | {worst:.2f} |"
        print(f"{row} {seconds:.1f} |", flush=True)
    if gaps:
        mean, worst = np.array(gaps).T
        print(
            f"{len(gaps)} instances: mean gap {mean.mean():.2f} %, greatest {mean.max():.2f} %, "
            f"worst run {worst.max():.2f} %; with a run above {AIM:g} %: {(worst > AIM).sum()}"
        )


def small(count: int) -> None:
    """Print how far the routes are from the exact optimum of random small instances."""
    gaps = []
    for seed in range(count):
        calls, cars, minutes = instance(seed)
        needed, value = exact(calls, cars, minutes)
        routes = route(calls, cars, minutes, iterations=1000)
        same = int(calls.needed[routes.made].sum()) == needed
        gaps.append(100 * (1 - routes.value / value) if same and value else 0.0 if same else 100.0)
    print(f"{count} small instances against the exact MILP: greatest gap {max(gaps):.3f} %")


def shift() -> None:
    """Print seconds and value of 12 cars, 150 places, 12 hours, one break each."""
    random = np.random.default_rng(1)
    spot = random.uniform(0, 25, (153, 2))  # minutes of driving across: a county
    minutes = np.hypot(*(spot[:, None] - spot).transpose(2, 0, 1))
    minutes *= random.uniform(0.9, 1.3, minutes.shape)
    np.fill_diagonal(minutes, 0)
    demand = random.gamma(0.5, 1.0, (150, 1)) * random.uniform(0.5, 1.5, (150, 24))
    calls = visits(
        demand,
        from_min=420,
        places=np.arange(3, 153),
        peaks=[(450, 570), (1020, 1140)],
        needed=demand.sum(axis=1) >= np.quantile(demand.sum(axis=1), 0.9),
        seed=1,
        **constants()["patrols"],
    )
    cars = [
        Car(f"car {number}", number % 3, number % 3, 420, 1140, (Break(690, 780, 40, number % 3),))
        for number in range(12)
    ]
    print(f"12 cars, 150 places, 12 hours: {len(calls)} calls, {calls.needed.sum()} needed")
    print("| steps | s | value | share of the bound | needed missed |\n|---|---|---|---|---|")
    for iterations in (300, 1000, 3000, 6000, 12000):
        began = time.perf_counter()
        routes = route(calls, cars, minutes, iterations=iterations)
        seconds = time.perf_counter() - began
        share = routes.value / routes.bound
        print(
            f"| {iterations} | {seconds:.1f} | {routes.value:.1f} | {share:.3f} "
            f"| {len(routes.missed)} |",
            flush=True,
        )


def main() -> None:
    """Run what the command line asks for."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("folder", type=Path, nargs="?", help="with instances of the literature")
    ask.add_argument("--iterations", type=int, default=12000)
    ask.add_argument("--starts", type=int, default=4)
    ask.add_argument("--seeds", type=int, default=1)
    ask.add_argument("--small", type=int, default=60, help="random instances for the exact MILP")
    asked = ask.parse_args()
    shift()
    small(asked.small)
    if asked.folder:
        literature(asked.folder, asked.iterations, asked.starts, asked.seeds)


if __name__ == "__main__":
    main()
