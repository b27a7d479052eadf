#!/bin/sh
# Builds the rock with luarocks from a copy of the tree into an empty tree of rocks, and uses it from a plain
# lua5.4. Usage: sh tests/embed/rock.sh (in the root). Ends with 77
# where luarocks is not installed, and without HAN_FULL=1.
set -eu
[ -n "${HAN_FULL:-}" ] || {
    echo "rock: it builds everything once more; only in the long form (HAN_FULL=1)"
    exit 77
}
command -v luarocks >/dev/null || {
    echo "rock: luarocks is not installed, the rockspec was NOT tried (tools/setup.sh --full installs it)"
    exit 77
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/source"
tar -c --exclude=./build* --exclude=./.git . | tar -x -C "$tmp/source"
cd "$tmp/source"
luarocks --lua-version=5.4 make --tree "$tmp/rocks" han-0.1.0-1.rockspec >"$tmp/log" 2>&1 || {
    tail -n 30 "$tmp/log"
    exit 1
}
cd "$tmp"
LUA_CPATH="$tmp/rocks/lib/lua/5.4/?.so" lua5.4 "$tmp/source/tests/embed/rock.lua"
