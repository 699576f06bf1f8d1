"""The page: its rooms, by name. `app.py` serves it."""

import streamlit as st

from riskmap.pages import command, data, duty, frame, hazards, outlook

lang = frame.begin()
shows = {
    "command": command.show, "duty": duty.show, "outlook": outlook.show,
    "register": hazards.show, "data": data.show,
}  # fmt: skip
rooms = [
    st.Page(show, title=frame.room_title(name, lang), url_path=name, default=name == "command")
    for name, show in shows.items()
]
st.session_state["rooms"] = rooms
st.navigation(rooms, position="hidden").run()
