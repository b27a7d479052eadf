# expect: limit:time
# limits: time=0.15
kill -STOP $$
