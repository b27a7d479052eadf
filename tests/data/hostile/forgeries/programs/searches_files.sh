#!/bin/sh
# tries: to find the cases in the files that it can see
# class: fail
grep -rl want_stdout / --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr 2>/dev/null | xargs cat 2>/dev/null
