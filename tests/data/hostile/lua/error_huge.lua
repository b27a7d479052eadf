-- Raises an error of megabytes.
-- candidate: runtime|limit:output  script: SCRIPT|LIMIT
error(("e"):rep(3 << 20))
