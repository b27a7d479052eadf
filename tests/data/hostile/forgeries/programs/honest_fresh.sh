#!/bin/sh
# tries: nothing; it is right as long as it finds nothing that an earlier case left
# class: pass
folders=". /tmp /box /dev/shm /var/tmp $HOME"
for folder in $folders; do
    [ ! -e "$folder/kept" ] || exit 9
done
kept=0
for folder in $folders; do
    echo kept 2>/dev/null >"$folder/kept" && kept=$((kept + 1))
done
[ "$kept" -ge 2 ] || exit 8 # else nothing was shown
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
