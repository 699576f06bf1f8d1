"""What is written on the page can be read by day and by night."""

import re
import tomllib
from pathlib import Path

import pytest

from riskmap import background
from riskmap.pages.night import INKS
from riskmap.project import read_toml

ROOT = Path(__file__).parents[1]
LOOK = (ROOT / "riskmap" / "pages" / "look.css").read_text(encoding="utf-8")
ASSETS = ROOT / "riskmap" / "webmap" / "component" / "assets"
PALETTE = (ASSETS / "palette.mjs").read_text(encoding="utf-8")
SHEETS = [*sorted((ROOT / "riskmap" / "pages").glob("*.css")), ASSETS / "map.css"]
VARIABLE = re.compile(r"(--rm-[\w-]+): (#[0-9a-f]{6})(?:[0-9a-f]{2})?;")
BLOCK = re.compile(r":root(?:\[data-night\])? \{[^}]*\}")
DAY, NIGHT = (dict(VARIABLE.findall(block)) for block in BLOCK.findall(LOOK))
TIMES = pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
WORDS = 4.5
"""Least contrast of small text (WCAG 2.2, 1.4.3)."""
DRAWN = 3.0
"""Least contrast of a line that must be seen (WCAG 2.2, 1.4.11)."""


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1..21."""
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_that_the_definition_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_day_and_night_name_the_same_colours() -> None:
    assert DAY
    assert DAY.keys() == NIGHT.keys()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_colour_is_written_outside_the_two_lists(sheet: Path) -> None:
    rules = BLOCK.sub("", sheet.read_text(encoding="utf-8"))
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []


@TIMES
def test_every_colour_of_a_sheet_is_in_the_lists(colours: dict[str, str]) -> None:
    rules = "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
    used = set(re.findall(r"var\((--rm-[\w-]+)\)", rules))
    assert used == colours.keys()


@TIMES
@pytest.mark.parametrize("name", [name[8:] for name in DAY if name.startswith("--rm-on-")])
def test_words_on_a_colour_can_be_read(colours: dict[str, str], name: str) -> None:
    assert contrast(colours[f"--rm-on-{name}"], colours[f"--rm-{name}"]) >= WORDS


@TIMES
@pytest.mark.parametrize("name", ["text", "quiet", "judged", "accent"])
@pytest.mark.parametrize("behind", ["ground", "panel", "map", "strip"])
def test_words_on_the_page_and_the_map_can_be_read(
    colours: dict[str, str], name: str, behind: str
) -> None:
    assert contrast(colours[f"--rm-{name}"], colours[f"--rm-{behind}"]) >= WORDS


def test_every_kind_of_land_has_a_colour_of_its_own_by_day_and_by_night() -> None:
    kinds = read_toml(background.TABLE)["land"]["kinds"]
    drawn = re.search(r"const LAND = \[(.*?)\];", (ASSETS / "ground.mjs").read_text("utf-8"))
    assert drawn is not None
    assert set(re.findall(r"\w+", drawn[1])) == set(kinds)
    palettes = re.findall(r"const \w+ = \{(.*?)\};", PALETTE, re.DOTALL)
    assert len(palettes) == 2
    for palette in palettes:
        colours = dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', palette))
        own = {colours[kind] for kind in (*kinds, "ground", "water")}
        assert len(own) == len(kinds) + 2


@pytest.mark.parametrize("name", INKS)
def test_lines_of_charts_stand_out_from_the_page(name: str) -> None:
    for ink, colours in zip(INKS[name], (DAY, NIGHT), strict=True):
        assert contrast(ink, colours["--rm-ground"]) >= DRAWN


def test_streamlit_writes_in_the_same_colours() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    theme = tomllib.loads(config)["theme"]
    for name, colours in (("light", DAY), ("dark", NIGHT)):
        assert theme[name]["textColor"] == colours["--rm-text"]
        assert theme[name]["primaryColor"] == colours["--rm-accent"]
        assert theme[name]["backgroundColor"] == colours["--rm-ground"]
