-- Requires modules of the machine.
-- candidate: runtime  script: SCRIPT
return require "io" or require "os"
