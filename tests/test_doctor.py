"""`riskmap doctor`: what is well, and every fault that it is there to find."""

from __future__ import annotations

import json
from datetime import date
from importlib import metadata
from pathlib import Path

import pytest
from town import write

from riskmap import doctor
from riskmap.cli import main
from riskmap.doctor import Asked, examine
from riskmap.documents import fonts

NODES = {1: (0, 0), 2: (90, 0), 3: (180, 0)}


class _Then(date):
    """A day whose holidays are known, whenever this runs."""

    @classmethod
    def today(cls) -> date:
        return date(2026, 5, 8)


def _check(name: str, **asked: object) -> doctor.Check:
    return doctor._checked(name, Asked(lang="en", **asked))


def _faulty(name: str, **asked: object) -> str:
    found = _check(name, **asked)
    assert not found.ok
    assert "\n" not in found.said
    return found.said


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write(tmp_path / "t.osm.pbf", NODES, {1: ([1, 2, 3], {"highway": "primary"})})


def test_a_machine_as_it_should_be_has_no_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy>=2", "pandas>=3; extra == 'x'"])
    monkeypatch.setattr(doctor, "date", _Then)
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["ok", "version", "checks"]  # as docs/command-line.md says
    assert told["ok"] is True
    assert [*(row["name"] for row in told["checks"]), "area"] == list(doctor.CHECKS)
    assert all(row["ok"] and row["said"] for row in told["checks"])
    for lang, said in (("zh", "全部正常。"), ("en", "All is well.")):
        assert main(["doctor", "--lang", lang]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == said


def test_a_fault_is_told_with_the_others_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.toml").write_text("title = 1", encoding="utf-8")
    assert main(["doctor", "--layers", str(tmp_path), "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert said.err == ""
    assert "FAULT  layers  " in said.out
    assert "ok     sample  " in said.out
    assert main(["doctor", "--layers", str(tmp_path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False


def test_a_package_that_is_missing_or_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["numpy>=1.0", "pandas>=999.1", "no-such-package>=1"]
    monkeypatch.setattr(metadata, "requires", lambda _: needs)
    said = _faulty("packages")
    assert f"pandas: is {metadata.version('pandas')}, needed is 999.1" in said
    assert "no-such-package: is missing" in said
    assert "numpy" not in said
    monkeypatch.setattr(metadata, "requires", _not_installed)
    assert "is not installed here" in _faulty("packages")


def _not_installed(name: str) -> list[str]:
    raise metadata.PackageNotFoundError(name)


def test_a_package_that_cannot_be_loaded_is_a_fault_and_no_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str) -> None:
        raise ImportError(name=name)

    monkeypatch.setattr(doctor, "import_module", broken)
    found = {check.name: check for check in examine(Asked(lang="en"))}
    assert not found["sample"].ok
    assert found["sample"].said.startswith("riskmap.project: cannot be loaded")
    assert found["font"].ok


def test_a_font_that_is_cut_short_or_missing_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (Path(doctor.__file__).parent / doctor.FONT).read_bytes()
    path = tmp_path / "font.woff2"
    monkeypatch.setattr(doctor, "FONT", path)
    assert "is missing or damaged; install riskmap again" in _faulty("font")
    for damaged in (whole[:-1], b"", b"wOF2", b"x" + whole[1:]):
        path.write_bytes(damaged)
        assert "is missing or damaged" in _faulty("font")
    path.write_bytes(whole)
    assert _check("font").ok


def test_a_damaged_font_of_the_documents_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _check("documents").ok
    path = tmp_path / "font.otf"
    path.write_bytes(b"no font")
    monkeypatch.setattr(fonts, "PATHS", {"Noto Sans SC": lambda: str(path)})
    fonts.known.cache_clear()
    assert "a font is missing or damaged; install riskmap again" in _faulty("documents")
    path.unlink()
    assert "is missing or damaged" in _faulty("documents")


def test_a_sample_that_is_damaged_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "packaged", lambda _: tmp_path)
    assert "is missing or damaged; install riskmap again" in _faulty("sample")
    (tmp_path / doctor.SAMPLE).write_bytes(b"\0\0\0\x0dnonsense")
    assert "is missing or damaged" in _faulty("sample")


def test_a_cache_that_cannot_be_written_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("RISKMAP_CACHE", str(tmp_path / "file"))
    assert "RISKMAP_CACHE" in _faulty("cache")


def test_a_year_without_known_holidays_is_a_fault(tmp_path: Path) -> None:
    assert _check("calendar", today=date(2026, 5, 8)).ok
    assert "public holidays of 2099: unknown" in _faulty("calendar", today=date(2099, 5, 8))
    assert "no such file" in _faulty("calendar", calendar=tmp_path / "none.toml").lower()


def test_an_example_that_comes_out_otherwise_is_a_fault(tmp_path: Path) -> None:
    source = doctor.packaged("layers") / "school.toml"
    text = source.read_text(encoding="utf-8")
    assert "\ntouch = " in text
    head, _, rest = text.rpartition("\ntouch = ")
    (tmp_path / "school.toml").write_text(
        f"{head}\ntouch = 0.123{rest[rest.find(chr(10)):]}", encoding="utf-8"
    )
    assert "says touch = 0.123" in _faulty("layers", layers=tmp_path)


def test_an_area_is_checked_with_all_that_it_names(town: Path, tmp_path: Path) -> None:
    assert _check("area", area=town).said.startswith("t, 0 km of road, data of –.")
    project = tmp_path / "area.toml"
    project.write_text(f'extract = "{town.name}"\ndem = "none.tif"', encoding="utf-8")
    assert "dem = " in _faulty("area", area=project)
    own = tmp_path / "own"
    own.mkdir()
    (own / "school.toml").write_text("x", encoding="utf-8")
    project.write_text(f'extract = "{town.name}"\nlayers = "own"', encoding="utf-8")
    assert "is not TOML" in _faulty("layers", area=project)
    assert "no such file" in _faulty("area", area=tmp_path / "none.osm.pbf")
    town.write_bytes(town.read_bytes()[:-20])
    assert "cannot be read" in _faulty("area", area=town)
