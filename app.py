"""Serve the page, and beside it the tiles of its maps: `streamlit run app.py`."""

import streamlit as st

from riskmap.webmap import served

app = st.App("riskmap/pages/start.py", routes=served.routes())
