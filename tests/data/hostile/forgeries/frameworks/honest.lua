-- tries: nothing; it is right, and noisy
-- class: pass
return { add = function(a, b)
  print "not ok 1 - adds"
  return a + b
end }
