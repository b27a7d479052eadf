# expect: limit:output|pass
# They go on when it has ended with 0: what is over first is told, and nobody is left.
for i in 1 2 3 4 5 6; do (yes "$i" &) ; done
exit 0
