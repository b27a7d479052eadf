-- Loads code of the machine.
-- candidate: runtime  script: SCRIPT
return assert(load("\27LuaS\0\25\147\r\n\26\n", "x", "b"))()
