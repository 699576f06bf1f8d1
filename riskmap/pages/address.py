"""What was chosen, in the address of the page: a link opens the same view."""

from collections.abc import Collection

import streamlit as st

LONGEST = 6000
"""Letters of one value; what is longer is no choice of this page."""


def asked(name: str) -> str:
    """Tell what the address says under a name, "" for nothing; anybody may have written it."""
    said = st.query_params.get(name, "")
    return said if len(said) <= LONGEST else ""


def said(value: object) -> str:
    """Write a choice as it stands in an address."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def write(name: str, words: str) -> None:
    """
    Put a choice into the address, or with "" take it out.

    One name at a time, and only what changes: the map writes its own view there, and every change
    is a step of the browser's history.
    """
    if words and st.query_params.get(name) != words:
        st.query_params[name] = words
    elif not words and name in st.query_params:
        del st.query_params[name]


def clear(names: Collection[str]) -> None:
    """Take out what does not matter as long as something else is chosen."""
    for name in names:
        write(name, "")
