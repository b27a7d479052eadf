-- Gives text another metatable.
-- candidate: runtime  script: SCRIPT
return setmetatable("", { __index = error })
