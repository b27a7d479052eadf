-- Loops for ever without a loop statement.
-- candidate: limit:instructions  script: LIMIT
::again:: goto again
