"""
The page's map: roads by level, risk points by symbol, one road chosen.

One function, so that the inside can change: today MapLibre draws GeoJSON. Scripts and styles are
served from this package by the running Streamlit; scores travel on the page's own connection.
"""

from riskmap.webmap.component.component import risk_map

__all__ = ["risk_map"]
