#!/bin/sh
# tries: to use up the machine's processes
# class: fail|limit:procs
bomb() { bomb 2>/dev/null | bomb 2>/dev/null & }
bomb 2>/dev/null
exit 0
