-- Replaces each character by a megabyte.
-- candidate: limit:memory|limit:instructions  script: LIMIT
return #(("x"):rep(100000):gsub(".", ("y"):rep(1 << 20)))
