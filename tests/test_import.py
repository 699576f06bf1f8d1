"""`import riskmap` is quick because it loads nothing heavy, and has every name that it promises."""

import subprocess
import sys

import riskmap

HEAVY = ("numpy", "pandas", "geopandas", "shapely", "scipy", "pyproj", "osmium", "streamlit",
         "folium", "rasterio", "pyarrow", "xlsxwriter", "osmnx", "networkx")  # fmt: skip


def _loaded(code: str) -> set[str]:
    """Modules that are there after some code ran in a process of its own."""
    ask = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_riskmap_loads_nothing_heavy() -> None:
    without, with_ = _loaded(""), _loaded("import riskmap, riskmap.errors, riskmap.project")
    new = with_ - without
    assert {name.split(".")[0] for name in new} & set(HEAVY) == set()
    assert {name for name in new if name.startswith("riskmap")} == {
        "riskmap", "riskmap.errors", "riskmap.office", "riskmap.project"
    }  # fmt: skip


def test_scoring_needs_neither_osmnx_nor_networkx() -> None:
    code = "import riskmap; riskmap.score, riskmap.score_graph, riskmap.write_map"
    loaded = _loaded(code)
    assert "geopandas" in loaded
    assert loaded & {"osmnx", "networkx", "streamlit"} == set()


def test_every_promised_name_is_there_and_completes() -> None:
    for name in riskmap.__all__:
        assert getattr(riskmap, name) is not None
        assert name in dir(riskmap)
