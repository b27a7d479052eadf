# expect: limit:disk
# landlock: fail
cat /dev/zero > /dev/shm/f
