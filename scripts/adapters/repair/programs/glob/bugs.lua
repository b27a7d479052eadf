-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "a star that failed starts again where the name stopped", kind = "state", fn = "M.segment",
    find = "      mark = mark + 1\n      p, n = star + 1, mark",
    replace = "      p, n = star + 1, n + 1" },
  { title = "the first rule that matches decides", kind = "order", fn = "M.pick",
    find = "    local chosen = false\n    for _, rule in ipairs(ready) do",
    replace = "    local chosen = false\n    for k = #ready, 1, -1 do\n      local rule = ready[#ready - k + 1]\n"
      .. "      if chosen then\n        break\n      end" },
}
