# expect: pass
# collect: *
# skipped: out=kind
mkfifo out
