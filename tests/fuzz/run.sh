#!/bin/sh
# Builds the fuzz targets of this folder with clang's libFuzzer, ASan and UBSan, and runs each.
#
#   sh tests/fuzz/run.sh [SECONDS [TARGET...]]     default: 60 seconds each, all targets
#
# Starts from tests/fuzz/corpus/TARGET and from tests/data/streams; what is found is kept in
# build/fuzz/TARGET and not in the tree. One line for each target; the exit status is 1 when one
# failed. 77: there is no clang, or it has no libFuzzer, or HAN_FULL is not set (it is a long test; run it
# with HAN_FULL=1).
set -eu
[ -n "${HAN_FULL:-}" ] || {
    echo "fuzz: 60 seconds each; only in the long form (HAN_FULL=1)"
    exit 77
}
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=${*:-sse reply body}
out=build/fuzz
mkdir -p $out
echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n); int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n > 9; }' >$out/probe-$$.c
if ! clang -fsanitize=fuzzer,address,undefined $out/probe-$$.c -o $out/probe-$$ 2>/dev/null; then
    echo "fuzz: clang with libFuzzer is not here (Debian: clang, libclang-rt-14-dev)"
    exit 77
fi
rm -f $out/probe-$$ $out/probe-$$.c
failed=0
for target in $targets; do
    clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Iengine -std=c11 \
        tests/fuzz/fuzz_"$target".c engine/model/sse.c engine/model/json.c engine/model/reply*.c \
        engine/base/buf.c engine/base/mem.c engine/base/error.c engine/base/utf8.c -o $out/fuzz_"$target"
    mkdir -p $out/"$target"
    # seeds: whole streams, with a first byte that says the dialect
    for file in tests/data/streams/*.sse tests/data/streams/*.json; do
        case $file in *.chat.*) byte='\000' ;; *.responses.*) byte='\001' ;; *) byte='\002' ;; esac
        # shellcheck disable=SC2059
        { printf "$byte"; cat "$file"; } >$out/"$target"/seed-"$(basename "$file")"
    done
    status=0
    $out/fuzz_"$target" -max_total_time="$seconds" -timeout=10 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix=$out/"$target"- $out/"$target" tests/fuzz/corpus/"$target" >$out/"$target".log 2>&1 || status=$?
    runs=$(awk '/number_of_executed_units/ { print $2 }' $out/"$target".log)
    if [ $status -eq 0 ]; then
        echo "fuzz $target: ok, ${runs:-?} executions in $seconds s"
    else
        failed=1
        echo "fuzz $target: FAILED, the end of $out/$target.log:"
        tail -n 30 $out/"$target".log
    fi
done
exit $failed
