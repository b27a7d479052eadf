-- Loads source nested deeper than the compiler goes.
-- candidate: runtime  script: SCRIPT
return assert(load("return " .. ("("):rep(100000) .. "1" .. (")"):rep(100000)))()
