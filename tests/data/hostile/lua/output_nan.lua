-- Returns not a number.
-- candidate: value  script: SCRIPT
return 0 / 0
