-- tries: to make the framework tell of failures as of passes
-- class: fail
local busted = require "busted"
local publish = busted.publish
busted.publish = function(what, ...)
  if what[1] == "failure" then return nil end
  return publish(what, ...)
end
package.loaded["luassert.util"].deepcompare = function() return true end
return { add = function() return 0 end }
