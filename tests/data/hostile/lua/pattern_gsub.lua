-- Replaces with a pattern that backtracks at every place.
-- candidate: limit:instructions  script: LIMIT
return (("a"):rep(5000)):gsub("a*a*a*a*b", "x")
