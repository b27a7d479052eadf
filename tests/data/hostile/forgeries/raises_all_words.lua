-- tries: an error that holds every word which an error could want, at every call
-- class: fail
local words = {}
for _, word in ipairs { "nil", "attempt to", "a number value", "bad argument", "zero", "must not be", "0" } do
  words[#words + 1] = word
end
return setmetatable({}, { __index = function() return function() error(table.concat(words, " "), 0) end end })
