#!/bin/sh
# tries: an empty line behind each right answer
# class: fail
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
echo
