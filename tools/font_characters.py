"""List the characters of the map's font: two Chinese standards, Latin letters, punctuation."""

import sys
from pathlib import Path

LATIN = [(0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x2030, 0x2030), (0x2032, 0x2033)]
"""Letters of western names, and punctuation, from–to."""


def main(mappings: str) -> None:
    """Print code points: GB 2312, the 8105 of the 通用规范汉字表 (Unihan's kTGH), and `LATIN`."""
    lines = Path(mappings).read_text("utf-8").splitlines()
    rows = [line.removeprefix("U+").split("\t") for line in lines if line.startswith("U+")]
    codes = {int(code, 16) for code, key, _ in rows if key == "kTGH"}
    cells = range(0xA1, 0xFF)
    pairs = (bytes((row, cell)).decode("gb2312", "ignore") for row in cells for cell in cells)
    codes |= {ord(char) for pair in pairs for char in pair}
    codes |= {code for first, last in LATIN for code in range(first, last + 1)}
    sys.stdout.write(",".join(f"{code:X}" for code in sorted(codes)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
