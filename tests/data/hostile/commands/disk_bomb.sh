# expect: limit:disk
i=0
while head -c 1000000 /dev/zero > f$i; do i=$((i + 1)); done
exit 0
