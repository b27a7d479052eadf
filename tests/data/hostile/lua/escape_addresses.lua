-- Tells addresses from the text of values.
-- candidate: ok  script: done
for _, v in ipairs { {}, print, coroutine.create(print), function() end } do
  assert(not tostring(v):find("0x%x%x%x%x"), tostring(v))
  assert(not ("%s"):format(v):find("0x%x%x%x%x"))
end
return 1
