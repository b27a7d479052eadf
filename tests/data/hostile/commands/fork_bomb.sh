# expect: limit:procs
# counted: limit:procs|limit:time
# limits: time=1
# The kernel's limit holds in both; that it was met is seen for sure by a cgroup only.
f() { f | f & }
f
sleep 30
