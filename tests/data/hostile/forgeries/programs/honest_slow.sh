#!/bin/sh
# tries: nothing; it is right and takes its time
# class: pass
sleep 0.1
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
