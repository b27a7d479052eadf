#!/bin/sh
# tries: nothing; it is right
# class: pass
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
