"""Write docs/layers.md: every layer in one table, one row for each number that the score takes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from riskmap.layer import Active, Effect, Layer, Osm, Relief, Source, Touch
from riskmap.layers import read_layers
from riskmap.vocabulary import DAYS, GRADES

PAGE = Path(__file__).parents[1] / "docs" / "layers.md"
HEAD = """\
# Every layer and every number

Written by `python tools/layers_table.py` from the files in [layers](../layers/README.md), one row \
for each number. A test fails when a layer changes and this page does not.

**图层一览。** 本页由图层文件自动生成，一行一个系数；D 级为研判，可按本地经验修改。

Grades: **A** several studies or a manual agree · **B** one good study · **C** guideline or \
related field · **D** judgement: nobody measured it, a planner may change it. A factor multiplies \
the likelihood or the severity of one family of crashes where the touch is 1; where it is less, \
the factor is taken to that power. Beside its tags every layer takes the brigade's own list \
of its name.

"""  # noqa: RUF001  # Chinese is written with its own commas
FOOT = """
To check the files after a change:

```bash
riskmap layers check
```
"""
COLUMNS = ("layer", "what", "touches", "when", "acts on", "factor", "grade", "source")


def page(layers: Mapping[str, Layer]) -> str:
    """Write the whole page for these layers."""
    grades = Counter(grade for layer in layers.values() for grade in _grades(layer))
    counts = " · ".join(f"{grade} {grades[grade]}" for grade in GRADES)
    lines = [
        f"**{len(layers)} layers, {grades.total()} numbers: {counts} (judgements).**\n",
        _line(COLUMNS),
        _line("---" for _ in COLUMNS),
        *(_line(cells) for layer in layers.values() for cells in _rows(layer)),
    ]
    return HEAD + "\n".join(lines) + "\n" + FOOT


def _grades(layer: Layer) -> list[str]:
    relief = layer.touch.relieved
    return [effect.grade for effect in layer.effects] + ([relief.grade] if relief else [])


def _rows(layer: Layer) -> Iterator[tuple[str, ...]]:
    """Describe the layer in its first row; the rows below it stand for the same one."""
    about: tuple[str, ...] = (
        f"**{layer.title['zh']}** {layer.title['en']} (`{layer.name}`)",
        "; ".join(map(_source, layer.sources)) or "every road",
        _touch(layer.touch) + (f"; strongest of group `{layer.group}`" if layer.group else ""),
        " or ".join(map(_active, layer.active)) or "always",
    )
    for effect in layer.effects:
        number = (f"{effect.factor:g}", effect.grade, effect.source)
        yield (*about, _effect(effect), *number)
        about = ("",) * len(about)
    relief = layer.touch.relieved
    if relief:
        yield (*about, _relief(relief), f"{relief.factor:g}", relief.grade, relief.source)


def _source(source: Source) -> str:
    if source.file:
        return f"list `{source.file}`" + (", alone if there is one" if source.overrides else "")
    if source.network:
        return "junctions: " + ", ".join(
            f"{name} {' or '.join(map(str, allowed))}"
            if isinstance(allowed[0], str)
            else f"{name} {_span(*map(float, allowed))}"
            for name, allowed in source.network.items()
        )
    parts = [_tags(source.osm)]
    if source.amount != 1:
        parts.append(f"each counts {source.amount:g}")
    if source.min_area_m2:
        parts.append(f"from {source.min_area_m2:g} m²")
    if source.prefer:
        parts.append(f"at {_tags(source.prefer, ' or ')} if mapped")
    if source.exclude:
        parts.append(f"without {_tags(source.exclude, ' or ')}")
    return ", ".join(parts)


def _touch(rule: Touch) -> str:
    parts = {
        "near": "near: ",
        "along": "share of the length along: ",
        "inside": "share of the length inside",
        "own": "the road's own tags",
        "measure": "",
        "at_junction": f"the junction and {rule.reach_m:g} m of its approaches",
        "crosses": f"crossed on the ground, or {rule.beside_m:g} m beside",
    }[rule.relation]
    if rule.relation in {"near", "along"}:
        parts += _fall(rule)
    if rule.measure:
        steps = ", ".join(f"{_span(low, high)}: {size:g}" for low, high, size in rule.steps)
        parts += (" or " if parts else "") + f"`{rule.measure}` {steps}"
        parts += f", not known: 1 for {100 * rule.unknown:g} %" if rule.unknown else ""
    if rule.minor:
        parts += f", where {'/'.join(rule.minor)} meets {'/'.join(rule.major)}"
    if rule.control:
        parts += f", control {'/'.join(rule.control)}"
    if rule.where:
        parts += "; only " + ", ".join(
            f"{name} {'/'.join(value) if isinstance(value, tuple) else str(value).lower()}"
            for name, value in rule.where.items()
        )
    return parts


def _fall(rule: Touch) -> str:
    if rule.decay == "flat":
        text = f"1 to {rule.reach_m:g} m"
    else:
        text = f"1 to {rule.full_m:g} m, 0 from {rule.reach_m:g} m"
    sums = {"capped_sum": "sum", "log_sum": "log of the sum"}
    return text + (f", {sums[rule.combine]} is 1 at {rule.cap:g}" if rule.combine in sums else "")


def _active(active: Active) -> str:
    parts = []
    if active.days != DAYS:
        parts.append("/".join(active.days) + " days")
    if active.holiday:
        parts.append("/".join(active.holiday))
    if any(active.offset_days):
        parts.append("from {:+d} to {:+d} days".format(*active.offset_days).replace("-", "−"))
    parts += ["/".join(words) for words in (active.light, active.season, active.weather) if words]
    if active.hours != ((0.0, 24.0),):
        parts.append(" and ".join(f"{_clock(a)}–{_clock(b)}" for a, b in active.hours))
    return ", ".join(parts)


def _effect(effect: Effect) -> str:
    if effect.when is None:
        return f"{effect.family}, {effect.on}"
    share = 100 * (effect.unknown or 0.0)
    return f"{effect.family}, {effect.on}, if {_tags(effect.when)}; not known: {share:g} %"


def _relief(relief: Relief) -> str:
    near = f"{_tags(relief.osm)} within {relief.within_m:g} m"
    return f"relief of all these: {near}; not known: {100 * relief.unknown:g} %"


def _tags(osm: Osm, joined: str = " and ") -> str:
    return joined.join(f"`{key}={', '.join(values)}`" for key, values in osm.items())


def _span(low: float, high: float) -> str:
    if math.isinf(low):
        return f"below {high:g}"
    return f"from {low:g}" if math.isinf(high) else f"{low:g}–{high:g}"


def _clock(hour: float) -> str:
    minutes = round(60 * hour)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(read_layers()), encoding="utf-8")
