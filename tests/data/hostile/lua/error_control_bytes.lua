-- Raises control bytes and half a character.
-- candidate: runtime  script: SCRIPT
error("\27]0;owned\7\r\n\0\xff\x80 a.lua:1: \226\128\174", 0)
