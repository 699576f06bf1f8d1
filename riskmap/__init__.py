"""riskmap: where a county's roads are dangerous, when and why, and where to put officers.

Most scripts need only `assess` (an extract in, an area out) or `score` (lines in, the same lines
with scores out).

>>> import riskmap
>>> area = riskmap.assess(riskmap.sample())
>>> area.hotspots(top=1, lang="en")["level"][0]
'red'

Public are the names here and what these modules name in `__all__`, in the order the data flows:
`riskmap.coords`, `riskmap.layers`, `riskmap.moments`, `riskmap.assessment`, `riskmap.scoring`,
`riskmap.area`, `riskmap.outlook`, `riskmap.evaluate`, `riskmap.backtest`, `riskmap.study`,
`riskmap.prone`, `riskmap.campaigns`, `riskmap.diversions`, `riskmap.referrals`, `riskmap.export`,
`riskmap.webmap.folium_map`. Everything else may change without notice.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.assessment import assess, sample, sample_crashes, with_scenario
    from riskmap.errors import RiskmapError
    from riskmap.moments import Moment, Period
    from riskmap.scoring import assess_lines, score, score_graph
    from riskmap.webmap.folium_map import write_map

__version__ = "0.1.0"
__all__ = [
    "Area", "Moment", "Period", "RiskmapError", "__version__", "assess", "assess_lines", "sample",
    "sample_crashes", "score", "score_graph", "with_scenario", "write_map",
]  # fmt: skip

PUBLIC = (
    "coords", "layers", "moments", "assessment", "scoring", "area", "outlook", "evaluate",
    "backtest", "study", "prone", "campaigns", "diversions", "referrals", "export",
    "webmap.folium_map",
)  # fmt: skip
"""Modules for scripts; what they promise stands in `docs/engineers.md`."""

_HOMES = {
    "Area": "area", "assess": "assessment", "assess_lines": "scoring", "sample": "assessment",
    "sample_crashes": "assessment", "RiskmapError": "errors", "Moment": "moments",
    "Period": "moments", "score": "scoring", "score_graph": "scoring",
    "with_scenario": "assessment", "write_map": "webmap.folium_map",
}  # fmt: skip


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the module holds
    """Load the heavy modules when they are first used."""
    if name in _HOMES:
        return getattr(import_module(f"riskmap.{_HOMES[name]}"), name)
    message = f"module 'riskmap' has no attribute '{name}'"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """Names for completion, those that are loaded later too."""
    return sorted({*globals(), *__all__})
