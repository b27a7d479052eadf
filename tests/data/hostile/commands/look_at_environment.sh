# expect: pass
# not: hostile-test-secret
# out: HOME=/box/work
env
cat /proc/*/environ 2>/dev/null | tr '\0' '\n'
