-- Tells addresses by the format for pointers.
-- candidate: runtime|ok  script: done|SCRIPT
local text = ("%p"):format({})
assert(not text:find("0x%x%x%x%x"), text)
return 1
