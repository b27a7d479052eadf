#!/bin/sh
# The libraries define no names but ours: every global symbol of the static ones starts with han_,
# and the public library exports exactly the functions that han.h declares.
# Usage: sh tests/check_exports.sh BUILD_DIR (in the root).
set -eu
build=${1:?usage: check_exports.sh BUILD_DIR}
status=0 count=0
for library in "$build"/libhan*.a; do
    [ -e "$library" ] || continue
    count=$((count + 1))
    foreign=$(nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 {print $3}' |
        grep -vE '^(han_|__(odr_)?asan|__gcov|__llvm|__start_|__stop_|main$)' || true)
    if [ -n "$foreign" ]; then
        echo "$library defines:" $foreign
        status=1
    fi
done
shared=$build/libhan.so
if [ -e "$shared" ]; then
    count=$((count + 1))
    exported=$(nm -D --defined-only "$shared" | awk '{print $3}' | sort)
    declared=$(tr '\n' ' ' <engine/han.h | grep -oE 'HAN_API [^;(]*\(' | grep -oE 'han_[a-z0-9_]+ *\(' |
        tr -d ' (' | sort)
    if [ "$exported" != "$declared" ]; then
        echo "$shared and engine/han.h differ (< exported, > declared):"
        tmp=$(mktemp)
        echo "$declared" >"$tmp"
        echo "$exported" | diff - "$tmp" || true
        rm -f "$tmp"
        status=1
    fi
fi
[ "$count" -gt 0 ] || { echo "exports: no library in $build"; status=1; }
echo "exports: $count libraries"
exit $status
