#!/bin/sh
# tries: the right output with another status
# class: fail
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
exit 1
