#!/bin/sh
# Install what is missing, build, and run every test; the last line is the sum.
#
#   sh tools/test.sh          release build, C tests, Lua specs, checks of the source
#   sh tools/test.sh --full   and sanitizers, a second compiler, valgrind, the long and hostile
#                             suites, statistics against R and scipy
#   sh tools/test.sh --full --coverage   and line and branch coverage of each room
#   sh tools/test.sh -R NAME  only tests whose name matches (passed on to ctest)
#
# A second run installs and rebuilds nothing. Logs stay in build/test-logs.
set -eu
cd "$(dirname "$0")/.."

full=no coverage=no only=
while [ $# -gt 0 ]; do
    case $1 in
    --full) full=yes ;;
    --coverage) coverage=yes ;;
    -R)
        [ $# -gt 1 ] || { echo "test: -R needs a name" >&2; exit 2; }
        only=$2
        shift
        ;;
    *)
        echo "usage: sh tools/test.sh [--full] [--coverage] [-R NAME]" >&2
        exit 2
        ;;
    esac
    shift
done

# A user's own settings must not change what is tested.
unset HAN_PATH HAN_MODEL HAN_FULL HAN_SANDBOX HAN_PROBE_FAIL

passed=0 failed=0 skipped=0 ended=no
finish() {
    ended=yes
    [ $coverage = no ] || sh tools/coverage.sh || failed=$((failed + 1))
    sum="$passed passed, $failed failed"
    [ "$skipped" -eq 0 ] || sum="$sum, $skipped skipped"
    printf '\n%s\n' "$sum"
    if [ "$failed" -gt 0 ] || [ "$passed" -eq 0 ]; then exit 1; fi
    exit 0
}
# This script itself broke off: that is a failure too, and it is said.
broke_off() {
    [ $ended = no ] || return 0
    echo "test: broke off"
    failed=$((failed + 1))
    finish
}
trap broke_off EXIT
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
logs=build/test-logs
mkdir -p "$logs"

# add SECTION PASSED FAILED SKIPPED SECONDS
add() {
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    verdict=ok
    [ "$3" -eq 0 ] || verdict=FAILED
    [ "$3" -eq 0 ] || printf '\n%-28s ' "$1"
    printf '%-6s %s passed, %s failed, %s skipped, %ss\n' "$verdict" "$2" "$3" "$4" "$5"
}

# step SECTION COMMAND...: one pass or one failure; the output is shown when it failed.
step() {
    section=$1
    shift
    log=$logs/$(echo "$section" | tr -c 'a-z0-9\n' '-').log
    from=$(date +%s)
    printf '%-28s ' "$section"
    if "$@" >"$log" 2>&1 </dev/null; then
        add "$section" 1 0 0 $(($(date +%s) - from))
    else
        printf 'FAILED, the end of %s:\n' "$log"
        tail -n 60 "$log"
        add "$section" 0 1 0 $(($(date +%s) - from))
        return 1
    fi
}

# suite SECTION BUILD_DIR CTEST_OPTION...: every test case of a ctest run, with the variables in
# $suite_env set.
suite_env=
suite() {
    section=$1 dir=$2
    shift 2
    log=$logs/$(echo "$section" | tr -c 'a-z0-9\n' '-').log
    from=$(date +%s)
    printf '%-28s ' "$section"
    status=0
    # shellcheck disable=SC2086
    env CMOCKA_MESSAGE_OUTPUT=TAP $suite_env ctest --test-dir "$dir" -V -j "$jobs" --no-tests=error "$@" \
        ${only:+-R "$only"} >"$log" 2>&1 </dev/null || status=$?
    counts=$(lua5.4 tests/count_tests.lua "$log" --failures) || counts="0 1 0"
    if [ "$(echo "$counts" | wc -l)" -gt 1 ]; then
        printf '\n'
        echo "$counts" | sed '$d'
    fi
    # shellcheck disable=SC2046
    set -- $(echo "$counts" | tail -n 1)
    bad=$2
    # ctest unhappy and no case to blame (no test matched, ctest itself failed): still a failure
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        tail -n 20 "$log"
        bad=1
    fi
    add "$section" "$1" "$bad" "$3" $(($(date +%s) - from))
}

# Memory errors that the sanitizers do not see (uninitialised reads): every C test program that
# took less than 0.3 seconds without valgrind, but for those that start or confine processes (the
# valgrind of Debian 12 knows no pidfd_open, and its own memory breaks an address space limit).
starts_processes=' test_store_crash test_run_crash test_examine test_confine test_process test_process_faults test_eval test_eval_client test_api test_scribe test_boxed test_probe test_programs test_hostile test_liars test_hostile_commands test_exec test_call test_post test_io test_secret test_embed_model test_cgroup '
valgrind_quick_tests() {
    section="tests valgrind" good=0 bad=0 from=$(date +%s)
    printf '%-28s ' "$section"
    quick=$(awk '$1 ~ /^test_/ && NF == 3 && $3 < 0.3 {print $1}' build-clang/Testing/Temporary/CTestCostData.txt)
    # and a thousand lives of an engine, whatever they take
    for test in $(printf '%s\n' $quick test_embed | sort -u); do
        [ -x "build-clang/tests/$test" ] || continue
        case $starts_processes in *" $test "*) continue ;; esac
        log=$logs/valgrind-$test.log
        leaks=no
        [ $test != test_embed ] || leaks=full
        if timeout 300 valgrind -q --leak-check=$leaks --errors-for-leak-kinds=definite --error-exitcode=99 --child-silent-after-fork=yes \
            "build-clang/tests/$test" >"$log" 2>&1 </dev/null; then
            good=$((good + 1))
        else
            bad=$((bad + 1))
            printf '\n%s failed under valgrind, the end of %s:\n' "$test" "$log"
            tail -n 30 "$log"
        fi
    done
    [ $((good + bad)) -gt 0 ] || bad=1
    add "$section" $good $bad 0 $(($(date +%s) - from))
}

build() {
    dir=$1
    shift
    cmake -S . -B "$dir" -G Ninja "$@" && cmake --build "$dir" -j "$jobs" ${target:+--target $target}
}
target=

if [ $full = yes ]; then level=--full; else level=--test; fi
if ! sh tools/setup.sh "$level"; then
    failed=1
    finish
fi

step "build release" build build -DCMAKE_BUILD_TYPE=Release || finish

# A container or a chroot may forbid what boxes need. Then what needs one is skipped, and the rest runs at
# the level none, by name, as a user there would have to.
if ! lack=$(build/han doctor --sandbox strong 2>&1); then
    HAN_SANDBOX=none
    export HAN_SANDBOX
    printf '\nNOT TESTED HERE: the sandbox level strong\n%s\n\n' "$lack"
fi
if [ $full = no ]; then
    suite "tests release" build -LE peer
    finish
fi

# -- the long part -------------------------------------------------------------------------------
# In their long form once; the sanitizers below run the short one.
suite_env=HAN_FULL=1
suite "tests release, long form" build
suite_env=

if step "build asan+ubsan" build build-asan -DCMAKE_BUILD_TYPE=Debug -DHAN_SANITIZE=address,undefined; then
    suite_env="ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
    suite "tests asan+ubsan" build-asan -LE check
    suite_env=
fi

threaded='^test_(store|corpus|blob|writer|journal|log|embed)'
target=tests_c
if step "build tsan" build build-tsan -DCMAKE_BUILD_TYPE=Debug -DHAN_SANITIZE=thread; then
    # without the test that forks hundreds of children: it takes minutes under ThreadSanitizer
    suite "tests tsan" build-tsan -R "$threaded" -E test_store_crash
fi
target=

# DWARF 4: the valgrind of Debian 12 cannot read what its clang writes by itself
if step "build clang" build build-clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang \
    -DCMAKE_C_FLAGS_DEBUG="-O1 -gdwarf-4"; then
    suite "tests clang" build-clang -LE "check|spec|peer"
    valgrind_quick_tests
fi

finish
