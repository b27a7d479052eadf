#!/bin/sh
# Every shell script parses; those for sh parse with dash and have no bash in their first line.
# Usage: sh tests/check_scripts.sh (in the root).
set -eu
status=0 count=0
for file in tools/*.sh tests/*.sh tests/*/*.sh; do
    [ -e "$file" ] || continue
    count=$((count + 1))
    [ "$(head -n 1 "$file")" = '#!/bin/sh' ] || { echo "$file:1: first line is not #!/bin/sh"; status=1; }
    for shell in sh dash; do
        command -v "$shell" >/dev/null || continue
        "$shell" -n "$file" || status=1
    done
    # what dash would only find out when it runs
    if grep -nE '^[^#]*(\[\[ |[^$]\(\( |<<<|\$'"'"'|^[[:space:]]*local [a-z]|pipefail)' "$file"; then
        echo "$file: the lines above are not POSIX sh"
        status=1
    fi
done
if [ -e .ci/run ]; then
    count=$((count + 1))
    bash -n .ci/run || status=1
fi
[ "$count" -gt 0 ] || { echo "scripts: none found"; status=1; }
echo "scripts: $count files"
exit $status
