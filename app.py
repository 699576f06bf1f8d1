"""Start the page and name its rooms: `streamlit run app.py`."""

import streamlit as st

from riskmap.pages import command, frame

lang = frame.begin()
title = frame.room_title("command", lang)
room = st.Page(command.show, title=title, url_path="command", default=True)
st.navigation([room], position="hidden").run()
