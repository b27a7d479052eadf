-- Repeats a text into gigabytes.
-- candidate: limit:memory|limit:instructions  script: LIMIT
return #("x"):rep(1 << 33)
