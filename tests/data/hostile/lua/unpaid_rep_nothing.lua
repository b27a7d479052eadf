-- Repeats nothing very often.
-- candidate: limit:time|limit:instructions|ok  script: LIMIT|done
return #(""):rep(1 << 40)
