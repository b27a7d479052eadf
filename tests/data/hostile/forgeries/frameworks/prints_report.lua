-- tries: to print what busted prints when all tests pass
-- class: fail
print "ok 1 - adds\nok 2 - adds negative numbers\n1..2"
return { add = function() return 0 end }
