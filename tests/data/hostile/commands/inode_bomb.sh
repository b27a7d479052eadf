# expect: limit:disk
i=0
while : > f$i; do i=$((i + 1)); done
exit 0
