#!/bin/sh
# Runs a long measurement step by step and writes what came out, with its commands, to
# docs/results/DATE-NAME.md, or, where the outcome is one line, that line to docs/campaigns.md.
# Broken off, it goes on where it was: finished steps are kept in build/campaign/, for one commit
# each.
#
#   sh tools/campaign.sh NAME     repair   sample against refine on 400 tasks, five seeds
#                                 speed    every row of tools/bench.sh, three times
#                                 sim [N]  N simulated histories (100,000), a line of docs/campaigns.md
set -eu
cd "$(dirname "$0")/.."
name=${1:-} count=${2:-100000}

steps() { # lines "id|command"
    case $name in
    repair)
        for seed in 1 2 3 4 5; do
            echo "seed-$seed|build/han bench repair --arms sample,refine --n 400 --seed $seed --db \$state/repair-$seed.db --json"
        done
        ;;
    speed)
        for round in 1 2 3; do echo "round-$round|sh tools/bench.sh"; done
        ;;
    sim)
        from=1
        while [ $from -le "$count" ]; do
            echo "from-$from|build/tests/sim $from $((count - from < 2500 ? count - from + 1 : 2500))"
            from=$((from + 2500))
        done
        ;;
    *)
        echo "usage: sh tools/campaign.sh repair | speed | sim [N]" >&2
        return 2
        ;;
    esac
}
list=$(steps) || exit 2

sh tools/setup.sh
mkdir -p build
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >build/campaign.log 2>&1 &&
    cmake --build build --target programs bench sim >>build/campaign.log 2>&1 || { tail -n 30 build/campaign.log >&2; exit 70; }
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unversioned)
state=build/campaign/$name-$commit
mkdir -p "$state"
total=$(echo "$list" | wc -l)

number=0
echo "$list" | while IFS='|' read -r id command; do
    number=$((number + 1))
    if [ -e "$state/$id.out" ]; then
        echo "campaign: $number/$total $id: done before"
        continue
    fi
    echo "campaign: $number/$total $id: $command"
    from=$(date +%s)
    # shellcheck disable=SC2097,SC2098
    if ! state=$state sh -c "$command" >"$state/$id.part" </dev/null; then
        tail -n 20 "$state/$id.part" >&2
        echo "campaign: $id failed; run this again to go on from here" >&2
        exit 1
    fi
    echo "$(($(date +%s) - from)) s" >"$state/$id.time"
    mv "$state/$id.part" "$state/$id.out"
done

# The sums of lines "seeds=N from=F histories=H ...", as one row of a table.
if [ "$name" = sim ]; then
    sums=$(cat "$state"/from-*.out | awk '/^seeds=/ { for (i = 1; i <= NF; i++) { split($i, p, "="); sum[p[1]] += p[2] } }
        END { printf "%d seeds, %d rows, %d crashes, %d slow, %d late and %d double answers, %d hung; %d failed", sum["seeds"],
            sum["rows"], sum["crashes"], sum["slow"], sum["late"], sum["twice"], sum["hung"], sum["failed"] }')
    seconds=$(cat "$state"/from-*.time | awk '{ sum += $1 } END { print sum }')
    [ -e docs/campaigns.md ] || printf '# Campaigns\n\n| date | command | commit | outcome | seconds |\n|---|---|---|---|---|\n' >docs/campaigns.md
    printf '| %s | `sh tools/campaign.sh sim %s` | %s | %s | %s |\n' "$(date -u +%Y-%m-%d)" "$count" "$commit" "$sums" "$seconds" \
        >>docs/campaigns.md
    echo "campaign: $sums; written to docs/campaigns.md"
    exit 0
fi

mkdir -p docs/results
out=docs/results/$(date -u +%Y-%m-%d)-$name.md
{
    echo "# Campaign $name, $(date -u +%Y-%m-%d), commit $commit"
    echo
    echo "By \`sh tools/campaign.sh $name\` on $(getconf _NPROCESSORS_ONLN) cores, Linux $(uname -r), $(uname -m)."
    echo "$list" | while IFS='|' read -r id command; do
        printf '\n## %s\n\n`%s`, %s\n\n```\n' "$id" "$command" "$(cat "$state/$id.time")"
        cat "$state/$id.out"
        echo '```'
    done
} >"$out.part"
mv "$out.part" "$out"
echo "campaign: written to $out"
