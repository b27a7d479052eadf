# expect: pass
# not: hostile-test-secret
# out: HOME=/
env
cat /proc/*/environ 2>/dev/null | tr '\0' '\n'
