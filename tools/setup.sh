#!/bin/sh
# Install the Debian packages that han needs, and only those that are missing.
#
#   sh tools/setup.sh           what a build needs
#   sh tools/setup.sh --test    and what the tests need
#   sh tools/setup.sh --full    and what the long tests need (a second compiler, valgrind, peers)
#   sh tools/setup.sh --list    print the packages of that level and install nothing
#
# Run it as root or as a user with sudo. A second run installs nothing and says so.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config lua5.4 liblua5.4-dev lua-lpeg lua-argparse
libuv1-dev libsqlite3-dev libjansson-dev libzstd-dev zlib1g-dev libcurl4-openssl-dev libcmocka-dev bubblewrap libseccomp-dev"
test="lua-busted lua-check clang-format python3 python3-pytest"
full="clang libclang-rt-14-dev valgrind luarocks python3-scipy r-base-core nodejs chromium fonts-dejavu-core"

packages=$build
list=no
for option in "$@"; do
    case $option in
    --test) packages="$packages $test" ;;
    --full) packages="$packages $test $full" ;;
    --list) list=yes ;;
    *)
        echo "usage: sh tools/setup.sh [--test | --full] [--list]" >&2
        exit 2
        ;;
    esac
done
# word splitting is meant in all uses of $packages and $missing
# shellcheck disable=SC2086
if [ "$list" = yes ]; then
    printf '%s\n' $packages
    exit 0
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "setup: this script knows Debian's packages only; install these by hand: $packages" >&2
    exit 78
fi

# A package counts as installed when dpkg says so, or when what it brings is on the machine
# already from elsewhere (a compiler or Node of one's own).
have_package() {
    case $1 in
    nodejs) command -v node >/dev/null && return 0 ;;
    esac
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) in
    ii*) return 0 ;;
    esac
    return 1
}

missing=
for package in $packages; do
    have_package "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "setup: all packages are there, nothing to install"
    exit 0
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: missing:$missing" >&2
        echo "setup: run this as root, or install sudo" >&2
        exit 78
    fi
    sudo=sudo
fi
echo "setup: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Output is kept back and shown on failure only.
run_apt() {
    # shellcheck disable=SC2086
    if ! $sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y "$@" >"$log" 2>&1 </dev/null; then
        tail -n 40 "$log" >&2
        echo "setup: apt-get $1 failed; the lines above say why" >&2
        return 1
    fi
}
run_apt update || exit 70
# shellcheck disable=SC2086
run_apt install --no-install-recommends $missing || exit 70
for package in $missing; do
    if ! have_package "$package"; then
        echo "setup: $package is still missing after apt-get install" >&2
        exit 70
    fi
done
echo "setup: done"
