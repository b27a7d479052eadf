# expect: fail
# Looks like a kill and is none.
exit 137
