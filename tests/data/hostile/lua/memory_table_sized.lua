-- Asks for a table of two thousand million places.
-- candidate: limit:memory|runtime|limit:instructions  script: LIMIT|SCRIPT
return #table.move({ 1 }, 1, 1, 1 << 30, {}), table.pack(table.unpack({}, 1, 1 << 22)).n
