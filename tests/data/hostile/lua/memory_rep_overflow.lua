-- Repeats a text beyond the size of memory.
-- candidate: limit:instructions|runtime  script: LIMIT|SCRIPT
return #("xy"):rep(math.maxinteger)
