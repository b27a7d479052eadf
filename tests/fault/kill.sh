#!/bin/sh
# Kills `han bench repair` N times from outside by kill -9, at random instants, each time going on by
# `han resume`; the JSON at the end must be byte for byte that of a bench that nobody disturbed, and
# each cell must be stored once.
#
#   sh tests/fault/kill.sh N [SEED]      HAN=build/han, TASKS=20, BUDGET=shots=8,evals=2000
#
# The instants come from SEED (default 1), spread over the time that one bench takes here.
set -eu
cd "$(dirname "$0")/../.."
kills=${1:?usage: sh tests/fault/kill.sh N [SEED]} seed=${2:-1} tasks=${TASKS:-20}
han=$(realpath "${HAN:-build/han}")
export HAN_PATH="$PWD/scripts"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

bench="$han bench repair --arms sample,refine --n $tasks ${BUDGET:+--budget $BUDGET} --seed 5 --jobs 2 --quiet --json"
now() { date +%s%3N; }
from=$(now)
$bench --db whole.db >whole.json
whole=$(($(now) - from))
echo "kill: $tasks tasks undisturbed in $whole ms"

done_kills=0 ended=0 round=0
while [ $done_kills -lt "$kills" ]; do
    round=$((round + 1))
    instant=$(awk -v s="$seed$round" -v w="$whole" 'BEGIN { srand(s); printf "%.3f", (0.02 + rand() * 0.4 * w / 1000) }')
    if [ -e han.db ] && $han show --last >shown 2>&1; then
        command="$han resume --last --quiet --json"
    else
        command=$bench # it was killed before it was registered: there is nothing to go on with
    fi
    status=0
    timeout -s KILL "$instant" $command >out.json 2>err || status=$?
    case $status in
    137) done_kills=$((done_kills + 1)) ;;
    0) # it has ended: compare, and begin the next one
        cmp whole.json out.json || exit 1
        ended=$((ended + 1))
        rm -f han.db han.db-wal han.db-shm
        ;;
    *)
        echo "kill: round $round ended with status $status" >&2
        cat err >&2
        exit 1
        ;;
    esac
done
[ -e han.db ] && $han show --last >shown 2>&1 || $bench >out.json 2>err
$han resume --last --quiet --json >out.json 2>err || { cat err >&2; exit 1; }
cmp whole.json out.json
cells=$($han corpus query "SELECT count(*) AS cells, count(DISTINCT cell) AS names FROM cell" --json)
want=$($han corpus query "SELECT count(*) AS cells, count(DISTINCT cell) AS names FROM cell" --db whole.db --json)
[ "$cells" = "$want" ] || { echo "kill: cells differ: $cells, $want" >&2; exit 1; }
echo "kill: $tasks tasks${BUDGET:+, $BUDGET}: killed $done_kills times in $round rounds over $((ended + 1)) benches; every result is the undisturbed one"
