#!/bin/sh
# Statistics of han against those of another program. Usage: sh tests/peers/run.sh scipy|r BUILD_DIR
# Exits 77 where that program is not installed.
set -eu
build=$2
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
lua5.4 tests/peers/stats_cases.lua "$build" >"$cases"
case $1 in
scipy)
    # Debian's own, whatever other Python comes first here
    [ -x /usr/bin/python3 ] || { echo "SKIPPED: no Debian python3, nothing was compared with scipy"; exit 77; }
    /usr/bin/python3 tests/peers/stats_scipy.py <"$cases"
    ;;
r)
    command -v Rscript >/dev/null || { echo "SKIPPED: no Rscript, nothing was compared with R"; exit 77; }
    Rscript --vanilla tests/peers/stats_r.R <"$cases"
    ;;
*) exit 2 ;;
esac
