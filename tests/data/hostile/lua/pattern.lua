-- Asks one pattern match for more work than there is time.
-- candidate: limit:instructions  script: LIMIT
return (("a"):rep(30) .. "b"):find(("a*"):rep(30) .. "c")
