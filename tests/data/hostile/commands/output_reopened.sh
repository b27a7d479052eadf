# expect: limit:output
# Through another description of the same pipe.
while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx > /proc/self/fd/1; done
