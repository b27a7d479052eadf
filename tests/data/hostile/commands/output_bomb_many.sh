# expect: limit:output
for i in 1 2 3 4 5 6; do (yes "$i" &) ; done
exit 0
