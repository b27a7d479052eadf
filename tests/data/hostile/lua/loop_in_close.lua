-- Loops in the closing of a variable.
-- candidate: limit:instructions  script: LIMIT
do
  local t <close> = setmetatable({}, { __close = function() while true do end end })
end
return 1
