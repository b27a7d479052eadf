# expect: limit:disk
cat /dev/zero > /dev/shm/f
