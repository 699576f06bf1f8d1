"""How many crash records say were killed and hurt; where they do not say, the least there were."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

WOUNDED = ("serious", "minor", "injury")
"""Severities of which somebody was hurt, and nobody killed."""


def casualties(crashes: pd.DataFrame) -> pd.DataFrame:
    """
    Count the people of each crash.

    Parameters
    ----------
    crashes
        `severity`, `killed` and `injured` as in `records.Records.crashes`.

    Returns
    -------
    On the same index: `fatal`; `killed` and `injured`, of a crash whose dead or hurt nobody counted
    the one that there must have been; `uncounted`, whether it does not say how many.
    """
    severity = crashes["severity"]
    fatal = (severity == "fatal").to_numpy()
    hurt = severity.isin(WOUNDED).to_numpy()
    harmless = (severity == "damage").to_numpy()
    killed, injured = crashes["killed"].to_numpy(), crashes["injured"].to_numpy()
    found: Mapping[str, object] = {
        "fatal": fatal | (killed > 0),
        "killed": np.maximum(killed, fatal).clip(min=0),
        "injured": np.maximum(injured, hurt & (injured < 0)).clip(min=0),
        "uncounted": ((killed < 0) & ~hurt | (injured < 0)) & ~harmless,
    }
    return pd.DataFrame(found, index=crashes.index)
