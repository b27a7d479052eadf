# expect: pass
# What this leaves behind must not be there for left_by_others, which runs later.
for d in /tmp /dev/shm /box /box/work /dev / . .. ../.. "$TMPDIR"; do (echo note > $d/hostile-note) 2>/dev/null; done
chmod 777 ..
exit 0
