"""The pages that `map.py` compares with: each a script for `streamlit run`, fed by one table."""

from __future__ import annotations

import shutil
from pathlib import Path

from riskmap.level_styles import STYLES

EMPTY = """
import streamlit as st

st.write("empty")
"""

_BEGIN = f"""
import os

import geopandas as gpd
import streamlit as st

STYLES = {STYLES!r}
STYLES["unknown"] = ("#8a8f96", 1.5)
HEIGHT = 640
st.set_page_config(layout="wide")
column = "hour" if st.button("hour") else "year"
place, _ = st.columns([0.74, 0.26])
"""

FOLIUM = (
    _BEGIN
    + """
import json

import folium
from streamlit_folium import st_folium

# from this machine instead of a content network, and no more than is used
folium.Map.default_js = [("leaflet", "/app/static/leaflet.js")]
folium.Map.default_css = [("leaflet_css", "/app/static/leaflet.css")]


@st.cache_resource
def roads():
    table = gpd.read_parquet(os.environ["ROADS"])
    west, south, east, north = table.total_bounds
    return json.loads(table.to_json()), [[south, west], [north, east]]


def style(feature):
    color, weight = STYLES[feature["properties"][column]]
    return {"color": color, "weight": weight, "opacity": 1}


content, bounds = roads()
view = folium.Map(tiles=None, prefer_canvas=True)
folium.GeoJson(content, style_function=style).add_to(view)
view.fit_bounds(bounds)
with place:
    # without anything returned, moving the map does not run the script again
    st_folium(view, key="map", height=HEIGHT, use_container_width=True, returned_objects=[])
"""
)

PYDECK = (
    _BEGIN
    + """
import math

import pandas as pd
import pydeck


@st.cache_resource
def roads():
    table = gpd.read_parquet(os.environ["ROADS"])
    paths = [[list(place) for place in line.coords] for line in table.geometry]
    return table.drop(columns="geometry"), paths, table.total_bounds


table, paths, (west, south, east, north) = roads()
colors = {level: list(bytes.fromhex(color[1:])) for level, (color, _) in STYLES.items()}
frame = pd.DataFrame({
    "path": paths,
    "color": [colors[level] for level in table[column]],
    "width": [STYLES[level][1] for level in table[column]],
})
mid = (south + north) / 2
wide = 360 * 820 / 512 / (east - west)
high = 360 * (HEIGHT - 80) * math.cos(math.radians(mid)) / 512 / (north - south)
layer = pydeck.Layer(
    "PathLayer", frame, get_path="path", get_color="color", get_width="width",
    width_units=pydeck.types.String("pixels"),
)
view = pydeck.ViewState(longitude=(west + east) / 2, latitude=mid, zoom=math.log2(min(wide, high)))
with place:
    st.pydeck_chart(
        pydeck.Deck([layer], map_provider=None, map_style=None, initial_view_state=view),
        height=HEIGHT,
    )
"""
)


def write(folder: Path, leaflet: Path) -> None:
    """Write the scripts into a folder, and beside them the browser library that folium asks for."""
    for name, script in (("empty", EMPTY), ("folium", FOLIUM), ("pydeck", PYDECK)):
        (folder / f"{name}_page.py").write_text(script.lstrip(), encoding="utf-8")
    shutil.copytree(leaflet, folder / "static")
