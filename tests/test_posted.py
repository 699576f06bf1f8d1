"""A plan as it is put up on the wall: the same when read again, and nothing when damaged."""

import datetime as dt
import json
from pathlib import Path

import pytest

import riskmap
from riskmap import crew, deployment, posted
from riskmap.deployment import Deployment
from riskmap.errors import RiskmapError
from riskmap.posted import Posted, Row

TOWN = Path(__file__).parent / "browser" / "hostile.osm"
FRIDAY = dt.date(2026, 5, 8)
AT = dt.datetime(2026, 5, 8, 4, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A night shift of the little town: two teams and a car."""
    area = riskmap.assess(TOWN, cache=tmp_path_factory.mktemp("cache"))
    return deployment.deploy(area, crew.simple(area, FRIDAY, "19:00-07:00", posts=2, cars=1))


@pytest.fixture
def shown(plan: Deployment) -> Posted:
    """The same on the wall."""
    return posted.posted(plan, AT)


def test_what_is_read_is_what_was_written(shown: Posted, tmp_path: Path) -> None:
    path = tmp_path / "wall.json"
    posted.write(shown, path)
    posted.write(shown, path)
    assert posted.read(path) == shown
    assert [file.name for file in tmp_path.iterdir()] == ["wall.json"]


def test_only_who_runs_the_server_may_read_the_file(shown: Posted, tmp_path: Path) -> None:
    path = tmp_path / "wall.json"
    posted.write(shown, path)
    assert path.stat().st_mode & 0o077 == 0


def test_a_plan_that_was_never_put_up_is_none(tmp_path: Path) -> None:
    assert posted.read(tmp_path / "wall.json") is None


def test_every_unit_does_one_thing_at_any_minute_of_the_shift(
    plan: Deployment, shown: Posted
) -> None:
    units = {unit.name for unit in (*plan.crew.teams, *plan.crew.cars)}
    for minute in range(int(shown.first), int(shown.last), 7):
        now = shown.now(minute)
        assert sorted(row.unit for row in now) == sorted(units)


def test_a_drive_names_the_road_that_it_goes_to(shown: Posted) -> None:
    by_unit: dict[str, list[Row]] = {}
    for row in shown.rows:
        by_unit.setdefault(row.unit, []).append(row)
    drives = [
        (row, rows[number + 1])
        for rows in by_unit.values() for number, row in enumerate(rows[:-1]) if row.kind == "drive"
    ]  # fmt: skip
    assert drives
    assert all(row.road == later.road for row, later in drives)


@pytest.mark.parametrize(
    ("when", "minute"),
    [
        (dt.datetime(2026, 5, 8, 18, 59), None),  # noqa: DTZ001  # on the clocks of the place
        (dt.datetime(2026, 5, 8, 19), 1140.0),  # noqa: DTZ001
        (dt.datetime(2026, 5, 9, 2, 30), 1590.0),  # noqa: DTZ001
        (dt.datetime(2026, 5, 9, 7), None),  # noqa: DTZ001
        (dt.datetime(2026, 5, 9, 19), None),  # noqa: DTZ001  # another night
    ],
)
def test_a_shift_is_on_from_its_first_minute_to_its_last(
    shown: Posted, when: dt.datetime, minute: float | None
) -> None:
    assert shown.minute(when) == minute
    assert shown.ahead(when) == (minute is None and when.day == FRIDAY.day)


def _broken(key: str, value: object, *, row: bool = False) -> str:
    good = {
        "version": 1, "at": AT.isoformat(), "date": "2026-05-08", "first": 420.0, "last": 1140.0,
        "rows": [{
            "unit": "P1", "kind": "post", "first": 420.0, "last": 480.0, "road": "",
            "way": [[9.5, 47.1]],
        }],
    }  # fmt: skip
    (good["rows"][0] if row else good)[key] = value  # type: ignore[index]
    return json.dumps(good)


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", "17", "[" * 100_000, "\x00\ufeff", _broken("version", 2),
        _broken("at", "yesterday"), _broken("at", "2026-05-08T04:30:00"), _broken("date", 5),
        _broken("first", float("nan")), _broken("last", 420.0), _broken("last", 1e9),
        _broken("rows", None), _broken("rows", ["P1"]), _broken("unit", 1, row=True),
        _broken("unit", "P" * 1000, row=True), _broken("kind", "spy", row=True),
        _broken("way", [], row=True), _broken("way", [[9.5]], row=True),
        _broken("way", [[9.5, 91.0]], row=True), _broken("way", [[True, 1]], row=True),
        _broken("road", None, row=True), " " * (posted.LARGEST + 1),
    ],
    ids=range(25),
)  # fmt: skip
def test_a_damaged_file_is_one_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "wall.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RiskmapError) as told:
        posted.read(path)
    assert "\n" not in str(told.value)


def test_the_file_that_the_broken_ones_are_made_of_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "wall.json"
    path.write_text(_broken("version", 1), encoding="utf-8")
    assert posted.read(path) is not None


def test_a_plan_that_cannot_be_written_leaves_the_one_before(
    shown: Posted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wall.json"
    posted.write(shown, path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RiskmapError, match="No space left"):
        posted.write(shown, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["wall.json"]
