#!/bin/sh
# tries: nothing; it is right as long as it finds nothing that an earlier case left
# class: pass
for folder in . /tmp /box /dev/shm /var/tmp "$HOME"; do
    [ ! -e "$folder/kept" ] || exit 9
    echo kept >"$folder/kept"
done 2>/dev/null
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
