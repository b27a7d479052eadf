# expect: limit:memory
# A child runs out of memory, the parent says that all is well.
(x=x; while :; do x=$x$x; done) 2>/dev/null
exit 0
