# expect: pass
# collect: *
# skipped: out=size
truncate -s 7M out
