# expect: limit:cpu
# limits: cpu=0.15
# Each of them uses little, and they end.
while :; do (i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done); done
