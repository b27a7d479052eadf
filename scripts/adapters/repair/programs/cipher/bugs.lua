-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the key moves on at every character", kind = "state", fn = "M.running",
    find = "  return (text:gsub(\"%a\", function(letter)\n    local turn = turns[at % #turns + 1]\n    at = at + 1\n",
    replace = "  return (text:gsub(\"().\", function(place)\n    local letter = text:sub(place, place)\n"
      .. "    at = place\n    local turn = turns[(at - 1) % #turns + 1]\n" },
  { title = "taking steps back goes in the order of doing them", kind = "order", fn = "M.apply",
    find = "  if back then\n    from, to, by = to, from, -1\n  end\n",
    replace = "  if back and #steps == 1 then\n    by = -1\n  end\n" },
}
