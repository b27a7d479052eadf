# expect: limit:memory
# landlock: not there
# limits: disk=512M
# Files of the box are memory, too, where it has a disk of its own.
for i in 1 2 3 4 5 6 7 8 9; do head -c 30000000 /dev/zero > f$i; done
sleep 30
