#!/bin/sh
# Runs simulated histories, 200, or 2,000 with HAN_FULL=1; then looks whether the harness notices
# each way in which it can be made wrong. TAP.
#
#   sh tests/sim/run.sh PROGRAM
set -u
program=$1 count=200 number=0 bad=0
[ -z "${HAN_FULL:-}" ] || count=2000
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
said=$TMPDIR/said

ok() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        bad=1
        echo "not ok $number - $2"
        sed 's/^/# /' "$said"
    fi
}

echo 1..6
"$program" 1 $count >"$said" 2>&1
ok $? "$count histories keep what they promise"
sed -n 's/^seeds=/# seeds=/p' "$said"
number_of_break=0
for name in "a rest that is not returned" "an order by the clock on the wall" "rows shown before they are durable" \
    "a spend journaled twice" "a row that is lost"; do
    number_of_break=$((number_of_break + 1))
    "$program" 1 60 --break $number_of_break >"$said" 2>&1
    status=$?
    # a build with assertions may notice it earlier
    { [ $status -eq 1 ] && grep -q '^seed [0-9]*: ' "$said"; } || grep -q 'Assertion .* failed' "$said"
    ok $? "notices $name"
done
exit $bad
