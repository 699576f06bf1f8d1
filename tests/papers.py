"""What the tests of documents share: reading a PDF with poppler, and names that mean harm."""

import re
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from riskmap.area import Area

HOSTILE = (
    '#eval("1+1")', "<img src=x onerror=alert(1)>", "$x^2$ *b* _i_ `c`", ']#read("x.typ")[',
    "{{ 7 * 7 }}", "长" * 200, "鹰潭😀🚓路", "شارع الملك", "\u202egnp.exe\x07", "㑇𠮷丽江路",
)  # fmt: skip

HAN = re.compile(r"[\u3400-\u9fff]")


def hostile(area: Area) -> Area:
    """The area with names on its roads that no template may take for anything but text."""
    names = np.array(HOSTILE, dtype=object)[np.arange(len(area.segments)) % len(HOSTILE)]
    segments = area.segments.assign(name=names)
    return replace(area, network=replace(area.network, segments=segments))


def run(*command: str | Path) -> str:
    """Run one of poppler's programs; one that is missing is a failure."""
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def words(path: Path) -> str:
    """Text of a PDF without blanks and the marks of where a word may break."""
    said = run("pdftotext", path, "-")
    return "".join(said.split()).replace("\u200b", "").replace("\u202b", "").replace("\u202c", "")


def pages(path: Path) -> int:
    """How many a PDF has."""
    return int(run("pdfinfo", path).split("Pages:")[1].split()[0])


def pictures(path: Path) -> list[np.ndarray]:
    """Every page of a PDF in grey."""
    target = path.with_suffix("")
    run("pdftoppm", "-r", "50", "-gray", "-png", path, target)
    found = sorted(path.parent.glob(f"{target.name}-*.png"))
    return [np.asarray(Image.open(BytesIO(own.read_bytes()))) for own in found]


def check_print(path: Path) -> None:
    """Every page shows something, and every font is in the file, no more of it than is used."""
    shown = pictures(path)
    assert len(shown) == pages(path)
    for page in shown:
        assert page.std() > 10
    fonts = run("pdffonts", path).splitlines()[2:]
    assert fonts
    for line in fonts:
        assert line.split("+")[0].isupper(), line
        assert line.split()[-5:-2] == ["yes", "yes", "yes"], line
