#!/bin/sh
# Every C file is as clang-format writes it. Usage: sh tests/check_format.sh (in the root).
# To repair: clang-format -i FILE...
set -eu
command -v clang-format >/dev/null || { echo "format: clang-format is not installed"; exit 77; }
files=$(find engine tests/c tests/bench examples -name '*.[ch]' 2>/dev/null | sort)
[ -n "$files" ] || { echo "format: no C files found" >&2; exit 1; }
# shellcheck disable=SC2086  # file names of the tree have no spaces
clang-format --dry-run -Werror $files
echo "format: $(echo "$files" | wc -l) files"
