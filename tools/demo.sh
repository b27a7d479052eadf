#!/bin/sh
# From a fresh Debian 12 to a measured comparison and a learning curve: installs what is missing, builds, runs
# `han bench repair`, then a short `han improve binpack` whose page it writes to improve.html, with no key and no network.
# Options are passed on to han bench.
#
#   sh tools/demo.sh [--seed 7] [--n 60] ...
#
# Every attempt is stored in han.db here. A second run installs and rebuilds nothing.
set -eu
cd "$(dirname "$0")/.."

sh tools/setup.sh
mkdir -p build
log=build/demo.log
echo "demo: building (the log is $log)"
if ! { cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release && cmake --build build --target programs; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "demo: the build failed; the lines above say why" >&2
    exit 70
fi
[ -x build/han ] || { echo "demo: build/han was not built, see $log" >&2; exit 70; }

# Where the machine forbids boxes (a container, a chroot) nothing is run in their stead but by name.
sandbox=
if [ -z "${HAN_SANDBOX:-}" ] && ! lack=$(build/han doctor --sandbox strong 2>&1); then
    echo "demo: $lack"
    echo "demo: candidate code will run WITHOUT A SANDBOX: --sandbox none"
    sandbox="--sandbox none "
fi

jobs=$(nproc 2>/dev/null || echo 1)
echo "demo: build/han bench repair --arms sample,refine --n 40 --jobs $jobs $sandbox$*"
status=0
# shellcheck disable=SC2086
build/han bench repair --arms sample,refine --n 40 --jobs "$jobs" --db han.db $sandbox "$@" || status=$?
[ $status -eq 0 ] || exit $status

# A gate takes no verdict that was made outside a box, so without one there is nothing to show.
echo
if [ -n "$sandbox" ] || [ "${HAN_SANDBOX:-}" = none ]; then
    echo "demo: no han improve here: nothing may be promoted that was measured without a sandbox"
else
    echo "demo: build/han improve binpack --rounds 2 --n 4 --candidates 3 --jobs $jobs -o improve.html"
    build/han improve binpack --rounds 2 --n 4 --candidates 3 --jobs "$jobs" --db han.db -o improve.html || status=$?
    [ $status -eq 0 ] || exit $status
fi

cat <<'TEXT'

What to try next
  build/han show --last                      what every cell did
  build/han show --last CELL                 one of them: its tree, attempts and findings
  build/han corpus stats                     what han.db holds now
  build/han new strategy mine                a strategy file of your own, then
  build/han script mine.lua --adapter repair --n 5
  build/han bench repair --arms sample,mine  your strategy against the blind control
  build/han lineage --diff                   what han improve learnt, and why the rest was refused
  build/han --help                           every command; each has --help with an example
TEXT
