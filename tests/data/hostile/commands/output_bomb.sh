# expect: limit:output
yes
