# expect: pass
sh -c 'kill -STOP $$' &
while ! grep -q '^State:.T' /proc/$!/status; do :; done
exit 0
