-- Repeats a separator into gigabytes.
-- candidate: limit:memory|limit:instructions  script: LIMIT
return #(""):rep(1 << 30, ("y"):rep(1000))
