"""A week of hours in one pass: riskmap, and the same harm by a dense table of numpy.

The area is copies of an extract beside each other, all layers on. Every run is a process of its
own; the machine's speed drifts, so read the ratios.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from riskmap.area import Area

WEEK = ("2026-05-04", "2026-05-10")


def week(area: Area) -> int:
    """Harm of every segment in each of 168 hours."""
    return int(area.model.hourly(area.period(*WEEK)).size)


def hour(area: Area) -> int:
    """Scores of every segment in one hour, interval and level with it."""
    return len(area.scores(area.moment("2026-05-08T18:00")))


def hour_by_hour(area: Area) -> int:
    """Compare: the same week as 168 questions."""
    hours = area.period(*WEEK).hours(area.model.almanac).start
    return sum(len(area.model.harm(area.moment(str(start)))) for start in hours)


def numpy_dense(area: Area) -> int:
    """
    Compare: segments × layers times layers × hours, and the exponential of it, family by family.

    What the formula is when nothing is saved: logs added up by BLAS, no profile, no cap.
    """
    hours = area.period(*WEEK).hours(area.model.almanac)
    time_of = area.model.time
    size = 0
    for family in area.model.families:
        acts = (*family.acts, *family.stays)
        logs = np.zeros((len(family.base), len(acts)), dtype=np.float32)
        for number, act in enumerate(acts):
            logs[act.rows, number] = act.log
        active = np.array(
            [hours.active(time_of.layers[act.time[0]].active, act.time[1]) for act in acts],
            dtype=np.float32,
        )
        harm = np.exp(logs @ active) * family.base[:, None].astype(np.float32)
        spread = area.model.spread[family.kind]
        size = (harm if spread is None else spread.astype(np.float32) @ harm).size
    return int(size)


WAYS = {way.__name__: way for way in (week, hour, hour_by_hour, numpy_dense)}


def child(name: str, path: str) -> None:
    """Run one way once and print what it took, beyond the assessed area."""
    import riskmap  # noqa: PLC0415  # imports are not part of what is timed
    import riskmap.assessment  # noqa: PLC0415

    area = riskmap.assess(path, cache=False)
    area.scores()
    work: Callable[[Area], int] = WAYS[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    count = work(area)
    took = time.perf_counter() - start
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    print(json.dumps({"s": took, "mb": more, "count": count, "segments": len(area.segments)}))


def measured(name: str, path: Path, runs: int) -> dict[str, float]:
    """Median over some processes."""
    results = []
    for _ in range(runs):
        command = [sys.executable, __file__, "--child", name, str(path)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", default=str(ROOT / "data/liechtenstein.osm.pbf"))
    parser.add_argument("--copies", type=int, default=21)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    from copies import copy  # noqa: PLC0415  # beside the tests, which use it too

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copies.osm.pbf"
        copy(Path(options.extract), path, options.copies)
        ours = measured("week", path, options.runs)
        print(f"\n{ours['segments']:.0f} segments, all layers, median of {options.runs}\n")
        print("| way | s | against the week | more MB |\n|---|---|---|---|")
        for name in WAYS:
            found = ours if name == "week" else measured(name, path, options.runs)
            print(f"| {name} | {found['s']:.3f} | {found['s'] / ours['s']:.2f}× "
                  f"| {found['mb']:.0f} |")  # fmt: skip


if __name__ == "__main__":
    main()
