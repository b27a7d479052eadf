-- Repeats nothing very often.
-- candidate: limit:instructions  script: LIMIT
return #(""):rep(1 << 40)
