"""Where records are no real ones, whatever is made of them says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import riskmap
from riskmap import list_about
from riskmap.area import Area
from riskmap.documents import paper
from riskmap.documents.content import Document
from riskmap.locale import text
from riskmap.webmap.map_content import content


@pytest.fixture(scope="module", params=["simulated.csv", "own.csv"])
def area(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Area:
    """The sample with a few of its simulated records, in a file of this name."""
    rows = Path(riskmap.sample_crashes()).read_text(encoding="utf-8-sig").splitlines()
    path = tmp_path_factory.mktemp("records") / request.param
    path.write_text("\n".join(rows[:40]) + "\n", encoding="utf-8")
    return riskmap.assess(riskmap.sample(), crashes=path)


def letter(area: Area) -> Document:
    return paper.document(area, "briefing", "zh", title="标题", blocks=[])


def test_documents_lists_and_the_map_say_so_only_of_simulated_records(area: Area) -> None:
    named = area.crashes is not None and area.crashes.table["file"].iloc[0] == "simulated.csv"
    what = text("simulated.crashes", "zh")
    made = letter(area)
    assert (what in made.stamp) == named
    assert any("模拟数据" in note for note in made.notes) == named
    sheet = list_about.about(area, lang="zh")
    assert sheet.iloc[:, 0].eq(text("about.simulated", "zh")).any() == named
    labels = content(area, when=None, lang="zh", crashes=False, top=10, inside=None)["labels"]
    assert (what in labels.get("simulated", "")) == named


def test_what_the_brigade_says_itself_comes_first(area: Area, tmp_path: Path) -> None:
    shutil.copy(riskmap.sample(), tmp_path / "town.osm.pbf")
    project = tmp_path / "area.toml"
    project.write_text(
        'extract = "town.osm.pbf"\n[documents]\nsimulated = "演练数据"\n', encoding="utf-8"
    )
    assert "演练数据" in letter(riskmap.assess(project)).stamp
    assert "演练数据" not in letter(area).stamp
