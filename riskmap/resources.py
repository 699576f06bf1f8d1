"""Files that travel with riskmap: in the wheel under `_data`, in a checkout beside the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from riskmap.errors import RiskmapError


def packaged(name: str) -> Path:
    """
    Find a folder that travels with riskmap.

    Parameters
    ----------
    name
        "layers", "campaigns" or "data".

    Raises
    ------
    RiskmapError
        If the installation lacks it.
    """
    package = Path(str(resources.files("riskmap")))
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise RiskmapError(f"{name}/: not part of this installation of riskmap; install it again")
