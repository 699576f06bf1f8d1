"""Columns of dates and of hours: which is which, and what is said of two that say the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from test_records import (
    NETWORK,
    RULES,
    TODAY,
    in_csv,
    in_excel,
    in_parquet,
    outcomes,
    read,
    row,
)

from riskmap.records import read_records


@pytest.mark.parametrize("rest", [{}, {"时段": ""}])
@pytest.mark.parametrize("names", [
    ("事故日期", "事故时间"), ("发生时间", "日期"), ("date", "time"),
])  # fmt: skip
def test_a_date_and_its_clock_in_two_columns_are_read_together(
    tmp_path: Path, names: tuple[str, str], rest: dict[str, str]
) -> None:
    day, clock = ("2024-03-05", "18:20") if names[0] != "发生时间" else ("18:20", "2024-03-05")
    own = {k: v for k, v in row().items() if k != "date"}
    found = read(tmp_path, [own | {names[0]: day, names[1]: clock} | rest])
    assert found.crashes[["date", "hour"]].to_numpy().tolist() == [[pd.Timestamp("2024-03-05"), 18]]
    assert outcomes(found) == ["read"]


def test_a_day_with_its_hour_comes_before_a_bare_one_and_both_are_told(tmp_path: Path) -> None:
    own = {k: v for k, v in row().items() if k != "date"}
    found = read(tmp_path, [own | {"事故日期": "2024-03-05", "事故时间": "2024-03-05 18:20"}])
    assert found.crashes["hour"].tolist() == [18]
    (said,) = found.report.loc[found.report["why_en"].str.startswith("columns"), "why_en"]
    assert said.endswith("'事故日期' say the same thing: '事故时间' is read, '事故日期' is not")


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx", "r.parquet"])
def test_two_columns_for_one_word_are_told_and_the_first_is_read(
    tmp_path: Path, name: str
) -> None:
    rows = [row(50 + n, 严重程度="fatal", 事故等级="x") for n in range(2)]
    table = pd.DataFrame(rows)
    table = table.drop(columns="severity").rename(columns={"事故等级": "事故等级(13812345678)"})
    write: dict[str, Callable[[pd.DataFrame, Path], None]] = {
        "r.csv": in_csv, "r.xlsx": in_excel, "r.parquet": in_parquet,
    }  # fmt: skip
    write[name](table, tmp_path / name)
    found = read_records(
        [tmp_path / name], NETWORK.segments, system=None, rules=RULES, today=TODAY
    )
    assert found.crashes["severity"].tolist() == ["fatal"] * 2
    notes = found.report.loc[found.report["outcome"] == "note", "why_en"].tolist()
    used = "'严重程度' is read, '事故等级' is not"
    assert f"columns '严重程度' and '事故等级' say the same thing: {used}" in notes
