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
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
