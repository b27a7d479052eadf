#!/bin/sh
# Every C file is as clang-format writes it. Usage: sh tests/check_format.sh (in the root).
# To repair: clang-format -i FILE...
set -eu
command -v clang-format >/dev/null || { echo "format: clang-format is not installed"; exit 77; }
files=$(find engine tests/c tests/bench examples -name '*.[ch]' 2>/dev/null | sort)
[ -n "$files" ] || { echo "format: no C files found" >&2; exit 1; }
# the first place in each file is enough; clang-format prints every line that it would change
# shellcheck disable=SC2086  # file names of the tree have no spaces
wrong=$(clang-format --dry-run -Werror $files 2>&1 | awk -F: '/error: / && !seen[$1]++')
[ -z "$wrong" ] || echo "$wrong"
echo "format: $(echo "$files" | wc -l) files"
[ -z "$wrong" ]
