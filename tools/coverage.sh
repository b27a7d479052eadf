#!/bin/sh
# Line and branch coverage of each room of the engine, by gcov, over the C tests and Lua specs.
# Usage: sh tools/coverage.sh [-v]   with -v also each file, worst first.
set -eu
cd "$(dirname "$0")/.."
dir=build-coverage
log=$dir/coverage.log
mkdir -p $dir
cmake -S . -B $dir -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=--coverage \
    -DCMAKE_EXE_LINKER_FLAGS=--coverage -DCMAKE_SHARED_LINKER_FLAGS=--coverage >$log 2>&1 &&
    cmake --build $dir >>$log 2>&1 || { tail -n 30 $log >&2; exit 70; }
find $dir -name '*.gcda' -delete
ctest --test-dir $dir -LE check -j 2 >>$log 2>&1 || echo "coverage: some tests failed, see $log"

find $dir -name '*.gcno' -path '*engine*' -print0 | xargs -0 -r gcov -n -b 2>/dev/null |
    awk -v root="$PWD/" -v verbose="${1:-}" '
    /^File / {
        file = $0; sub(/^File ./, "", file); sub(/.$/, "", file); sub(root, "", file)
        own = file ~ /^engine\/.*\.c$/
    }
    own == 1 && /^Lines executed/ { own = 2;  split($0, a, /[:% ]+/); lines[file] = a[5]; hit[file] = a[3] * a[5] / 100 }
    own && /^Taken at least once/ { n = $NF; p = $0; sub(/^.*once:/, "", p); sub(/%.*/, "", p)
        branches[file] = n; taken[file] = p * n / 100 }
    END {
        for (file in lines) {
            room = file; sub(/^engine\//, "", room)
            if (!sub(/\/.*/, "", room)) room = "(engine)"
            L[room] += lines[file]; H[room] += hit[file]; B[room] += branches[file]; T[room] += taken[file]
            l += lines[file]; h += hit[file]; b += branches[file]; t += taken[file]
            if (verbose == "-v") printf "2 %6.1f %% lines %6.1f %% branches  %s\n", 100 * hit[file] / lines[file],
                branches[file] ? 100 * taken[file] / branches[file] : 100, file
        }
        for (room in L) printf "0 %-10s %6.1f %% of %5d lines  %6.1f %% of %5d branches\n", room,
            100 * H[room] / L[room], L[room], B[room] ? 100 * T[room] / B[room] : 100, B[room]
        if (l) printf "1 %-10s %6.1f %% of %5d lines  %6.1f %% of %5d branches\n", "all", 100 * h / l, l, b ? 100 * t / b : 100, b
    }' | sort | cut -c 3-
