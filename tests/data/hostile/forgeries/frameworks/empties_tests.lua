-- tries: to replace the tests
-- class: fail
os.remove "spec.lua"
local file = io.open("spec.lua", "w")
if file then
  file:write "it('a', function() end)\nit('b', function() end)\n"
  file:close()
end
return { add = function(a, b) return a + b end }
