#!/bin/sh
# Every C file is as clang-format writes it. Usage: sh tests/check_format.sh (in the root).
# To repair: clang-format -i FILE...
set -eu
command -v clang-format >/dev/null || { echo "format: clang-format is not installed"; exit 77; }
files=$(find engine tests/c tests/bench examples -name '*.[ch]' 2>/dev/null | sort)
[ -n "$files" ] || { echo "format: no C files found" >&2; exit 1; }
status=0
for file in $files; do
    # the first place is enough; clang-format prints the line it would change
    first=$(clang-format --dry-run -Werror "$file" 2>&1 | head -n 1)
    [ -z "$first" ] || { echo "$first"; status=1; }
done
echo "format: $(echo "$files" | wc -l) files"
exit $status
