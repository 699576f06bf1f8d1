"""Charts of the page: the clock of one road, and a period beside ordinary weeks."""

import datetime as dt
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from riskmap.locale import Lang, text
from riskmap.moments import Moment, Period, When
from riskmap.outlook import SHORT_DAYS, Outlook
from riskmap.pages.night import ink

if TYPE_CHECKING:
    from riskmap.area import Area

_STYLES = {
    "school": ("text", [1, 0]),
    "workday": ("usual", [6, 3]),
    "weekend": ("gold", [2, 2]),
    "holiday": ("teal", [8, 2, 2, 2]),
    "date": ("accent", [1, 0]),
}
"""Kind of day → ink and dashes: told apart in grey too."""


def clock(area: "Area", segment_id: str, when: When, lang: Lang) -> alt.LayerChart:
    """Draw the hours of one road: of each kind of day, and of the date that is looked at."""
    table = area.clock(segment_id)
    names = {kind: text(f"when.{kind}", lang) for kind in table.columns}
    date = when.when.date() if isinstance(when, Moment) and when.when else None
    if date is not None:
        table["date"] = _of_date(area, segment_id, date)
        names["date"] = str(date)
    hours = pd.concat([table, table.tail(1)], ignore_index=True)  # the last step needs an end
    share = 100 * hours / max(float(np.nanmax(table.to_numpy())), 1e-300)
    lines = share.rename(columns=names).rename_axis("hour").reset_index()
    lines = lines.melt("hour", var_name="day", value_name="share")
    order = list(names.values())
    styles = [(ink(name), dashes) for name, dashes in map(_STYLES.__getitem__, names)]
    drawn = (
        alt.Chart(lines)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("hour:Q", title=text("card.clock_x", lang))
            .scale(domain=(0, 24), nice=False)
            .axis(values=list(range(0, 25, 6)), format="d"),
            y=alt.Y("share:Q", title=None).axis(tickCount=3),
            color=alt.Color("day:N", title=None, sort=order)
            .scale(domain=order, range=[color for color, _ in styles])
            .legend(orient="top", columns=3, labelLimit=220),
            strokeDash=alt.StrokeDash("day:N", sort=order).scale(
                domain=order, range=[dashes for _, dashes in styles]
            ),
        )
    )
    chosen = pd.DataFrame({"from": [when.hour], "to": [when.hour + 1]} if isinstance(
        when, Moment
    ) else {"from": [], "to": []})  # fmt: skip
    marked = (
        alt.Chart(chosen)
        .mark_rect(color=ink("quiet"), opacity=0.15)
        .encode(x=alt.X("from:Q", title=text("card.clock_x", lang)), x2="to:Q")
    )
    both: alt.LayerChart = marked + drawn
    return both


def _of_date(area: "Area", segment_id: str, date: dt.date) -> np.ndarray:
    """Harm by hour of a date; the second of a repeated hour is left out, a skipped one unknown."""
    start = dt.datetime.combine(date, dt.time())
    row = int(area.segments.index.get_loc(segment_id))
    day = Period(start, start + dt.timedelta(days=1))
    hourly = area.model.part(np.array([row])).hourly(day).iloc[0]
    by_hour = hourly.groupby(hourly.index.hour).first()
    return np.asarray(by_hour.reindex(range(24)), dtype=float)


def period(found: Outlook, lang: Lang) -> alt.Chart:
    """Draw a period beside ordinary weeks, hour by hour or of a long one day by day."""
    by_hour = len(found.days) <= SHORT_DAYS
    table = (found.hours if by_hour else found.days)[["harm", "normal"]].rename_axis("when")
    names = {"harm": text("outlook.period", lang), "normal": text("outlook.ordinary", lang)}
    lines = table.rename(columns=names).reset_index().melt(
        "when", var_name="which", value_name="harm"
    )  # fmt: skip
    order = list(names.values())
    chart: alt.Chart = (
        alt.Chart(lines)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("when:T", title=None).axis(format="%m-%d", tickCount="day", labelOverlap=True),
            y=alt.Y("harm:Q", title=text(
                "outlook.axis_hour" if by_hour else "outlook.axis_day", lang
            )),
            color=alt.Color("which:N", title=None, sort=order)
            .scale(domain=order, range=[ink("worse"), ink("usual")])
            .legend(orient="top"),
            strokeDash=alt.StrokeDash("which:N", sort=order).scale(
                domain=order, range=[[1, 0], [5, 3]]
            ),
            tooltip=[
                alt.Tooltip("when:T", title=text("when.date", lang), format="%Y-%m-%d %H:%M"),
                alt.Tooltip("harm:Q", title=text("outlook.axis_hour", lang), format=".3f"),
            ],
        )
    )  # fmt: skip
    return chart


def bars(found: Outlook, lang: Lang, most: int = 12) -> alt.Chart:
    """Draw what rises and falls by layer, in per cent of the ordinary harm."""
    table = found.layers.assign(percent=found.layers["share_of_normal"] * 100)
    order = table["percent"].abs().nlargest(most).index
    chosen = table.loc[[name for name in table.index if name in order], ["title", "percent"]]
    chart: alt.Chart = (
        alt.Chart(chosen)
        .mark_bar()
        .encode(
            x=alt.X("percent:Q", title=text("outlook.axis_layers", lang)),
            y=alt.Y("title:N", title=None, sort=list(chosen["title"])).axis(labelLimit=260),
            color=alt.condition(
                "datum.percent > 0", alt.value(ink("worse")), alt.value(ink("usual"))
            ),
            tooltip=[
                alt.Tooltip("title:N", title=text("outlook.layer", lang)),
                alt.Tooltip("percent:Q", title="%", format="+.2f"),
            ],
        )
    )
    return chart
