# expect: fail
# collect: *
# skipped: none
ln /usr/bin/env out
