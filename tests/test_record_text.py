"""What is repeated of a file's own text: nothing that looks like a person's number."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from test_records import NETWORK, RULES, TODAY, read, row, said

from riskmap import crashes
from riskmap.errors import RiskmapError
from riskmap.record_files import write_mappings
from riskmap.records import read_records


def test_neither_headings_nor_names_of_files_nor_faults_repeat_a_number(tmp_path: Path) -> None:
    secrets = ["13812345678", "110101199003071234", "赣A12345", "沪AD12345"]
    rows = [row(**{f"死亡人数({secrets[0]})": "many"})]
    paths = []
    for secret in (secrets[0], "13912345678", *secrets[1:]):
        paths.append(tmp_path / f"{secret} 2024.csv")
        pd.DataFrame(rows).to_csv(paths[-1], index=False)
    found = read_records(paths, NETWORK.segments, system=None, rules=RULES, today=TODAY)
    kept = found.crashes.to_csv() + found.report.to_csv()
    assert [secret for secret in secrets if secret in kept] == []
    assert found.report["file"].nunique() == len(paths)
    assert "死亡人数: '...' is no number of people" in said(found)[0]
    for secret in secrets:
        broken = tmp_path / f"{secret}.csv"
        broken.write_text("lon,lat\n1,2\n")
        with pytest.raises(RiskmapError, match="says of no crash") as fault:
            read_records([broken], NETWORK.segments, system=None, rules=RULES, today=TODAY)
        assert secret not in str(fault.value)
        assert fault.value.__cause__ is None
        broken.write_text(f"lon,lat,{secret}\n1,2,3\n", encoding="utf-8")
        mapping = broken.with_name(f"{broken.name}.columns.toml")
        mapping.write_text(f'[columns]\nlon="lon"\ntype="{secret} x"\n', encoding="utf-8")
        with pytest.raises(RiskmapError, match="has no such column") as fault:
            read_records([broken], NETWORK.segments, system=None, rules=RULES, today=TODAY)
        assert secret not in str(fault.value)
        mapping.unlink()
        (own,) = write_mappings([broken], ("fatal",))
        assert secret not in own.read_text(encoding="utf-8")


@pytest.mark.parametrize(("word", "shown"), [
    ("极其严重", "极其严重"), ("odd", "odd"), ("category 9", "…"), ("９级", "…"),
    ("driver was taken to hospital", "…"),
])  # fmt: skip
def test_a_severity_nobody_knows_is_quoted_only_if_it_is_a_short_word(
    tmp_path: Path, word: str, shown: str
) -> None:
    found = read(tmp_path, [row(severity=word)])
    assert f"severity '{shown}' is not known" in said(found)[0]
    kept = found.report.to_csv() + found.crashes.to_csv()
    assert shown == word or word not in kept


def test_a_road_that_the_map_does_not_know_is_not_kept(tmp_path: Path) -> None:
    rows = [row(road="人民路", road_class="primary"), row(60, road="张三家", road_class="李四家")]
    pd.DataFrame(rows).to_csv(tmp_path / "r.csv", index=False)
    known = crashes.read([tmp_path / "r.csv"], NETWORK, system=None, rules=RULES)
    assert known.table[["road", "road_class"]].to_numpy().tolist() == [
        ["人民路", "primary"], ["", ""],
    ]  # fmt: skip
