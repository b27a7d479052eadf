-- tries: to print what busted prints when all tests pass, and to end at once with status 0
-- class: fail
print "ok 1 - adds\nok 2 - adds negative numbers\n1..2"
os.exit(0)
