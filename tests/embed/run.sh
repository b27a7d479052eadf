#!/bin/sh
# Installs han into an empty prefix and uses it as a stranger would: the examples are built against the
# installed header and libraries, by pkg-config and by find_package, and run; the header goes through a
# C++ compiler; the prefix is moved. Usage: sh tests/embed/run.sh BUILD_DIR (in the root).
set -eu
build=${1:?usage: run.sh BUILD_DIR}
build=$(cd "$build" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

ok() { # NAME, then a command: it must end with 0
    name=$1
    shift
    if "$@" >"$tmp/out" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name: $*"
        sed 's/^/    /' "$tmp/out"
    fi
}

says() { # NAME, TEXT, then a command that must print TEXT
    name=$1 text=$2
    shift 2
    ok "$name" "$@"
    if ! grep -qF -- "$text" "$tmp/out"; then
        failed=$((failed + 1))
        echo "FAILED $name: does not print '$text'"
    fi
}

ok install cmake --install "$build" --prefix "$tmp/first"
mv "$tmp/first" "$tmp/moved"
prefix=$tmp/moved
libs=$(dirname "$(find "$prefix" -name libhan.so | head -n 1)")
PKG_CONFIG_PATH=$libs/pkgconfig
LD_LIBRARY_PATH=$libs
export PKG_CONFIG_PATH LD_LIBRARY_PATH

says version "han " "$prefix/bin/han" --version
says soname "libhan.so.0" readelf -d "$libs/libhan.so"
mkdir "$tmp/bin"
for example in examples/*.c; do
    host=$(basename "$example" .c)
    # shellcheck disable=SC2046
    ok "pkg-config $host" cc -std=gnu11 -Wall -Wextra -Werror -o "$tmp/bin/$host" "$example" $(pkg-config --cflags --libs han)
    ok "run $host" "$tmp/bin/$host"
done
# shellcheck disable=SC2046
ok "pkg-config arena" cc -std=gnu11 -Wall -Wextra -Werror -o "$tmp/bin/arena" examples/arena/*.c $(pkg-config --cflags --libs han)
says "run arena" '"score":' "$tmp/bin/arena" --headless --matches 2
says minimal '{"sum":385}' "$tmp/bin/embed_minimal"

ok "find_package configures" cmake -S tests/embed/package -B "$tmp/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DEXAMPLES="$(pwd)/examples"
ok "find_package builds" cmake --build "$tmp/cmake"
says "shared by cmake" '{"sum":385}' "$tmp/cmake/embed_minimal"
says "static by cmake" '{"sum":385}' env -u LD_LIBRARY_PATH "$tmp/cmake/minimal_static"

printf '#include <han.h>\n#include <han.h>\nint main() { return han_version()[0] == 0; }\n' >"$tmp/host.cc"
if command -v c++ >/dev/null; then
    # shellcheck disable=SC2046
    ok "C++ header" c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -o "$tmp/bin/cxx" "$tmp/host.cc" \
        $(pkg-config --cflags --libs han)
    ok "C++ host" "$tmp/bin/cxx"
else
    echo "embed: no C++ compiler here, the header was not checked with one"
fi

# What runs is small, and a family that is installed as a bundle is the family of the source.
cmake --install "$build" --prefix "$tmp/small" --component engine --strip >/dev/null
size=$(find "$tmp/small" -type f -exec cat {} + | wc -c)
echo "installed: $size bytes"
ok "at most 3 MB installed" [ "$size" -le 3000000 ]
digest() { # PROGRAM
    "$1" bench repair --arms sample --n 1 --seed 4 --quiet --json --db "$tmp/digest.db" >/dev/null 2>&1
    "$1" corpus query "SELECT hex(digest) AS d FROM bench" --json --db "$tmp/digest.db"
    rm -f "$tmp"/digest.db*
}
digest "$tmp/small/bin/han" >"$tmp/installed"
digest "$build/han" >"$tmp/source"
ok "the same digest" cmp "$tmp/installed" "$tmp/source"
ok "a digest" grep -q '[0-9A-F]\{64\}' "$tmp/source"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
