"""Name the rooms of the page and show the one that is asked for."""

import streamlit as st

from riskmap.pages import command, compare, data, duty, frame, hazards, outlook, places, wall

lang = frame.begin()
shows = {
    "command": command.show, "list": places.show, "compare": compare.show,
    "duty": duty.show, "outlook": outlook.show, "register": hazards.show, "data": data.show,
    "wall": wall.show,
}  # fmt: skip
rooms = [
    st.Page(show, title=frame.room_title(name, lang), url_path=name, default=name == "command")
    for name, show in shows.items()
]
st.session_state["rooms"] = rooms
st.navigation(rooms, position="hidden").run()
