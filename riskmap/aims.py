"""What a shift is for: all harm, or in a campaign's hours what that aims at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.area import Area
from riskmap.campaign import Campaign
from riskmap.errors import RiskmapError
from riskmap.hours import Hours
from riskmap.moments import Period

Floats = NDArray[np.float64]
Windows = tuple[tuple[float, float], ...]
"""From minute to minute, of the shift."""


@dataclass(frozen=True)
class Aim:
    """
    What a shift is for, segments × hours.

    `told` is what the plan is measured by: all harm, or what `campaign` aims at. `sent` is what
    units are sent by: the same, and outside the campaign's hours all harm, an hour of which counts
    as much as one of the campaign. `windows`: when the campaign is on; empty where there is none or
    it has no hours in the shift, whose harm is then all harm.
    """

    campaign: Campaign | None
    told: pd.DataFrame
    sent: pd.DataFrame
    windows: Windows

    @property
    def acts(self) -> Campaign | None:
        """The campaign, where it has hours in the shift."""
        return self.campaign if self.windows else None

    def on(self, first: float, last: float) -> bool:
        """Whether the campaign is on for at least half of the time between two minutes."""
        overlap = sum(max(min(last, b) - max(first, a), 0.0) for a, b in self.windows)
        return overlap > 0.0 and 2.0 * overlap >= last - first


def aim(
    area: Area, period: Period, campaign: Campaign | None = None, *, first: float, last: float
) -> Aim:
    """
    Say what a shift is for.

    Parameters
    ----------
    area
        The roads and their scores.
    period
        The shift.
    campaign
        None is everyday duty.
    first, last
        The shift, in minutes after 00:00 of its date.

    Raises
    ------
    RiskmapError
        A campaign that is about no road here.
    """
    hours = area.model.time.hours(period)
    share = campaign.acts(hours) if campaign else np.zeros(len(hours))
    if campaign is None or not share.any():
        hourly = area.model.hourly(period)
        return Aim(campaign, hourly, hourly, ())
    told = campaign.demand(area, period)
    if not told.to_numpy().any():
        raise RiskmapError(
            f"campaign {campaign.name}: is about no road here; choose another, or see "
            "`riskmap campaigns show`"
        )
    windows = _windows(campaign, hours, share, first, last)
    off = 1.0 - share
    if not off.any():
        return Aim(campaign, told, told, windows)
    routine = area.model.hourly(period) * off.astype(np.float32)
    mean = [
        float(harm.to_numpy().sum()) / float(part @ hours.weight)
        for harm, part in ((told, share), (routine, off))
    ]
    sent = told + routine * np.float32(mean[0] / mean[1] if mean[1] else 0.0)
    return Aim(campaign, told, sent, windows)


def _windows(
    campaign: Campaign, hours: Hours, share: Floats, first: float, last: float
) -> Windows:
    """Stretches of a shift in which a campaign is on, whatever the light."""
    on = (hours.minutes(campaign.active) & (share > 0.0)[:, None]).ravel()
    edges = np.flatnonzero(np.diff(on.astype(np.int8), prepend=0, append=0)) + first // 60.0 * 60.0
    ends = np.clip(edges, first, last).reshape(-1, 2).tolist()
    return tuple((a, b) for a, b in ends if b > a)
