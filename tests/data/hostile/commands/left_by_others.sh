# expect: pass
# not: NOTE
for d in /tmp /dev/shm /box /box/work /dev / . .. ../.. "$TMPDIR"; do [ -e $d/hostile-note ] && echo "NOTE in $d"; done
[ "$(stat -c %a ..)" = 755 ] || echo "NOTE in modes"
exit 0
