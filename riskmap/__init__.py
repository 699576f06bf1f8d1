"""riskmap: where a county's roads are dangerous, when and why, and where to put officers.

The modules in the order the data flows: `osm`, `points`, `segments`, `layers`, `touch`, `flow`,
`moments`, `risk`, `crashes`, `learning`, `area`, `assessment`, `diversions`, `backtest`, `study`,
`prone`, `referrals`, `export`, `webmap`. Most scripts need only `assess`.
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
