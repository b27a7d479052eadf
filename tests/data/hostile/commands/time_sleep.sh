# expect: limit:time
# limits: time=0.1
sleep 1000
