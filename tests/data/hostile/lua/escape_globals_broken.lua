-- Takes the functions away that the harness might use.
-- candidate: ok  script: done
for name in pairs(_G) do if name ~= "_G" then _G[name] = nil end end
return 1
