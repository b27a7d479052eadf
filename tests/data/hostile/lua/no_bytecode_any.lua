-- Loads code of the machine as text or not.
-- candidate: runtime  script: SCRIPT
return assert(load("\27LuaT\0" .. ("\0"):rep(100), "x", "bt"))()
