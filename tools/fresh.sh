#!/bin/sh
# Proves the two commands of the README on a machine that has nothing: makes bare Debian 12 roots
# in a temporary folder, copies this checkout in and runs tools/demo.sh and tools/test.sh there,
# once as root and once as a user with sudo, each twice. The second run must install nothing and
# rebuild nothing.
#
#   sh tools/fresh.sh [--keep] [--as root|user] [--run demo|test] [--full]
#
# --keep leaves the roots in place, --as and --run do only that part, --full runs test.sh --full.
# Needs root and debootstrap; the mirror is the one that apt uses here.
set -eu
cd "$(dirname "$0")/.."

keep=no who="root user" what="demo test" full=
while [ $# -gt 0 ]; do
    case $1 in
    --keep) keep=yes ;;
    --full) full=--full ;;
    --as | --run)
        [ $# -gt 1 ] || { echo "fresh: $1 needs a value" >&2; exit 2; }
        if [ "$1" = --as ]; then who=$2; else what=$2; fi
        shift
        ;;
    *)
        echo "usage: sh tools/fresh.sh [--keep] [--as root|user] [--run demo|test] [--full]" >&2
        exit 2
        ;;
    esac
    shift
done
[ "$(id -u)" -eq 0 ] || { echo "fresh: run this as root" >&2; exit 78; }
for program in debootstrap unshare git; do
    command -v $program >/dev/null || { echo "fresh: install $program first" >&2; exit 78; }
done

suite=bookworm
repositories=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite=$suite '$2 ~ "^" suite && $3 == "main"' | sort -u)
mirror=$(echo "$repositories" | awk -v suite=$suite '$2 == suite { print $1; exit }')
[ -n "$mirror" ] || { echo "fresh: apt knows no mirror of $suite here; run apt-get update" >&2; exit 78; }

top=$(mktemp -d "${TMPDIR:-/tmp}/han-fresh.XXXXXX")
passed=0 failed=0
clean() {
    if [ $keep = yes ]; then echo "fresh: kept $top"; else rm -rf --one-file-system "$top"; fi
}
trap clean EXIT
trap "exit 130" INT TERM

check() { # TEXT COMMAND...
    text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok      $text"
    else
        failed=$((failed + 1))
        echo "FAILED  $text"
    fi
}

echo "fresh: making a bare $suite root"
extra=
case $mirror in https:*) extra=--include=ca-certificates ;; esac
# shellcheck disable=SC2086
debootstrap --variant=minbase $extra $suite "$top/base" "$mirror" >"$top/debootstrap.log" 2>&1 || {
    tail -n 20 "$top/debootstrap.log" >&2
    exit 70
}
echo "$repositories" | sed 's/^/deb /' >"$top/base/etc/apt/sources.list"
# how apt reaches its mirror here (a proxy, say) holds inside too
grep -lE '^Acquire' /etc/apt/apt.conf.d/* 2>/dev/null | while read -r file; do
    cp "$file" "$top/base/etc/apt/apt.conf.d/"
done
cp /etc/resolv.conf /etc/hosts "$top/base/etc/" 2>/dev/null || true
rm -rf "$top/base/var/cache/apt/archives"/*.deb "$top/base/var/lib/apt/lists"/*

# inside ROOT COMMAND: in the root, with a /proc of its own and without this shell's environment
inside() {
    inside_root=$1
    shift
    unshare --mount --pid --fork --mount-proc="$inside_root/proc" \
        chroot "$inside_root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        LANG=C.UTF-8 TERM=dumb "$@" </dev/null
}

# built ROOT DIR STAMP: compiled files newer than STAMP
built() {
    find "$1$2/build" -newer "$3" -type f \( -name '*.o' -o -name '*.a' -o -name '*.so*' -o -perm -u+x \) 2>/dev/null
}

as() { # WHO COMMAND: runs it in the checkout
    if [ "$1" = root ]; then
        inside "$root" sh -c "cd $home && $2"
    else
        inside "$root" su - dev -c "cd $home && $2"
    fi
}

run_twice() { # WHO
    one=$1 root=$top/$1 home=/root/han
    cp -a "$top/base" "$root"
    if [ "$one" = user ]; then
        home=/home/dev/han
        inside "$root" sh -c 'apt-get -q update && apt-get -q -y install --no-install-recommends sudo &&
            useradd -m -s /bin/sh dev && echo "dev ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/dev' \
            >"$top/sudo.log" 2>&1 || { tail "$top/sudo.log"; return 1; }
    fi
    check "$one: the root has no compiler and no Lua" test ! -e "$root/usr/bin/gcc" -a ! -e "$root/usr/bin/lua5.4"
    mkdir -p "$root$home"
    git ls-files -z | tar --create --null --files-from=- | tar --extract --directory "$root$home"
    [ "$one" = root ] || inside "$root" chown -R dev:dev "$home"
    for turn in first second; do
        for script in $what; do
            log=$top/$one-$script-$turn.log
            stamp=$top/stamp
            touch "$stamp"
            sleep 1 # files made in the same second must not look older than the stamp
            from=$(date +%s)
            # the first demonstration is whole, the others only short
            option=$full
            if [ "$script" = demo ]; then
                option=
                [ $shown = no ] || option="--n 4"
                shown=yes
            fi
            status=0
            as "$one" "sh tools/$script.sh $option" >"$log" 2>&1 || status=$?
            [ $status -eq 0 ] || tail -n 40 "$log"
            check "$one: $turn run of $script.sh ($(($(date +%s) - from)) s): $(tail -n 1 "$log")" test $status -eq 0
            if [ $turn = second ]; then
                check "$one: $script.sh installed nothing" grep -q 'nothing to install' "$log"
                new=$(built "$root" "$home" "$stamp")
                check "$one: $script.sh rebuilt nothing${new:+, but: $new}" test -z "$new"
            fi
        done
    done
}

shown=no
for one in $who; do
    run_twice "$one" || failed=$((failed + 1))
done
printf '\n%s passed, %s failed\n' $passed $failed
[ $failed -eq 0 ] && [ $passed -gt 0 ]
