# expect: pass
# landlock: not there
# (without /proc it cannot tell when its child has stopped; hold_the_pipe.sh needs none)
sh -c 'kill -STOP $$' &
while ! grep -q '^State:.T' /proc/$!/status; do :; done
exit 0
