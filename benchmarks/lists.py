"""Lists of 200,000 rows: riskmap's writers, and those of geopandas and pandas, in the same run.

The list is that of an extract, over and over, each copy moved and with ids of its own. Every run is
a process of its own: processor time of the writing alone, which other work on the machine changes
less than time on the wall, and what the memory of the process rises by meanwhile. The machine's
speed drifts: the ways take turns, and ratios are what to read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    import geopandas as gpd


def riskmap_way(table: gpd.GeoDataFrame, path: Path) -> None:
    """Ours: text cleaned, formulas as text, whole or not at all, levels in colour."""
    from riskmap.export import write_list  # noqa: PLC0415  # imports are not what is timed

    write_list(table, path)


def to_excel(table: gpd.GeoDataFrame, path: Path) -> None:
    """Compare: pandas, with xlsxwriter, which it takes where it is installed."""
    table.drop(columns="geometry").to_excel(path, index=False, engine="xlsxwriter")


def to_excel_openpyxl(table: gpd.GeoDataFrame, path: Path) -> None:
    """Compare: pandas, with openpyxl."""
    table.drop(columns="geometry").to_excel(path, index=False, engine="openpyxl")


def to_file(table: gpd.GeoDataFrame, path: Path) -> None:
    """Compare: geopandas through pyogrio."""
    table.to_file(path, driver="GPKG", layer="riskmap")


def to_parquet(table: gpd.GeoDataFrame, path: Path) -> None:
    """Compare: geopandas through pyarrow."""
    table.to_parquet(path, index=False)


Way = Callable[["gpd.GeoDataFrame", Path], None]
WAYS: dict[str, tuple[Way, ...]] = {
    ".xlsx": (riskmap_way, to_excel, to_excel_openpyxl),
    ".gpkg": (riskmap_way, to_file),
    ".parquet": (riskmap_way, to_parquet),
}


def long_list(extract: str, rows: int) -> gpd.GeoDataFrame:
    """Make a list of so many rows out of that of an extract."""
    import pandas as pd  # noqa: PLC0415  # a child needs none of it

    import riskmap  # noqa: PLC0415  # as above

    own = riskmap.assess(extract).hotspots(top=None)
    copies = []
    for number in range(-(-rows // len(own))):
        copy = own.assign(segment_id=own["segment_id"] + f"-{number}", lon=own["lon"] + number)
        copies.append(copy.set_geometry(own.translate(number, 0.0)))
    table = pd.concat(copies, ignore_index=True).iloc[:rows]
    return table.assign(rank=range(1, rows + 1))


def memory(what: str) -> float:
    """Memory of this process in MB as Linux tells it: `VmRSS` now, `VmHWM` at most."""
    told = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in told if line.startswith(what))


def child(name: str, source: str, target: str) -> None:
    """Write once by one way and print what it took, beyond the list that was there."""
    import geopandas as gpd  # noqa: PLC0415  # the parent only starts children

    path = Path(target)
    way = next(way for way in WAYS[path.suffix] if way.__name__ == name)
    table = gpd.read_parquet(source)
    # what is loaded at the first use of a format is not what is timed
    way(table.iloc[:5], path.with_name(f"first{path.suffix}"))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = memory("VmRSS")
    start = time.process_time()
    way(table, path)
    took, more = time.process_time() - start, memory("VmHWM") - before
    print(json.dumps({"s": took, "mb": more, "file": path.stat().st_size / 1e6}))


def once(name: str, source: Path, target: Path) -> dict[str, float]:
    """Run a child, and leave nothing of what it wrote."""
    command = [sys.executable, __file__, "--child", name, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    for path in (target, target.with_name(f"first{target.suffix}")):
        path.unlink()
    return json.loads(done.stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", default=str(ROOT / "data/liechtenstein.osm.pbf"))
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=3, metavar="WAY", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.parquet"
        long_list(options.extract, options.rows).to_parquet(source)
        print(f"\n{options.rows:,} rows, median of {options.runs}\n")
        print("| format | way | CPU s | riskmap / way | more MB | riskmap / way | file MB |")
        print("|---|---|---|---|---|---|---|")
        for suffix, ways in WAYS.items():
            runs: dict[str, list[dict[str, float]]] = {way.__name__: [] for way in ways}
            for _ in range(options.runs):
                for name, found in runs.items():
                    found.append(once(name, source, Path(folder) / f"list{suffix}"))
            median = {
                name: {key: statistics.median(run[key] for run in found) for key in found[0]}
                for name, found in runs.items()
            }
            ours = median[riskmap_way.__name__]
            for name, took in median.items():
                print(f"| {suffix} | {name} | {took['s']:.1f} | {ours['s'] / took['s']:.2f} "
                      f"| {took['mb']:.0f} | {ours['mb'] / max(took['mb'], 1.0):.2f} "
                      f"| {took['file']:.1f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
