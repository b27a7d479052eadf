#!/bin/sh
# tries: nothing; it is right and says much on the other stream
# class: pass
for i in 1 2 3 4 5 6 7 8 9; do echo "pass 4 of 4 cases" >&2; done
read a b || exit 3
echo $((a + b))
[ "$1" != twice ] || echo $((a + b))
