-- Captures deeper than the matcher goes.
-- candidate: runtime  script: SCRIPT
return ("x"):find(("("):rep(40) .. "x" .. (")"):rep(40))
