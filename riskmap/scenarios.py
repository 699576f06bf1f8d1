"""What-ifs and campaigns: small overlays that scale, switch or add effects of layers."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from riskmap import prior
from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.hours import Window
from riskmap.layer import Effect
from riskmap.layers import label, read_effect, read_toml
from riskmap.resources import packaged
from riskmap.touch import Column
from riskmap.values import At, shown
from riskmap.vocabulary import read_table

FOLDER = "scenarios"
"""Where scenarios lie: beside the project, and among the layers that riskmap brings."""


@dataclass(frozen=True)
class Change:
    """What a scenario does to one layer: a power on its factors, 0 without it; more effects."""

    scale: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Scenario:
    """One overlay. `title` and `why` hold `zh` and `en`; `changes` go by layer."""

    name: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    changes: Mapping[str, Change]


def known(home: Path | None) -> dict[str, Path]:
    """Scenarios by name: those that riskmap brings, and before them those of a project's folder."""
    folders = [packaged("layers") / FOLDER] + ([home / FOLDER] if home else [])
    return {
        path.stem: path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.glob("*.toml"))
    }


def read_scenario(name: str | Path, area: Area) -> Scenario:
    """
    Read a scenario by its name or its path.

    Raises
    ------
    RiskmapError
        A scenario that nobody knows, a fault in its file, or a layer that the area does not have.
    """
    path = Path(name)
    if path.suffix.lower() != ".toml":
        paths = known(area.home)
        if str(name) not in paths:
            close = difflib.get_close_matches(str(name), paths, n=1)
            way_out = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(paths)}"
            raise RiskmapError(f"scenario '{name}': unknown; {way_out}")
        path = paths[str(name)]
    at = At(label(path))
    table = read_table(read_toml(path, at), at, "scenario")
    changes = {}
    for layer, change in table["layers"].items():
        here = at.inside(f"[layers.{layer}]")
        if layer not in area.layers:
            close = difflib.get_close_matches(layer, area.layers, n=1)
            way_out = f"did you mean '{close[0]}'?" if close else "name one of the area's layers"
            raise here.error(f"no layer {shown(layer)}; {way_out}")
        changes[layer] = _change(here, change, area)
    return Scenario(path.stem, table["title"], table["why"], changes)


def _change(at: At, value: Any, area: Area) -> Change:  # noqa: ANN401  # of TOML
    row = read_table(value, at, "change")
    if row["off"] and (row["scale"] != 1 or row["effect"]):
        raise at.error("'off' takes the layer out; leave scale and effect out, or off")
    if not row["off"] and row["scale"] == 1 and not row["effect"]:
        raise at.error(f"{at.table} changes nothing; give it scale, off or effect")
    name = at.table.removeprefix("[layers.").removesuffix("]")
    relation = area.layers[name].touch.relation
    if any("when" in effect for effect in row["effect"] if isinstance(effect, dict)):
        raise at.error("an effect of a scenario acts wherever the layer touches; leave 'when' out")
    effects = tuple(
        read_effect(at.inside(f"effect {number}"), effect, relation)
        for number, effect in enumerate(row["effect"], 1)
    )
    return Change(0.0 if row["off"] else row["scale"], effects)


def applied(area: Area, scenario: Scenario) -> Area:
    """
    Put an overlay on an area. Neither the area nor a layer file is changed.

    Levels stay against the area's own baseline, so that a what-if can be compared.
    """
    model = area.model.weighted({name: c.scale for name, c in scenario.changes.items()})
    added = {
        name: replace(area.layers[name], effects=change.effects)
        for name, change in scenario.changes.items()
        if change.effects
    }
    columns = [column for name in added for column in _whole(name, area)]
    families = tuple(
        replace(
            family,
            candidates=family.candidates
            + prior.terms(
                family, area.rows(family.kind), columns, added, area.parameters
            ),
        )
        for family in model.families
    )
    layers = {
        name: replace(layer, effects=(*layer.effects, *added[name].effects))
        if name in added
        else layer
        for name, layer in area.layers.items()
    }
    return replace(
        area,
        key=f"{area.key} {scenario!r}",
        layers=layers,
        model=replace(model, families=families),
        scenario=scenario.name,
    )


def _whole(name: str, area: Area) -> list[Column]:
    """
    All that a layer touches, whatever the kind of its features: that is what kinds differ in.

    One column for what is always there, and one for each window of time.
    """
    windows: dict[Window | None, list[Column]] = {}
    for column in area.columns:
        if column.layer == name:
            windows.setdefault(column.window, []).append(column)
    return [own[0] if len(own) == 1 else _joined(own) for own in windows.values()]


def _joined(own: list[Column]) -> Column:
    rows = np.unique(np.concatenate([column.rows for column in own]))
    touch = np.zeros(len(rows))
    relieved, bare = np.zeros((2, len(rows)), dtype=bool)
    for column in own:
        at = np.searchsorted(rows, column.rows)
        touch[at] = np.maximum(touch[at], column.touch)
        if column.relieved is not None and column.bare is not None:
            relieved[at] |= column.relieved
            bare[at] |= column.bare
    known = np.zeros(len(rows), dtype=bool)
    return Column(own[0].layer, None, rows, touch, known, relieved, bare, own[0].window)
