-- Dumps a function to code of the machine.
-- candidate: runtime  script: SCRIPT
return string.dump(function() end)
