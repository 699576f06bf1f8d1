#!/bin/sh
# What the tests need beside Python: a browser, Chinese fonts, GDAL's programs, LibreOffice, poppler.
set -eu
missing=""
[ -n "${RISKMAP_CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null 2>&1 \
    || command -v chromium >/dev/null 2>&1 || missing="$missing chromium-headless-shell"
command -v ogrinfo >/dev/null 2>&1 || missing="$missing gdal-bin"
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-calc"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
{ command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh | grep -q .; } || missing="$missing fontconfig fonts-noto-cjk"
[ -z "$missing" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need:$missing. Install them with this system's package manager." >&2
    exit 2
fi
# shellcheck disable=SC2086  # a list of packages
if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq $missing; } >/dev/null; then
    echo "The tests need:$missing. Could not install them; as root: apt-get install$missing" >&2
    exit 2
fi
