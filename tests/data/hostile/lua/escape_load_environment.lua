-- Loads code with an environment of its own.
-- candidate: limit:instructions  script: LIMIT
return load("while true do end", "x", "t", {})()
