-- Raises nothing.
-- candidate: runtime  script: SCRIPT
error(nil)
