"""Extract to scores: riskmap, the way a user would do it with osmnx and geopandas, and the floor.

Every run is a process of its own: wall time without imports, and the largest memory of the process.
The machine's speed drifts, so read the ratios.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


SEVEN = (
    "congestion", "cliff", "level_crossing", "minor_meets_trunk", "people", "school", "water",
)  # fmt: skip
"""The layers that the osmnx way does too."""


def first_seven() -> Path:
    """Put the seven layers into a folder of their own."""
    folder = Path(tempfile.mkdtemp())
    for name in SEVEN:
        shutil.copy(ROOT / "layers" / f"{name}.toml", folder)
    return folder


def riskmap_way(path: str) -> Callable[[], int]:
    """Our pipeline with seven layers, from the file to the score and interval of every segment."""
    import riskmap  # noqa: PLC0415  # imports are not part of what is timed
    import riskmap.assessment  # noqa: PLC0415

    own = first_seven()
    return lambda: len(riskmap.assess(path, layers=own, cache=False).scores())


def all_layers(path: str) -> Callable[[], int]:
    """Compare: with all layers, and the elevation that lies beside the extract, if any."""
    import riskmap  # noqa: PLC0415
    import riskmap.assessment  # noqa: PLC0415

    dem = next(iter(sorted(Path(path).parent.glob("*.tif"))), None)
    return lambda: len(riskmap.assess(path, dem=dem, cache=False).scores())


def rescore(path: str) -> Callable[[], int]:
    """A new hour, after a first: what moving the slider costs."""
    import riskmap  # noqa: PLC0415

    area = riskmap.assess(path, layers=first_seven(), cache=False)
    area.scores(riskmap.Moment("workday", 8))
    return lambda: len(area.scores(riskmap.Moment("weekend", 22)))


def reweigh(path: str) -> Callable[[], int]:
    """New weights, after a first score: schools twice as strong, intervals and all."""
    import riskmap  # noqa: PLC0415

    area = riskmap.assess(path, layers=first_seven(), cache=False)
    area.scores()
    return lambda: len(area.scores(weights={"school": 2.0}))


def osmnx_way(path: str) -> Callable[[], int]:
    """
    The same seven risks as a user would put them together today, and a weighted sum.

    osmnx reads XML only, so the file is converted before the clock starts. Scores are on whole
    edges: osmnx has no even pieces. No hours, intervals or reasons.
    """
    import geopandas as gpd  # noqa: PLC0415
    import osmium  # noqa: PLC0415
    import osmnx as ox  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    from riskmap import layers, project  # noqa: PLC0415

    xml = Path(tempfile.mkdtemp()) / "extract.osm"
    with osmium.SimpleWriter(str(xml)) as writer:
        for thing in osmium.FileProcessor(path):
            writer.add(thing)
    classes = set(project.constants()["roads"]["classes"])
    known = layers.read_layers(first_seven())

    def run() -> int:
        graph = ox.graph_from_xml(xml, retain_all=True)
        edges = ox.graph_to_gdfs(ox.project_graph(graph), nodes=False).reset_index()
        kind = edges["highway"].map(lambda value: value[0] if isinstance(value, list) else value)
        roads = edges[kind.isin(classes)].reset_index(drop=True)
        score = pd.Series(1.0, index=roads.index)
        for layer in known.values():
            tags: dict[str, list[str]] = {}
            for source in layer.sources:
                for key, values in source.osm.items():
                    tags.setdefault(key, []).extend(values)
            if not tags:
                tags = {"highway": ["traffic_signals", "give_way", "stop"]}
            try:
                found = ox.features_from_xml(xml, tags=tags)
            except ox._errors.InsufficientResponseError:  # noqa: SLF001  # osmnx says so to its users
                continue
            near = gpd.sjoin_nearest(
                roads[["geometry"]],
                found[["geometry"]].to_crs(roads.crs),
                max_distance=layer.touch.reach_m or layer.touch.beside_m or 1.0,
                distance_col="distance",
            )
            distance = near.groupby(level=0)["distance"].min()
            reach = max(layer.touch.reach_m, 1.0)
            weight = max(effect.factor for effect in layer.effects) - 1.0
            score = score.add(weight * (1 - distance / reach), fill_value=0.0)
        return len(score)

    return run


def floor(path: str, *, locations: bool = False) -> Callable[[], int]:
    """Bare pyosmium: every object with one of the keys that layers ask for, and nothing done."""
    import osmium  # noqa: PLC0415

    from riskmap import layers  # noqa: PLC0415

    keys = sorted({"highway", *layers.wanted_tags(layers.read_layers(first_seven()))})

    def run() -> int:
        objects = osmium.FileProcessor(path)
        if locations:
            objects = objects.with_locations()
        return sum(1 for _ in objects.with_filter(osmium.filter.KeyFilter(*keys)))

    return run


def floor_located(path: str) -> Callable[[], int]:
    """Compare: the same with node locations on the ways, without which no line can be drawn."""
    return floor(path, locations=True)


WAYS = {
    way.__name__: way
    for way in (riskmap_way, all_layers, rescore, reweigh, osmnx_way, floor, floor_located)
}


def child(name: str, path: str) -> None:
    """Run one way once and print what it took."""
    work = WAYS[name](path)
    start = time.perf_counter()
    count = work()
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"s": took, "mb": peak, "count": count}))


def measured(name: str, path: Path, runs: int) -> dict[str, float]:
    """Median time and memory over some processes."""
    results = []
    for _ in range(runs):
        command = [sys.executable, __file__, "--child", name, str(path)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", default=str(ROOT / "data/liechtenstein.osm.pbf"))
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 5, 25])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    from copies import copy  # noqa: PLC0415  # beside the tests, which use it too

    source = Path(options.extract)
    print(f"\n{source.name}, {source.stat().st_size / 1e6:.1f} MB, median of {options.runs}\n")
    print("| way | rows | s | against riskmap | peak MB |\n|---|---|---|---|---|")
    ours = measured("riskmap_way", source, options.runs)
    for name in ("riskmap_way", "all_layers", "osmnx_way", "floor", "floor_located"):
        found = ours if name == "riskmap_way" else measured(name, source, options.runs)
        print(f"| {name} | {found['count']:.0f} | {found['s']:.3f} | {found['s'] / ours['s']:.2f}× "
              f"| {found['mb']:.0f} |")  # fmt: skip
    print("\n| copies | segments | riskmap s | floor s | riskmap / floor | new hour s "
          "| new weights s | peak MB |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for times in options.copies:
            path = Path(folder) / f"{times}.osm.pbf"
            copy(source, path, times)
            # one after the other, so that both see the same machine
            pairs = [(measured("riskmap_way", path, 1), measured("floor", path, 1))
                     for _ in range(options.runs)]  # fmt: skip
            ratio = statistics.median(own["s"] / bare["s"] for own, bare in pairs)
            own = min((pair[0] for pair in pairs), key=lambda found: found["s"])
            bare = min((pair[1] for pair in pairs), key=lambda found: found["s"])
            hour, weights = measured("rescore", path, 1), measured("reweigh", path, 1)
            points.append((times, own["s"]))
            print(f"| {times} | {own['count']:.0f} | {own['s']:.2f} | {bare['s']:.2f} | "
                  f"{ratio:.1f}× | {hour['s']:.3f} | {weights['s']:.3f} "
                  f"| {own['mb']:.0f} |")  # fmt: skip
    if len(points) > 1:
        (a, s), (b, t) = points[-2], points[-1]
        power = math.log(t / s) / math.log(b / a)
        print(f"\ngrowth from {a} to {b} copies: time ~ copies^{power:.2f}")


if __name__ == "__main__":
    main()
