-- Raises the words of a memory error.
-- candidate: runtime  script: SCRIPT
error("not enough memory", 0)
