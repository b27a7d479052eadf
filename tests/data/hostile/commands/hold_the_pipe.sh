# expect: pass
# out: done
sleep 1000 &
sleep 1000 >&2 &
echo done
exit 0
