-- Prints escape sequences that would rename a terminal.
-- candidate: ok  script: done
print("\27]0;owned\7\27[2J\r\b\b\b", "\u{202e}", "\xff\xfe", "\0")
return 1
