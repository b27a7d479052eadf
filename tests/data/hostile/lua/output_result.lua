-- Returns more than fits.
-- candidate: limit:output|value|limit:memory  script: SCRIPT|LIMIT
return ("r"):rep(6 << 20)
